// struct futex_waitv of futex_waitv(2), as include/uapi/linux/futex.h declares it.
// kernel/syscalls/futex-waitv.ts reads it, traces print it.
import { b64, struct, u32, u64 } from './struct.ts';

export const FutexWaitv = struct('futex_waitv', { val: b64, uaddr: u64, flags: u32, reserved: u32 });
