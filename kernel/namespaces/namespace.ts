// What all namespaces have in common (namespaces(7)): a kind, a number, and the user namespace that owns them.
// Each kind's own state is in a class beside what it separates (net/net-namespace.ts …); set.ts says who is in which.
// A namespace lives as long as something refers to it: a thread, a file, a mount or another namespace.
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../task/clone-flags.ts';
import type { UserNamespace } from './user-namespace.ts';

/** CLONE_NEW* of each kind, and the number of the first one (include/linux/proc_ns.h, PROC_*_INIT_INO). */
export const NAMESPACE_KINDS = {
  cgroup: { flag: CLONE_NEWCGROUP, firstIno: 4_026_531_835 },
  ipc: { flag: CLONE_NEWIPC, firstIno: 4_026_531_839 },
  mnt: { flag: CLONE_NEWNS, firstIno: 4_026_531_832 },
  net: { flag: CLONE_NEWNET, firstIno: 4_026_531_833 },
  pid: { flag: CLONE_NEWPID, firstIno: 4_026_531_836 },
  time: { flag: CLONE_NEWTIME, firstIno: 4_026_531_834 },
  user: { flag: CLONE_NEWUSER, firstIno: 4_026_531_837 },
  uts: { flag: CLONE_NEWUTS, firstIno: 4_026_531_838 },
} as const;

export type NamespaceKind = keyof typeof NAMESPACE_KINDS;

export class Namespace {
  readonly kind: NamespaceKind;
  /** Inode number of its file in nsfs. */
  readonly ino: number;
  readonly #owner: UserNamespace | undefined;

  /** `owner` is absent for the first user namespace alone. */
  constructor(kind: NamespaceKind, ino: number, owner: UserNamespace | undefined) {
    this.kind = kind;
    this.ino = ino;
    this.#owner = owner;
  }

  /** The user namespace whose capabilities count here; of a user namespace, the one it was made in. */
  get owner(): UserNamespace {
    return this.#owner as UserNamespace;
  }

  /** CLONE_NEW*. */
  get flag(): number {
    return NAMESPACE_KINDS[this.kind].flag;
  }

  /** As /proc/PID/ns shows it. */
  get label(): string {
    return `${this.kind}:[${this.ino}]`;
  }
}
