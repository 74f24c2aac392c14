// Writes the program that runs cases: a static ELF file with a runner, the cases' code and their states.
// The same file runs in qemu and here; it writes PASSES records a case (layout.ts), then the whole window.
// The runner loads a state and jumps; the case ends at the runner's label, or in a signal whose frame has the state.
import { assemble, type Fields } from '../../../emulator/testing/assembler.ts';
import type { Case } from './case.ts';
import {
  CONTROL,
  DATA,
  EDGE,
  PAGE,
  PASSES,
  RECORD_SIZE,
  Record,
  RUNNER,
  SPOT_SIZE,
  SPOTS,
  State,
  TEXT,
  TICKS,
  WINDOW,
  WINDOW_SIZE,
  WRITABLE_TEXT,
} from './layout.ts';
import { type Placed, placeCase } from './place.ts';
import { windowContents } from './window.ts';

const SP = 2;
const [T0, T1, T2, S0, S1, A0, A1, A2, A3, A7, S2] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18];
const Syscall = { WRITE: 64, EXIT: 93, SIGALTSTACK: 132, RT_SIGACTION: 134, MUNMAP: 215 } as const;
const INSTRET = 0xc02;
const SIGNALS = [4, 5, 7, 8, 11];
/** SA_SIGINFO | SA_NODEFER | SA_ONSTACK: the handler never returns. */
const SIGNAL_FLAGS = 0x4800_0004n;
/** In the control block. */
const Control = { STATE: 0, PASS: 8, RESULT: 16, SCRATCH: 24, TICKS: 32 } as const;
const SIGNAL_STACK = CONTROL + PAGE;
const SIGNAL_STACK_SIZE = 8 * PAGE;
const RESULTS = SIGNAL_STACK + SIGNAL_STACK_SIZE;
/** RLIMIT_STACK and qemu's guard page. */
const STACK_LIMIT = (8 << 20) + 16 * PAGE;
const RUNNER_SIZE = 2 * PAGE;
const RESULTS_PER_WRITE = 48;
const CONTROL_SIZE = RESULTS - CONTROL + 16 * PAGE;
/** Offset of the registers in a ucontext, pc first (Linux, arch/riscv/include/uapi/asm/ucontext.h). */
const UC_MCONTEXT = 176;
/** Read-only data before the states. */
const SIGALTSTACK_STRUCT = DATA + SPOTS.length * SPOT_SIZE;
const SIGACTION_STRUCT = SIGALTSTACK_STRUCT + 24;
const STATES = SIGACTION_STRUCT + 32;
/** Further than a computed jump is taken to be inside the same function. */
const GAP = 160;
const STUB_SIZE = 16;
/** The cases' last jump goes to the stub. */
const JAL_REACH = 1 << 20;
const align = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** Instructions in a row, with labels. */
class Code {
  readonly words: number[] = [];
  readonly start: number;
  constructor(start: number) {
    this.start = start;
  }

  get here(): number {
    return this.start + 4 * this.words.length;
  }

  put(name: string, fields: Fields = {}): void {
    this.words.push(assemble(name, fields));
  }

  /** rd = a number below 2 GiB. */
  constant(rd: number, value: number): void {
    const upper = (value + 0x800) & ~0xfff;
    this.put('lui', { rd, imm: upper });
    this.put('addiw', { rd, rs1: rd, imm: (value - upper) & 0xfff });
  }

  syscall(number: number): void {
    this.put('addi', { rd: A7, imm: number });
    this.put('ecall');
  }

  /** Emits a forward branch over what `body` emits. */
  over(name: string, fields: Fields, body: () => void): void {
    const at = this.words.length;
    this.words.push(0);
    body();
    this.words[at] = assemble(name, { ...fields, imm: 4 * (this.words.length - at) });
  }

  jump(target: number): void {
    this.put('jal', { imm: target - this.here });
  }

