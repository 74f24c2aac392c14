// A user namespace (user_namespaces(7)): who owns other namespaces, so whose capabilities count in them.
// Credentials name the one that they are in; there is one.
import { NAMESPACE_KINDS, Namespace } from './namespace.ts';

export class UserNamespace extends Namespace {
  constructor(ino: number = NAMESPACE_KINDS.user.firstIno, owner?: UserNamespace) {
    super('user', ino, owner);
  }
}
