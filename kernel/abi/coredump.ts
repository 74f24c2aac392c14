// What the kernel and a server of cores say to each other where core_pattern begins with @@ (include/uapi/linux/coredump.h).
// kernel/coredump/server-protocol.ts speaks it.
import { b64, struct, u32 } from './struct.ts';

export const CoredumpReq = struct('coredump_req', { size: u32, size_ack: u32, mask: b64 });
export const CoredumpAck = struct('coredump_ack', { size: u32, spare: u32, mask: b64 });

/** Bits of the masks: the kernel writes the core, or the server does, or nobody; the process waits for the server's end. */
export const COREDUMP_KERNEL = 1;
export const COREDUMP_USERSPACE = 2;
export const COREDUMP_REJECT = 4;
export const COREDUMP_WAIT = 8;

/** What the kernel says of an ack. */
export const COREDUMP_MARK_REQACK = 0;
export const COREDUMP_MARK_MINSIZE = 1;
export const COREDUMP_MARK_MAXSIZE = 2;
export const COREDUMP_MARK_UNSUPPORTED = 3;
export const COREDUMP_MARK_CONFLICTING = 4;
