// Structs of the calls about the system: uname, sysinfo (include/uapi/linux/utsname.h, sysinfo.h).
// kernel/syscalls/system.ts fills them in, traces print them.
import { array, bytes, struct, u16, u32, u64 } from './struct.ts';

/** Bytes of each name, with the NUL (__NEW_UTS_LEN + 1). */
export const UTS_FIELD = 65;

export const Utsname = struct('utsname', {
  sysname: bytes(UTS_FIELD),
  nodename: bytes(UTS_FIELD),
  release: bytes(UTS_FIELD),
  version: bytes(UTS_FIELD),
  machine: bytes(UTS_FIELD),
  domainname: bytes(UTS_FIELD),
});

export const Sysinfo = struct('sysinfo', {
  uptime: u64,
  loads: array(u64, 3),
  totalram: u64,
  freeram: u64,
  sharedram: u64,
  bufferram: u64,
  totalswap: u64,
  freeswap: u64,
  procs: u16,
  totalhigh: u64,
  freehigh: u64,
  mem_unit: u32,
});