  /** Copies SPOT_SIZE bytes from t0 to t1; uses t2, a3. */
  copySpot(): void {
    this.put('addi', { rd: A3, rs1: T0, imm: SPOT_SIZE });
    const loop = this.here;
    for (let i = 0; i < 4; i++) {
      this.put('ld', { rd: T2, rs1: T0, imm: 8 * i });
      this.put('sd', { rs2: T2, rs1: T1, imm: 8 * i });
    }
    this.put('addi', { rd: T0, rs1: T0, imm: 32 });
    this.put('addi', { rd: T1, rs1: T1, imm: 32 });
    this.put('bne', { rs1: T0, rs2: A3, imm: loop - this.here });
  }
}

interface Runner {
  readonly code: Code;
  readonly start: number;
  readonly handler: number;
  /** Where cases that end with a jump go. */
  readonly exit: number;
}

type Gap = readonly [from: number, to: number];
type Text = readonly [from: number, to: number, isWritable: boolean];

function writeRunner(caseCount: number, gaps: readonly Gap[], texts: readonly Text[]): Runner {
  const code = new Code(RUNNER);
  // next: the state at s1 for the pass that comes
  const next = code.here;
  code.put('lui', { rd: S0, imm: CONTROL });
  code.put('addi', { rd: T0, rs1: S0, imm: Control.SCRATCH });
  code.put('sc.w', { rs1: T0 }); // no reservation is left over
  code.constant(T0, DATA);
  for (const spot of SPOTS) {
    code.constant(T1, spot);
    code.copySpot();
  }
  code.put('csrrs', { rd: T0, imm: INSTRET });
  code.put('sd', { rs2: T0, rs1: S0, imm: Control.TICKS });
  code.put('ld', { rd: 31, rs1: S0, imm: Control.STATE });
  code.put('ld', { rd: T0, rs1: 31, imm: State.FCSR });
  code.put('csrrw', { rs1: T0, imm: 3 });
  for (let i = 0; i < 32; i++) code.put('fld', { rd: i, rs1: 31, imm: State.F + 8 * i });
  for (let i = 1; i < 32; i++) code.put('ld', { rd: i, rs1: 31, imm: 8 * i });
  code.put('jalr', { rs1: 31 });

  const finish = code.here;
  // s2 is the record, filled but for the spots
  code.put('addi', { rd: T1, rs1: S2, imm: Record.SPOTS });
  for (const spot of SPOTS) {
    code.constant(T0, spot);
    code.copySpot();
  }
  code.put('lui', { rd: S0, imm: CONTROL });
  code.put('ld', { rd: T0, rs1: S0, imm: Control.TICKS });
  code.put('csrrs', { rd: T1, imm: INSTRET });
  code.put('sub', { rd: T1, rs1: T1, rs2: T0 });
  code.put('sd', { rs2: T1, rs1: S2, imm: TICKS });
  code.put('addi', { rd: S2, rs1: S2, imm: RECORD_SIZE });
  code.put('ld', { rd: T0, rs1: S0, imm: Control.PASS });
  code.put('ld', { rd: S1, rs1: S0, imm: Control.STATE });
  code.put('addi', { rd: T0, rs1: T0, imm: 1 });
  code.put('addi', { rd: T1, imm: PASSES });
  code.over('bne', { rs1: T0, rs2: T1 }, () => {
    code.put('addi', { rd: T0 });
    code.put('addi', { rd: S1, rs1: S1, imm: State.SIZE });
    code.put('sd', { rs2: S1, rs1: S0, imm: Control.STATE });
  });
  code.put('sd', { rs2: T0, rs1: S0, imm: Control.PASS });
  code.constant(T2, STATES + caseCount * State.SIZE);
  code.constant(T1, RESULTS + RESULTS_PER_WRITE * RECORD_SIZE);
  const flush = () => {
    code.put('addi', { rd: A0, imm: 1 });
    code.constant(A1, RESULTS);
    code.put('sub', { rd: A2, rs1: S2, rs2: A1 });
    code.put('addi', { rd: S2, rs1: A1 });
    code.syscall(Syscall.WRITE);
  };
  code.over('bne', { rs1: S2, rs2: T1 }, flush);
  code.put('sd', { rs2: S2, rs1: S0, imm: Control.RESULT });
  code.constant(T2, STATES + caseCount * State.SIZE);
  code.over('beq', { rs1: S1, rs2: T2 }, () => code.jump(next));
  flush();
  code.put('addi', { rd: A0, imm: 1 });
  code.constant(A1, WINDOW);
  code.constant(A2, WINDOW_SIZE);
  code.syscall(Syscall.WRITE);
  code.put('addi', { rd: A0 });
  code.syscall(Syscall.EXIT);

  const exit = code.here;
  code.put('lui', { rd: 31, imm: CONTROL });
  code.put('ld', { rd: 31, rs1: 31, imm: Control.RESULT });
  for (let i = 1; i < 31; i++) code.put('sd', { rs2: i, rs1: 31, imm: Record.PC + 8 * i });
  for (let i = 0; i < 32; i++) code.put('fsd', { rs2: i, rs1: 31, imm: Record.F + 8 * i });
  for (const offset of [Record.SIGNAL, Record.ADDRESS, Record.PC, Record.PC + 8 * 31]) {
    code.put('sd', { rs1: 31, imm: offset });
  }
  code.put('csrrs', { rd: T0, imm: 3 });
  code.put('sd', { rs2: T0, rs1: 31, imm: Record.FCSR });
  code.put('addi', { rd: S2, rs1: 31 });
  code.jump(finish);

  const handler = code.here;
  code.put('lui', { rd: S0, imm: CONTROL });
  code.put('ld', { rd: S2, rs1: S0, imm: Control.RESULT });
  code.put('sw', { rs2: A0, rs1: S2, imm: Record.SIGNAL });
  code.put('lw', { rd: T0, rs1: A1, imm: 8 });
  code.put('sw', { rs2: T0, rs1: S2, imm: Record.CODE });
  code.put('ld', { rd: T0, rs1: A1, imm: 16 });
  code.put('sd', { rs2: T0, rs1: S2, imm: Record.ADDRESS });
  for (let i = 0; i < 64; i++) {
    code.put('ld', { rd: T0, rs1: A2, imm: UC_MCONTEXT + 8 * i });
    code.put('sd', { rs2: T0, rs1: S2, imm: Record.PC + 8 * i });
  }
  code.put('lwu', { rd: T0, rs1: A2, imm: UC_MCONTEXT + 512 });
  code.put('sd', { rs2: T0, rs1: S2, imm: Record.FCSR });
  code.jump(finish);

  const start = code.here;
  code.constant(A0, SIGALTSTACK_STRUCT);
  code.put('addi', { rd: A1 });
  code.syscall(Syscall.SIGALTSTACK);
  for (const signal of SIGNALS) {
    code.put('addi', { rd: A0, imm: signal });
    code.constant(A1, SIGACTION_STRUCT);
    code.put('addi', { rd: A2 });
    code.put('addi', { rd: A3, imm: 8 });
    code.syscall(Syscall.RT_SIGACTION);
  }
  // qemu reserves what lies between the segments, Linux leaves it free: faults there have other codes.
  for (const [from, to] of gaps) {
    code.constant(A0, from);
    code.constant(A1, to - from);
    code.syscall(Syscall.MUNMAP);
  }
  // A page that comes in between lr and sc may end a slice, and the reservation with it.
  for (const [from, to, isWritable] of texts) {
    code.constant(T0, from);
    code.constant(T1, to);
    const loop = code.here;
    code.put('lbu', { rd: T2, rs1: T0 });
    if (isWritable) code.put('sb', { rs2: T2, rs1: T0 });
    code.put('lui', { rd: T2, imm: PAGE });
    code.put('add', { rd: T0, rs1: T0, rs2: T2 });
    code.put('blt', { rs1: T0, rs2: T1, imm: loop - code.here });
  }
  // The stack lies elsewhere under qemu, and a stray access would make it grow.
  code.put('addi', { rd: A0, rs1: SP });
  code.constant(T0, -PAGE);
  code.put('and', { rd: A0, rs1: A0, rs2: T0 });
  code.constant(T1, STACK_LIMIT);
  code.put('sub', { rd: A0, rs1: A0, rs2: T1 });
  code.put('addi', { rd: A1, rs1: T1 });
  code.put('sub', { rd: A1, rs1: A1, rs2: T0 });
  code.put('sub', { rd: A1, rs1: A1, rs2: T0 });
  code.syscall(Syscall.MUNMAP);
  code.put('lui', { rd: S0, imm: CONTROL });
  code.constant(T0, STATES);
  code.put('sd', { rs2: T0, rs1: S0, imm: Control.STATE });
  code.constant(T0, RESULTS);
  code.put('sd', { rs2: T0, rs1: S0, imm: Control.RESULT });
  code.jump(next);
  return { code, start, handler, exit };
}

