// Structs of System V semaphores and message queues (asm-generic/sembuf.h, msgbuf.h), as on riscv64 and x86_64.
import { IpcPerm } from './shm.ts';
import { i16, i32, i64, struct, u16, u64 } from './struct.ts';

export const Sembuf = struct('sembuf', { num: u16, op: i16, flg: i16 });

export const SemidDs = struct('semid64_ds', {
  perm: IpcPerm,
  otime: i64,
  ctime: i64,
  nsems: u64,
  unused3: u64,
  unused4: u64,
});

/** IPC_INFO and SEM_INFO. */
export const Seminfo = struct('seminfo', {
  semmap: i32,
  semmni: i32,
  semmns: i32,
  semmnu: i32,
  semmsl: i32,
  semopm: i32,
  semume: i32,
  semusz: i32,
  semvmx: i32,
  semaem: i32,
});

export const MsqidDs = struct('msqid64_ds', {
  perm: IpcPerm,
  stime: i64,
  rtime: i64,
  ctime: i64,
  cbytes: u64,
  qnum: u64,
  qbytes: u64,
  lspid: i32,
  lrpid: i32,
  unused4: u64,
  unused5: u64,
});

/** IPC_INFO and MSG_INFO. */
export const Msginfo = struct('msginfo', {
  msgpool: i32,
  msgmap: i32,
  msgmax: i32,
  msgmnb: i32,
  msgmni: i32,
  msgssz: i32,
  msgtql: i32,
  msgseg: u16,
});
