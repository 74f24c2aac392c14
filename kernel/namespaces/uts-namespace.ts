// A UTS namespace (uts_namespaces(7)): host and domain name. A new one begins with copies of those it was made from.
import type { Identity } from '../identity.ts';
import { Namespace } from './namespace.ts';
import type { UserNamespace } from './user-namespace.ts';

export class UtsNamespace extends Namespace {
  readonly names: Identity;

  constructor(ino: number, owner: UserNamespace, names: Identity) {
    super('uts', ino, owner);
    this.names = names;
  }
}
