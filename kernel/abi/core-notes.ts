// The notes of a core file (include/uapi/linux/elfcore.h, elf.h).
import { b64, bytes, i16, i32, struct, u8, u32, u64 } from './struct.ts';
import { Timeval } from './time.ts';

export const NT_PRPSINFO = 3;
export const NT_AUXV = 6;
export const NT_FILE = 0x4649_4c45;
export const NT_SIGINFO = 0x5349_4749;

export const NoteHeader = struct('Elf64_Nhdr', { namesz: u32, descsz: u32, type: u32 });

const REGISTER_BYTES = 256;

export const Prstatus = struct('elf_prstatus', {
  si_signo: i32,
  si_code: i32,
  si_errno: i32,
  cursig: i16,
  sigpend: b64,
  sighold: b64,
  pid: i32,
  ppid: i32,
  pgrp: i32,
  sid: i32,
  utime: Timeval,
  stime: Timeval,
  cutime: Timeval,
  cstime: Timeval,
  reg: bytes(REGISTER_BYTES),
  fpvalid: i32,
});

export const Prpsinfo = struct('elf_prpsinfo', {
  state: u8,
  sname: u8,
  zomb: u8,
  nice: u8,
  flag: u64,
  uid: u32,
  gid: u32,
  pid: i32,
  ppid: i32,
  pgrp: i32,
  sid: i32,
  fname: bytes(16),
  psargs: bytes(80),
});

/** NT_FILE: these, then a range for each file, then their names. Offsets count pages of `pageSize` bytes. */
export const MappedFilesHeader = struct('', { count: u64, pageSize: u64 });
export const MappedFile = struct('', { start: u64, end: u64, pageOffset: u64 });
