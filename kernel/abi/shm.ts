// Structs of System V shared memory (asm-generic/shmbuf.h, ipcbuf.h), as on riscv64 and x86_64.
import { i32, i64, struct, u16, u32, u64 } from './struct.ts';

export const IpcPerm = struct('ipc64_perm', {
  key: i32,
  uid: u32,
  gid: u32,
  cuid: u32,
  cgid: u32,
  mode: u32,
  seq: u16,
  pad: u16,
  unused1: u64,
  unused2: u64,
});

export const ShmidDs = struct('shmid64_ds', {
  perm: IpcPerm,
  segsz: u64,
  atime: i64,
  dtime: i64,
  ctime: i64,
  cpid: i32,
  lpid: i32,
  nattch: u64,
  unused4: u64,
  unused5: u64,
});

/** IPC_INFO. */
export const Shminfo = struct('shminfo64', {
  shmmax: u64,
  shmmin: u64,
  shmmni: u64,
  shmseg: u64,
  shmall: u64,
  unused1: u64,
  unused2: u64,
  unused3: u64,
  unused4: u64,
});

/** SHM_INFO. */
export const ShmInfo = struct('shm_info', {
  used_ids: i32,
  shm_tot: u64,
  shm_rss: u64,
  shm_swp: u64,
  swap_attempts: u64,
  swap_successes: u64,
});