/** Entry of each case, and the bytes of the two code segments. */
function placeAll(cases: readonly Case[], exit: number) {
  const segments = { plain: [] as [number, number][], writable: [] as [number, number][] };
  const ends = { plain: TEXT + STUB_SIZE, writable: WRITABLE_TEXT + STUB_SIZE };
  for (const [segment, start] of [
    ['plain', TEXT],
    ['writable', WRITABLE_TEXT],
  ] as const) {
    // The runner is too far for a jal.
    const stub = new Code(start);
    stub.constant(31, exit);
    stub.put('jalr', { rs1: 31 });
    for (const [i, word] of stub.words.entries()) segments[segment].push([start + 4 * i, word]);
  }
  const last: { at: number; value: bigint }[] = [];
  const entries = cases.map((test) => {
    const segment = test.isSelfModifying ? 'writable' : 'plain';
    // x31's value lies before the code, whose first instruction loads it: it is what the runner jumped with.
    const value = align(ends[segment], 8);
    const entry = value + 8 + 2 * test.skew;
    last.push({ at: value, value: test.x[31] ?? 0n });
    segments[segment].push([entry, assemble('ld', { rd: 31, rs1: 31, imm: value - entry })]);
    const { words, end } = placeCase(test, entry + 4, exitOf(test));
    for (const word of words) segments[segment].push([...word]);
    ends[segment] = end + GAP;
    return entry;
  });
  if (ends.plain - TEXT > JAL_REACH) throw new Error(`${cases.length} cases are too many for one program`);
  const bytesOf = (segment: 'plain' | 'writable', start: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(align(ends[segment] - start + 8, 8)));
    for (const [at, word] of segments[segment]) {
      if ((word & 3) !== 3) view.setUint16(at - start, word, true);
      else view.setUint32(at - start, word, true);
    }
    for (const { at, value } of last) {
      if (at >= start && at < ends[segment]) view.setBigUint64(at - start, value, true);
    }
    return new Uint8Array(view.buffer);
  };
  return { entries, plain: bytesOf('plain', TEXT), writable: bytesOf('writable', WRITABLE_TEXT) };
}

