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

/**
 * CLONE_NEW* of each kind, and the numbers of the first one: of its file (include/linux/proc_ns.h, PROC_*_INIT_INO), and as
 * Linux's start counts them.
 */
export const NAMESPACE_KINDS = {
  cgroup: { flag: CLONE_NEWCGROUP, firstIno: 4_026_531_835, firstId: 5 },
  ipc: { flag: CLONE_NEWIPC, firstIno: 4_026_531_839, firstId: 4_098 },
  mnt: { flag: CLONE_NEWNS, firstIno: 4_026_531_832, firstId: 4 },
  net: { flag: CLONE_NEWNET, firstIno: 4_026_531_833, firstId: 3 },
  pid: { flag: CLONE_NEWPID, firstIno: 4_026_531_836, firstId: 4_100 },
  time: { flag: CLONE_NEWTIME, firstIno: 4_026_531_834, firstId: 2 },
  user: { flag: CLONE_NEWUSER, firstIno: 4_026_531_837, firstId: 4_099 },
  uts: { flag: CLONE_NEWUTS, firstIno: 4_026_531_838, firstId: 1 },
} as const;

/** Numbers of namespaces that are made later begin here, as they do after Linux's own start. */
export const FIRST_DYNAMIC_INO = 4_026_532_177;
const FIRST_DYNAMIC_ID = 4_101;

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

  /** Its number among all that there ever were, which NS_GET_ID tells (kernel/nstree.c). */
  get id(): number {
    const { firstId } = NAMESPACE_KINDS[this.kind];
    return this.ino < FIRST_DYNAMIC_INO ? firstId : FIRST_DYNAMIC_ID + (this.ino - FIRST_DYNAMIC_INO);
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
