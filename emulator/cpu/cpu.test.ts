import { beforeEach, describe, expect, it } from 'vitest';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE, SLOT_COUNT } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { Cpu } from './cpu.ts';
import { Hart } from './hart.ts';
import { TrapCause } from './trap.ts';

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const [A0, A1, A2, T0] = [10, 11, 12, 5];
const ECALL = assemble('ecall');
const EBREAK = assemble('ebreak');
const LOTS = 1_000_000;

let cpu: Cpu;
let memory: GuestMemory;
let hart: Hart;

beforeEach(() => {
  cpu = new Cpu();
  memory = cpu.createMemory();
  memory.grow(0x80_0000);
  memory.setPermission(CODE / PAGE_SIZE, 2, Perm.R | Perm.X);
  memory.setPermission(DATA / PAGE_SIZE, 2, Perm.R | Perm.W);
  hart = new Hart();
  hart.pc = CODE;
});

function place(address: number, ...words: number[]): void {
  words.forEach((word, i) => {
    memory.prepareKernelWrite(Math.floor((address + 4 * i) / PAGE_SIZE));
    memory.setU32(address + 4 * i, word);
  });
}

const run = (budget = LOTS) => cpu.run(hart, memory, budget);

describe('traps', () => {
  it('ecall leaves pc on the ecall', () => {
    place(CODE, assemble('addi', { rd: A0, imm: 5 }), ECALL);
    expect([run(), hart.pc, hart.x(A0)]).toEqual([TrapCause.Ecall, CODE + 4, 5n]);
  });

  it('a store to a read-only page names the address and changes no register', () => {
    place(CODE, assemble('sd', { rs1: A0, rs2: A1, imm: 8 }));
    hart.setXNumber(A0, CODE);
    expect([run(), hart.pc, cpu.trapAddress]).toEqual([TrapCause.StoreFault, CODE, CODE + 8]);
  });

  it('a load that crosses into a missing page names that page', () => {
    place(CODE, assemble('ld', { rd: A0, rs1: A0 }));
    const end = DATA + 2 * PAGE_SIZE;
    hart.setXNumber(A0, end - 3);
    expect([run(), hart.x(A0), cpu.trapAddress]).toEqual([TrapCause.LoadFault, BigInt(end - 3), end]);
  });

  it('a misaligned load across two present pages works', () => {
    place(CODE, assemble('ld', { rd: A0, rs1: A0 }), ECALL);
    memory.writeU64(DATA + PAGE_SIZE - 3, 0x1122_3344_5566_7788n);
    hart.setXNumber(A0, DATA + PAGE_SIZE - 3);
    expect([run(), hart.x(A0)]).toEqual([TrapCause.Ecall, 0x1122_3344_5566_7788n]);
  });

  it('addresses above 4 GiB fault with all their bits', () => {
    place(CODE, assemble('lw', { rd: A1, rs1: A0, imm: -4 }));
    hart.setX(A0, 0x8000_0000_0000_0002n);
    expect([run(), cpu.trapAddressBig]).toEqual([TrapCause.LoadFault, 0x7fff_ffff_ffff_fffen]);
  });

  it('a jump to a wild address faults there', () => {
    place(CODE, assemble('jalr', { rs1: A0 }));
    hart.setX(A0, 0xdead_beef_dead_beefn);
    expect(run()).toBe(TrapCause.FetchFault);
    expect([hart.pcBig, cpu.trapAddressBig]).toEqual([0xdead_beef_dead_beeen, 0xdead_beef_dead_beeen]);
  });

  it('an instruction whose second half is on a missing page faults at that page', () => {
    const end = CODE + 2 * PAGE_SIZE;
    memory.setU16(end - 2, 0x0513);
    hart.pc = end - 2;
    expect([run(), hart.pc, cpu.trapAddress]).toEqual([TrapCause.FetchFault, end - 2, end]);
  });

  it('an instruction may lie across two pages', () => {
    const at = CODE + PAGE_SIZE - 2;
    place(at, assemble('addi', { rd: A0, imm: 7 }), ECALL);
    hart.pc = at;
    expect([run(), hart.x(A0), hart.pc]).toEqual([TrapCause.Ecall, 7n, at + 4]);
  });

  it('reserved encodings are illegal', () => {
    place(CODE, 0);
    expect([run(), hart.pc]).toEqual([TrapCause.IllegalInstruction, CODE]);
  });

  it('writing a read-only CSR is illegal, reading it is not', () => {
    place(CODE, assemble('csrrs', { rd: A0, imm: 0xc00 }), assemble('csrrw', { imm: 0xc00 }));
    expect([run(), hart.pc]).toEqual([TrapCause.IllegalInstruction, CODE + 4]);
  });

  it('a misaligned AMO is not a page fault', () => {
    place(CODE, assemble('amoadd.w', { rd: A1, rs1: A0 }));
    hart.setXNumber(A0, DATA + 2);
    expect([run(), cpu.trapAddress]).toEqual([TrapCause.MisalignedAmo, DATA + 2]);
  });
});