const segmentOf = (test: Case): number => (test.isSelfModifying ? WRITABLE_TEXT : TEXT);
const exitOf = (test: Case): number | null => (test.exit === 'jump' ? segmentOf(test) : null);

/** Where a case alone in a program lies: for reports. */
export function placeOnlyCase(test: Case): Placed {
  return placeCase(test, segmentOf(test) + STUB_SIZE + 8 + 2 * test.skew + 4, exitOf(test));
}

/** The ELF file that runs these cases, in order. */
export function writeProgram(cases: readonly Case[]): Uint8Array {
  // What stands before the start does not depend on the gaps.
  const { entries, plain, writable } = placeAll(cases, writeRunner(cases.length, [], []).exit);
  const gaps: Gap[] = [
    [align(STATES + cases.length * State.SIZE, PAGE), TEXT],
    [align(TEXT + plain.length, PAGE), WRITABLE_TEXT],
    [align(WRITABLE_TEXT + writable.length, PAGE), WINDOW - PAGE],
    [RUNNER + RUNNER_SIZE, CONTROL],
    [CONTROL + CONTROL_SIZE, DATA],
    [WINDOW + WINDOW_SIZE, EDGE],
  ];
  const runner = writeRunner(cases.length, gaps, [
    [TEXT, TEXT + plain.length, false],
    [WRITABLE_TEXT, WRITABLE_TEXT + writable.length, true],
  ]);
  const window = windowContents();
  const data = new DataView(new ArrayBuffer(STATES - DATA + cases.length * State.SIZE));
  SPOTS.forEach((spot, i) => {
    const from = spot - WINDOW + PAGE;
    new Uint8Array(data.buffer).set(window.subarray(from, from + SPOT_SIZE), i * SPOT_SIZE);
  });
  data.setBigUint64(SIGALTSTACK_STRUCT - DATA, BigInt(SIGNAL_STACK), true);
  data.setBigUint64(SIGALTSTACK_STRUCT - DATA + 16, BigInt(SIGNAL_STACK_SIZE), true);
  data.setBigUint64(SIGACTION_STRUCT - DATA, BigInt(runner.handler), true);
  data.setBigUint64(SIGACTION_STRUCT - DATA + 8, SIGNAL_FLAGS, true);
  cases.forEach((test, i) => {
    const at = STATES - DATA + i * State.SIZE;
    for (let n = 1; n < 31; n++) data.setBigUint64(at + 8 * n, test.x[n] ?? 0n, true);
    data.setBigUint64(at + 8 * 31, BigInt(entries[i] ?? 0), true);
    for (let n = 0; n < 32; n++) data.setBigUint64(at + State.F + 8 * n, test.f[n] ?? 0n, true);
    data.setUint32(at + State.FCSR, test.fcsr, true);
  });
  const code = new DataView(new ArrayBuffer(RUNNER_SIZE));
  runner.code.words.forEach((word, i) => {
    code.setUint32(4 * i, word, true);
  });
  const [X, W, R] = [1, 2, 4];
  return writeElf(runner.start, [
    { address: RUNNER, flags: R | X, bytes: new Uint8Array(code.buffer) },
    { address: CONTROL, flags: R | W, bytes: new Uint8Array(CONTROL_SIZE) },
    { address: DATA, flags: R, bytes: new Uint8Array(data.buffer) },
    { address: TEXT, flags: R | X, bytes: plain },
    { address: WRITABLE_TEXT, flags: R | W | X, bytes: writable },
    { address: WINDOW - PAGE, flags: R, bytes: window.subarray(0, PAGE) },
    { address: WINDOW, flags: R | W, bytes: window.subarray(PAGE) },
    { address: EDGE, flags: R | X, bytes: edgePage() },
  ]);
}

