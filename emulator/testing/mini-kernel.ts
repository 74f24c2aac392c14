// The least kernel that runs a static program: loads an ELF file, answers a dozen system calls.
// Called by the emulator's own tests, so that they need nothing from kernel/.
// Everything unknown is ENOSYS; memory is granted in advance, so any fault is the test's failure.
import type { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';

const STACK_TOP = 0x3000_0000;
const STACK_SIZE = 1 << 20;
const HEAP_SIZE = 16 << 20;
const MMAP_BASE = 0x2000_0000;
const MMAP_SIZE = 32 << 20;
const PT_LOAD = 1;
const ENOSYS = -38;
const EINVAL = -22;

export interface ProgramResult {
  readonly status: number;
  /** Everything written, to whatever descriptor. */
  readonly bytes: Uint8Array;
  readonly output: string;
  readonly ticks: number;
  readonly calls: number;
}

const round = (address: number) => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;

export class MiniKernel {
  readonly hart = new Hart();
  readonly memory: GuestMemory;
  readonly #cpu: Cpu;
  readonly #chunks: Uint8Array[] = [];
  #brk = 0;
  #heapEnd = 0;
  #mmapNext = MMAP_BASE;
  #nanoseconds: () => bigint;

  constructor(cpu: Cpu, nanoseconds: () => bigint = () => 0n) {
    this.#cpu = cpu;
    this.memory = cpu.createMemory();
    this.#nanoseconds = nanoseconds;
  }

  load(file: Uint8Array, args: readonly string[]): void {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const tableOffset = Number(view.getBigUint64(32, true));
    const count = view.getUint16(56, true);
    let end = 0;
    let headers = 0;
    for (let i = 0; i < count; i++) {
      const at = tableOffset + 56 * i;
      if (view.getUint32(at, true) !== PT_LOAD) continue;
      const flags = view.getUint32(at + 4, true);
      const offset = Number(view.getBigUint64(at + 8, true));
      const address = Number(view.getBigUint64(at + 16, true));
      const size = Number(view.getBigUint64(at + 32, true));
      const memorySize = Number(view.getBigUint64(at + 40, true));
      const permission = ((flags & 4) !== 0 ? Perm.R : 0) | (flags & 2) | ((flags & 1) !== 0 ? Perm.X : 0);
      this.#grant(address, memorySize, permission);
      this.memory.bytes(address, size).set(file.subarray(offset, offset + size));
      if (offset === 0) headers = address + tableOffset;
      end = Math.max(end, round(address + memorySize));
    }
    this.#brk = end;
    this.#heapEnd = end + HEAP_SIZE;
    this.#grant(end, HEAP_SIZE, Perm.R | Perm.W);
    this.#grant(MMAP_BASE, MMAP_SIZE, Perm.R | Perm.W);
    this.#grant(STACK_TOP - STACK_SIZE, STACK_SIZE, Perm.R | Perm.W);
    const entry = Number(view.getBigUint64(24, true));
    this.#pushStack(args, { 3: headers, 4: 56, 5: count, 6: PAGE_SIZE, 9: entry });
    this.hart.pc = entry;
  }

  #grant(address: number, size: number, permission: number): void {
    const first = Math.floor(address / PAGE_SIZE);
    const end = round(address + size) / PAGE_SIZE;
    this.memory.grow(end * PAGE_SIZE);
    this.memory.setPermission(first, end - first, permission);
  }

  #pushStack(args: readonly string[], auxv: Record<number, number>): void {
    let sp = STACK_TOP - 4096;
    const strings = args.map((text) => {
      const bytes = new TextEncoder().encode(`${text}\0`);
      sp -= bytes.length;
      this.memory.bytes(sp, bytes.length).set(bytes);
      return sp;
    });
    sp = (sp - 32) & ~15;
    const random = sp;
    const words = [args.length, ...strings, 0, 0];
    for (const [key, value] of Object.entries(auxv)) words.push(Number(key), value);
    words.push(25, random, 11, 0, 12, 0, 13, 0, 14, 0, 16, 0x112d, 23, 0, 0, 0);
    sp = (sp - 8 * words.length) & ~15;
    words.forEach((word, i) => {
      this.memory.writeU64Number(sp + 8 * i, word);
    });
    this.hart.setXNumber(2, sp);
  }

  /** Runs to the exit; throws at any other trap. */
  run(budget = 1_000_000): ProgramResult {
    for (let calls = 0; ; ) {
      const cause = this.#cpu.run(this.hart, this.memory, budget);
      if (cause === TrapCause.TickBudget) continue;
      if (cause !== TrapCause.Ecall) {
        const at = this.hart.pcBig.toString(16);
        throw new Error(`trap ${cause} at ${at}, address ${this.#cpu.trapAddressBig.toString(16)}`);
      }
      calls++;
      const number = this.hart.xLo(17);
      if (number === 93 || number === 94) {
        const bytes = this.#written();
        const output = new TextDecoder().decode(bytes);
        return { status: this.hart.xLo(10), bytes, output, ticks: this.hart.ticks, calls };
      }
      this.hart.setXNumber(10, this.#call(number));
      this.hart.pc += 4;
    }
  }

  #written(): Uint8Array {
    const bytes = new Uint8Array(this.#chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  #call(number: number): number {
    const [a0, a1, a2] = [this.hart.xLo(10), this.hart.xLo(11), this.hart.xLo(12)];
    switch (number) {
      case 64:
        this.#chunks.push(this.memory.bytes(a1, a2).slice());
        return a2;
      case 66: {
        let total = 0;
        for (let i = 0; i < a2; i++) {
          const base = this.memory.readU64Number(a1 + 16 * i);
          const length = this.memory.readU64Number(a1 + 16 * i + 8);
          this.#chunks.push(this.memory.bytes(base, length).slice());
          total += length;
        }
        return total;
      }
      case 80:
        this.memory.fill(a1, 128, 0);
        this.memory.setU32(a1 + 16, 0o20620);
        return 0;
      case 113: {
        const now = this.#nanoseconds();
        this.memory.writeU64(a1, now / 1_000_000_000n);
        this.memory.writeU64(a1 + 8, now % 1_000_000_000n);
        return 0;
      }
      case 214:
        if (a0 > 0 && a0 <= this.#heapEnd) this.#brk = a0;
        return this.#brk;
      case 222: {
        const at = this.#mmapNext;
        this.#mmapNext += round(a1);
        return at;
      }
      case 78:
        return EINVAL;
      case 29:
        return -25;
      case 96:
        return 1;
      case 99:
      case 134:
      case 135:
      case 215:
      case 226:
        return 0;
      default:
        return ENOSYS;
    }
  }
}
