// Programs of classic BPF as seccomp(2) and SO_ATTACH_FILTER take them (include/uapi/linux/filter.h).
import { struct, u8, u16, u32, u64 } from './struct.ts';

export const SockFprog = struct('sock_fprog', { len: u16, filter: u64 });
export const SockFilter = struct('sock_filter', { code: u16, jt: u8, jf: u8, k: u32 });
