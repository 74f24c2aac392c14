// Structs of open and fcntl (include/uapi/linux/openat2.h, asm-generic/fcntl.h).
// System calls and file locks read and write them, traces print them.
import { b64, i16, i32, i64, struct } from './struct.ts';

export const OpenHow = struct('open_how', { flags: b64, mode: b64, resolve: b64 });

export const Flock = struct('flock', { l_type: i16, l_whence: i16, l_start: i64, l_len: i64, l_pid: i32 });

export const OwnerEx = struct('f_owner_ex', { type: i32, pid: i32 });
