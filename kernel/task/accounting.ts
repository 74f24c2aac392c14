// Process accounting (acct(2), acct(5); kernel/acct.c): a record in a file for each process that ends.
// exit.ts calls it while a file is set (Kernel.accounting); syscalls/accounting.ts sets it.
import { bytes, struct, u8, u16, u32 } from '../abi/struct.ts';
import { isFailure } from '../errno.ts';
import { BufferSource } from '../file/buffer.ts';
import type { OpenFile } from '../file/open-file.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { processCpuTime } from '../time/cpu-time.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';
import { processUsage } from './usage.ts';

const ACCT_VERSION = 3;
const AFORK = 1;
const ACORE = 8;
const AXSIG = 16;
/** Units of times: hundredths of a second. */
const TICK_NS = 10_000_000;
const COMM_LENGTH = 16;

const AcctV3 = struct('acct_v3', {
  ac_flag: u8,
  ac_version: u8,
  ac_tty: u16,
  ac_exitcode: u32,
  ac_uid: u32,
  ac_gid: u32,
  ac_pid: u32,
  ac_ppid: u32,
  ac_btime: u32,
  ac_etime: u32,
  ac_utime: u16,
  ac_stime: u16,
  ac_mem: u16,
  ac_io: u16,
  ac_rw: u16,
  ac_minflt: u16,
  ac_majflt: u16,
  ac_swaps: u16,
  ac_comm: bytes(COMM_LENGTH),
});

/** comp_t: thirteen bits, and three for an exponent of eight (encode_comp_t). */
export function compressed(value: number): number {
  let mantissa = Math.floor(value);
  let exponent = 0;
  let rounds = 0;
  while (mantissa > 0x1fff) {
    rounds = Math.floor(mantissa / 4) & 1;
    mantissa = Math.floor(mantissa / 8);
    exponent++;
  }
  if (rounds !== 0 && ++mantissa > 0x1fff) {
    mantissa = Math.floor(mantissa / 8);
    exponent++;
  }
  return exponent > 7 ? 0xffff : (exponent << 13) + mantissa;
}

/** The last thread of a process has ended. What the file has no room for is lost. */
export function recordEnd({ descriptor: { inode } }: OpenFile, process: Process, last: Thread): void {
  if (!(inode instanceof RegularInode)) return;
  const { clock } = last.kernel;
  const livedNs = clock.monotonicNs() - process.startNs;
  const { userNs, systemNs } = processCpuTime(process);
  const { waitStatus } = process;
  const core = (waitStatus & 0x80) !== 0 ? ACORE : 0;
  const signalled = (waitStatus & 0x7f) !== 0 ? AXSIG : 0;
  const comm = new Uint8Array(COMM_LENGTH);
  comm.set(textToBytes(last.name).subarray(0, COMM_LENGTH - 1));
  const lived = new Float32Array([livedNs / TICK_NS]);
  const record = AcctV3.encode({
    ac_flag: (process.hasExecuted ? 0 : AFORK) | core | signalled,
    ac_version: ACCT_VERSION,
    ac_tty: (process.terminal?.rdev ?? 0) & 0xffff,
    ac_exitcode: waitStatus,
    ac_uid: last.credentials.ruid,
    ac_gid: last.credentials.rgid,
    ac_pid: process.pid,
    ac_ppid: process.parent?.pid ?? 0,
    ac_btime: Math.floor((Number(clock.realtimeNs()) - livedNs) / 1e9) >>> 0,
    ac_etime: new Uint32Array(lived.buffer)[0] as number,
    ac_utime: compressed(userNs / TICK_NS),
    ac_stime: compressed(systemNs / TICK_NS),
    ac_mem: compressed(process.mm.vmas.totalPages * 4),
    ac_io: 0,
    ac_rw: 0,
    ac_minflt: compressed(processUsage(process).minorFaults),
    ac_majflt: 0,
    ac_swaps: 0,
    ac_comm: comm,
  });
  try {
    inode.write(new BufferSource(record), inode.size, record.length);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}
