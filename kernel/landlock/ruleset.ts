// A ruleset in the making and the descriptor that holds it (landlock_create_ruleset(2)); landlock_restrict_self copies it.
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { Inode } from '../fs/inode.ts';
import type { Handled, Rules } from './domain.ts';

export class RulesetFile extends FileDescriptor {
  readonly kind = 'landlock-ruleset';
  override readonly inode: Inode;
  readonly handled: Handled;
  readonly #inodes = new Map<Inode, number>();
  readonly #ports = new Map<number, number>();

  constructor(inode: Inode, handled: Handled) {
    super();
    this.inode = inode;
    this.handled = handled;
  }

  /** What was given before stays given. */
  allowBeneath(inode: Inode, access: number): void {
    this.#inodes.set(inode, (this.#inodes.get(inode) ?? 0) | access);
  }

  allowPort(port: number, access: number): void {
    this.#ports.set(port, (this.#ports.get(port) ?? 0) | access);
  }

  /** As they are now. */
  get rules(): Rules {
    return { inodes: new Map(this.#inodes), ports: new Map(this.#ports) };
  }
}
