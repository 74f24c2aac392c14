// What a pass of a case left behind, and how two of them differ.
// Called for the cases whose bytes differ, by the fuzzer, the shrinker and reports.
// What qemu reports differently without the ISA or Linux being on its side is made equal in one place: `excuse`.
import { F_NAMES, X_NAMES } from '../../../emulator/isa/disassemble.ts';
import { CASE_RESULT_SIZE, PASSES, RECORD_SIZE, Record, SPOT_SIZE, SPOTS, TICKS } from './layout.ts';
import type { Results, TierName, TierResult } from './tiers.ts';

export interface Difference {
  readonly pass: number;
  readonly tiers: readonly [TierName, TierName];
  /** One line for each place that differs. */
  readonly lines: readonly string[];
}

const [SIGBUS, SIGSEGV] = [7, 11];
const BUS_ADRALN = 1;
const SIGNAL_NAMES: { readonly [signal: number]: string } = {
  0: 'end',
  4: 'SIGILL',
  5: 'SIGTRAP',
  7: 'SIGBUS',
  8: 'SIGFPE',
  11: 'SIGSEGV',
};
/** Below it, an address is one that a program on x86_64 could have. */
const HOST_USER_END = 1n << 47n;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Where a record begins, for a case of a batch. */
const recordAt = (bytes: Uint8Array, index: number, pass: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + index * CASE_RESULT_SIZE + pass * RECORD_SIZE, RECORD_SIZE);

/** A copy of qemu's record, made equal to ours where qemu's word does not count. */
function excuse(qemu: DataView, ours: DataView): DataView {
  const copy = new DataView(new ArrayBuffer(RECORD_SIZE));
  for (let at = 0; at < RECORD_SIZE; at += 8) copy.setBigUint64(at, qemu.getBigUint64(at, true), true);
  const fault = ours.getBigUint64(Record.ADDRESS, true);
  const both = (signal: number): boolean =>
    [qemu, ours].every((view) => view.getUint32(Record.SIGNAL, true) === signal);
  // An x86_64 host tells qemu no address for what is none in its own user space: a general protection fault.
  if (both(SIGSEGV) && fault >= HOST_USER_END) {
    copy.setBigUint64(Record.ADDRESS, fault, true);
    copy.setUint32(Record.CODE, ours.getUint32(Record.CODE, true), true);
  }
  // A misaligned AMO: qemu gives the data's address, Linux the instruction's (arch/riscv/kernel/traps.c,
  // do_trap_store_misaligned: SIGBUS, BUS_ADRALN, regs->epc).
  if (both(SIGBUS) && ours.getUint32(Record.CODE, true) === BUS_ADRALN) {
    copy.setBigUint64(Record.ADDRESS, ours.getBigUint64(Record.PC, true), true);
  }
  copy.setBigUint64(TICKS, ours.getBigUint64(TICKS, true), true);
  return copy;
}

function describe(view: DataView): string {
  const signal = view.getUint32(Record.SIGNAL, true);
  const name = SIGNAL_NAMES[signal] ?? `signal ${signal}`;
  const code = view.getInt32(Record.CODE, true);
  const address = view.getBigUint64(Record.ADDRESS, true);
  return signal === 0 ? name : `${name} code ${code} address ${hex(address)}`;
}

function compareRecords(a: DataView, b: DataView): string[] {
  const lines: string[] = [];
  if (describe(a) !== describe(b)) lines.push(`outcome: ${describe(a)} | ${describe(b)}`);
  for (let at = Record.PC; at < RECORD_SIZE; at += 8) {
    const [left, right] = [a.getBigUint64(at, true), b.getBigUint64(at, true)];
    if (left !== right) lines.push(`${nameOf(at)}: ${hex(left)} | ${hex(right)}`);
  }
  return lines;
}

function nameOf(at: number): string {
  if (at === Record.PC) return 'pc';
  if (at < Record.F) return X_NAMES[(at - Record.PC) / 8] ?? '';
  if (at < Record.FCSR) return F_NAMES[(at - Record.F) / 8] ?? '';
  if (at === Record.FCSR) return 'fcsr';
  if (at === TICKS) return 'ticks';
  const offset = at - Record.SPOTS;
  return `memory ${hex(BigInt((SPOTS[Math.floor(offset / SPOT_SIZE)] ?? 0) + (offset % SPOT_SIZE)))}`;
}

/** Ours beside the interpreter. */
const OTHERS = ['jit', 'windowed'] as const;

/** The first pass in which the tiers differ about case `index` of a batch; undefined when they agree. */
export function compareCase(results: Results, index: number): Difference | undefined {
  for (let pass = 0; pass < PASSES; pass++) {
    const theirs = recordAt(results.qemu.bytes, index, pass);
    const ours = recordAt(results.interpreter.bytes, index, pass);
    const lines = compareRecords(excuse(theirs, ours), ours);
    if (lines.length > 0) return { pass, tiers: ['qemu', 'interpreter'], lines };
    for (const other of OTHERS) {
      const own = compareRecords(ours, recordAt(results[other].bytes, index, pass));
      if (own.length > 0) return { pass, tiers: ['interpreter', other], lines: own };
    }
  }
  return undefined;
}

/** The cases of a batch whose bytes are not the same in all tiers, excused or not. */
export function suspects(results: Results, count: number): number[] {
  const found: number[] = [];
  const buffer = ({ bytes }: TierResult) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [theirs, ours] = [buffer(results.qemu), buffer(results.interpreter)];
  const others = OTHERS.map((tier) => buffer(results[tier]));
  for (let index = 0; index < count; index++) {
    const from = index * CASE_RESULT_SIZE;
    const same = Array.from({ length: PASSES }, (_, pass) => from + pass * RECORD_SIZE).every(
      (at) =>
        theirs.compare(ours, at, at + TICKS, at, at + TICKS) === 0 &&
        others.every((other) => ours.compare(other, at, at + RECORD_SIZE, at, at + RECORD_SIZE) === 0),
    );
    if (!same) found.push(index);
  }
  return found;
}

/** How the first pass of a case ended under qemu, for the statistics. */
export function outcomeOf({ qemu }: Results, index: number): string {
  const signal = recordAt(qemu.bytes, index, 0).getUint32(Record.SIGNAL, true);
  return SIGNAL_NAMES[signal] ?? `signal ${signal}`;
}