describe('ticks', () => {
  /** A loop of `count` iterations, then an ecall. */
  function placeLoop(count: number): void {
    place(CODE, assemble('addi', { rd: A0, imm: count }), assemble('addi', { rd: A0, rs1: A0, imm: -1 }));
    place(CODE + 8, assemble('bne', { rs1: A0, imm: -4 }), ECALL);
  }

  it('are the taken backward transfers', () => {
    placeLoop(100);
    expect([run(), cpu.ticksUsed, hart.ticks]).toEqual([TrapCause.Ecall, 99, 99]);
  });

  it('stop the run at the target when the budget is used up', () => {
    placeLoop(100);
    expect([run(40), hart.pc, hart.x(A0), cpu.ticksUsed]).toEqual([TrapCause.TickBudget, CODE + 4, 60n, 40]);
    expect([run(), hart.ticks]).toEqual([TrapCause.Ecall, 99]);
  });

  it('are counted alike by single steps', () => {
    placeLoop(10);
    let steps = 0;
    while (cpu.step(hart, memory) === TrapCause.Stepped) steps++;
    expect([steps, hart.ticks, hart.pc]).toEqual([21, 9, CODE + 12]);
  });

  it('include every jalr, and no jump ahead', () => {
    place(CODE, assemble('jal', { rd: 1, imm: 12 }), ECALL, EBREAK, assemble('jalr', { rs1: 1 }));
    expect([run(), hart.pc, hart.ticks]).toEqual([TrapCause.Ecall, CODE + 4, 1]);
  });

  it('are what the cycle counter shows', () => {
    placeLoop(100);
    place(CODE + 12, assemble('csrrs', { rd: A1, imm: 0xc00 }), ECALL);
    expect([run(), hart.x(A1)]).toEqual([TrapCause.Ecall, 99n]);
  });
});

