// Credentials after execve: set-user-ID and set-group-ID bits, and root's capabilities (execve(2), capabilities(7)).
// exec.ts asks before the point of no return. File capabilities (security.capability) are not honoured.
import { MS_NOSUID } from '../abi/mount-flags.ts';
import { S_IFMT, S_ISGID, S_ISUID, S_IXGRP } from '../abi/stat.ts';
import {
  CAP_FULL_SET,
  CAP_SYS_PTRACE,
  type Credentials,
  capable,
  mapsOwners,
  rootOf,
} from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { ImageFile } from './image-file.ts';

const SECBIT_NOROOT = 1;

export interface NewCredentials {
  readonly credentials: Credentials;
  /** AT_SECURE: the program runs with rights its caller does not have. */
  readonly isSecure: boolean;
}

export function credentialsAfterExec(thread: Thread, image: ImageFile): NewCredentials {
  const old = thread.credentials;
  const { mode, uid, gid } = image.inode;
  const { tracee } = thread;
  const root = rootOf(old);
  // LSM_UNSAFE_PTRACE: a tracer could make the program do anything
  const isWatched = tracee?.tracer !== undefined && !capable(tracee.tracer.credentials, CAP_SYS_PTRACE);
  const honoursBits =
    !isWatched &&
    mapsOwners(old, image.inode) &&
    (image.path.mount.flags & MS_NOSUID) === 0 &&
    !old.noNewPrivileges &&
    (mode & S_IFMT) !== 0;
  const euid = honoursBits && (mode & S_ISUID) !== 0 ? uid : old.euid;
  // Without group execute permission the bit once meant mandatory locking.
  const isSetGroup = (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
  const egid = honoursBits && isSetGroup ? gid : old.egid;
  const changesIds = euid !== old.euid || egid !== old.egid;
  const hasRoot = (old.securebits & SECBIT_NOROOT) === 0 && (old.ruid === root || euid === root);
  const ambient = changesIds ? 0n : old.ambient;
  const permitted = hasRoot ? (old.bounding & CAP_FULL_SET) | old.inheritable : ambient;
  const effective = hasRoot && euid !== root ? ambient : permitted;
  const gainsRights = old.ruid !== root && (permitted & ~ambient) !== 0n;
  const credentials: Credentials = {
    ...old,
    euid,
    suid: euid,
    fsuid: euid,
    egid,
    sgid: egid,
    fsgid: egid,
    permitted,
    effective,
    ambient,
  };
  return { credentials, isSecure: euid !== old.ruid || egid !== old.rgid || gainsRights };
}
