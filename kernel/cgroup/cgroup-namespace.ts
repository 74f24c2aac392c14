// A cgroup namespace (cgroup_namespaces(7)): its processes see the group in which it was made as the root.
import { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { Cgroup } from './cgroup.ts';

export class CgroupNamespace extends Namespace {
  readonly root: Cgroup;

  constructor(ino: number, owner: UserNamespace, root: Cgroup) {
    super('cgroup', ino, owner);
    this.root = root;
  }
}