/** c.nop, and half of an addi. */
function edgePage(): Uint8Array {
  const [C_NOP, HALF] = [0x0001, 0x0013];
  const halves = new Uint16Array(PAGE / 2).fill(C_NOP);
  halves[halves.length - 1] = HALF;
  return new Uint8Array(halves.buffer);
}

interface Segment {
  readonly address: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** A static executable for riscv64 (System V ABI, ELF-64). */
function writeElf(entry: number, segments: readonly Segment[]): Uint8Array {
  const [HEADER, PROGRAM_HEADER] = [64, 56];
  let size = align(HEADER + PROGRAM_HEADER * segments.length, PAGE);
  const offsets = segments.map(({ bytes }) => {
    const offset = size;
    size = align(offset + bytes.length, PAGE);
    return offset;
  });
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  const [EM_RISCV, ET_EXEC, RVC_DOUBLE] = [243, 2, 5];
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_RISCV, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(HEADER), true);
  view.setUint32(48, RVC_DOUBLE, true);
  view.setUint16(52, HEADER, true);
  view.setUint16(54, PROGRAM_HEADER, true);
  view.setUint16(56, segments.length, true);
  view.setUint16(58, 64, true);
  segments.forEach(({ address, flags, bytes }, i) => {
    const at = HEADER + PROGRAM_HEADER * i;
    const offset = offsets[i] ?? 0;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(address), true);
    view.setBigUint64(at + 24, BigInt(address), true);
    view.setBigUint64(at + 32, BigInt(bytes.length), true);
    view.setBigUint64(at + 40, BigInt(bytes.length), true);
    view.setBigUint64(at + 48, BigInt(PAGE), true);
    file.set(bytes, offset);
  });
  return file;
}