describe('code that changes', () => {
  const RWX = Perm.R | Perm.W | Perm.X;

  it('is decoded again after a store to it', () => {
    memory.setPermission(CODE / PAGE_SIZE, 2, RWX);
    const far = CODE + PAGE_SIZE;
    place(far, assemble('addi', { rd: A0, imm: 1 }), assemble('jalr', { rs1: 1 }));
    place(CODE, assemble('jalr', { rd: 1, rs1: A1 }), assemble('addi', { rd: A2, rs1: A0 }));
    place(CODE + 8, assemble('sw', { rs1: A1, rs2: T0 }), assemble('jalr', { rd: 1, rs1: A1 }), ECALL);
    hart.setXNumber(A1, far);
    hart.setXNumber(T0, assemble('addi', { rd: A0, imm: 2 }));
    expect([run(), hart.x(A2), hart.x(A0)]).toEqual([TrapCause.Ecall, 1n, 2n]);
  });

  it('may be the very page that the store is on', () => {
    memory.setPermission(CODE / PAGE_SIZE, 2, RWX);
    place(CODE, assemble('sw', { rs1: A1, rs2: T0, imm: 8 }), assemble('addi', { rd: A0, imm: 1 }));
    place(CODE + 8, EBREAK, ECALL);
    hart.setXNumber(A1, CODE);
    hart.setXNumber(T0, assemble('addi', { rd: A0, rs1: A0, imm: 2 }));
    expect([run(), hart.pc, hart.x(A0)]).toEqual([TrapCause.Ecall, CODE + 12, 3n]);
  });

  it('may be changed by a store that crosses from one code page to the next', () => {
    memory.setPermission(CODE / PAGE_SIZE, 2, RWX);
    const edge = CODE + PAGE_SIZE;
    place(edge, ECALL);
    hart.pc = edge;
    expect(run()).toBe(TrapCause.Ecall);
    place(CODE, assemble('sd', { rs1: A1, rs2: T0, imm: -4 }), assemble('jalr', { rs1: A1 }));
    hart.pc = CODE;
    hart.setXNumber(A1, edge);
    hart.setX(T0, BigInt(EBREAK) << 32n);
    expect([run(), hart.pc]).toEqual([TrapCause.Breakpoint, edge]);
  });

  it('gives write access back to the page, and the kernel never sees it withheld', () => {
    memory.setPermission(CODE / PAGE_SIZE, 1, RWX);
    place(CODE, ECALL);
    run();
    expect([memory.hasCode(CODE / PAGE_SIZE), memory.granted(CODE / PAGE_SIZE)]).toEqual([true, RWX]);
    expect(memory.fast(CODE / PAGE_SIZE) & Perm.W).toBe(0);
    memory.prepareKernelWrite(CODE / PAGE_SIZE);
    expect(memory.fast(CODE / PAGE_SIZE) & Perm.W).toBe(Perm.W);
  });

  it('is forgotten when execution is no longer granted', () => {
    place(CODE, ECALL);
    run();
    memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R);
    expect([run(), cpu.trapAddress]).toEqual([TrapCause.FetchFault, CODE]);
  });

  it('may span more pages than there are slots for records', () => {
    const pages = SLOT_COUNT + 100;
    const base = 0x10_0000;
    memory.grow(base + pages * PAGE_SIZE);
    memory.setPermission(base / PAGE_SIZE, pages, Perm.R | Perm.X);
    for (let i = 0; i < pages; i++) {
      place(base + i * PAGE_SIZE, assemble('addi', { rd: A0, rs1: A0, imm: 1 }));
      place(base + i * PAGE_SIZE + 4, i + 1 < pages ? assemble('jal', { imm: PAGE_SIZE - 4 }) : ECALL);
    }
    for (let round = 1; round <= 2; round++) {
      hart.pc = base;
      expect([run(), hart.x(A0)]).toEqual([TrapCause.Ecall, BigInt(round * pages)]);
    }
  });
});

describe('harts', () => {
  it('share a memory one after the other', () => {
    place(CODE, assemble('addi', { rd: A0, rs1: A0, imm: 1 }), ECALL);
    const other = new Hart();
    other.pc = CODE;
    hart.setXNumber(A0, 10);
    other.setXNumber(A0, 20);
    run();
    cpu.run(other, memory, LOTS);
    expect([hart.x(A0), other.x(A0), hart.pc, other.pc]).toEqual([11n, 21n, CODE + 4, CODE + 4]);
  });

  it('keep their registers when their memory is released and used again', () => {
    place(CODE, assemble('addi', { rd: A0, imm: 3 }), ECALL);
    run();
    memory.release();
    expect(hart.x(A0)).toBe(3n);
    const reused = cpu.createMemory();
    reused.grow(0x80_0000);
    expect([reused.u32(CODE), reused.fast(CODE / PAGE_SIZE), reused.granted(CODE / PAGE_SIZE)]).toEqual([
      0, 0, 0,
    ]);
    expect(cpu.run(hart, reused, LOTS)).toBe(TrapCause.FetchFault);
    expect(hart.x(A0)).toBe(3n);
  });

  it('lose their reservation when told so', () => {
    place(
      CODE,
      assemble('lr.d', { rd: A1, rs1: A0 }),
      ECALL,
      assemble('sc.d', { rd: A1, rs1: A0, rs2: A0 }),
      ECALL,
    );
    hart.setXNumber(A0, DATA);
    run();
    hart.clearReservation();
    hart.pc += 4;
    run();
    expect([hart.x(A1), memory.readU64(DATA)]).toEqual([1n, 0n]);
  });
});
