// A random case from two numbers: the seed of the run and the number of the case.
// Called for every case of a run, and again to repeat one.
// Every case ends: backward transfers spend a counter that nothing else writes, computed jumps go where labels say.
import { assemble } from '../../../emulator/testing/assembler.ts';
import { Random } from '../../../emulator/testing/random.ts';
import type { Case, Item, Piece, Reference } from './case.ts';
import { InstructionMaker, withBase } from './instructions.ts';
import { EDGE, PAGE, TEXT, WINDOW, WINDOW_SIZE } from './layout.ts';

const FENCE_I = assemble('fence.i');
const ECALL = assemble('ecall');
const EBREAK = assemble('ebreak');
const C_EBREAK = 0x9002;
const [A0, A7] = [10, 17];
const NO_SYSCALL = 2000;
const MAX_ITEMS = 30;

const sizeOf = (word: number): number => ((word & 3) === 3 ? 4 : 2);

/** Case `index` of the run with this seed: always the same. */
export function generateCase(seed: number, index: number): Case {
  const mixer = new Random(Math.imul(seed, 0x9e37_79b1) ^ index);
  return new Generator(new Random(mixer.u32() ^ Math.imul(index, 0x85eb_ca6b))).make();
}

class Generator {
  readonly #random: Random;
  readonly #maker: InstructionMaker;
  readonly #reserved = new Set<number>();
  readonly #pointers: readonly number[];
  readonly #fuel: number;
  readonly #isRisky: boolean;
  readonly #isSelfModifying: boolean;
  readonly #mayReserve: boolean;
  readonly #items: Item[] = [];
  /** Items that others write over. */
  readonly #patched = new Set<number>();
  #count = 0;
  #functions: number[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#isRisky = random.below(3) === 0;
    this.#isSelfModifying = random.below(50) === 0;
    this.#mayReserve = random.below(2) === 0;
    const shuffled = Array.from({ length: 31 }, (_, i) => i + 1);
    for (let i = 30; i > 0; i--) {
      const j = random.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] ?? 0, shuffled[i] ?? 0];
    }
    this.#fuel = shuffled[0] ?? 1;
    this.#reserved.add(this.#fuel);
    // Compressed accesses use sp and x8 to x15.
    const usual = [2, 8, 9, 10, 11, 12, 13, 14, 15].filter((n) => n !== this.#fuel && random.below(2) === 0);
    this.#pointers = [...new Set([...usual, ...shuffled.slice(1, 5)])];
    this.#maker = new InstructionMaker(random, {
      reserved: this.#reserved,
      pointers: this.#pointers,
      favourites: shuffled.slice(5, 12),
      floats: Array.from({ length: 6 }, () => random.below(32)),
      isRisky: this.#isRisky,
    });
  }

  make(): Case {
    const random = this.#random;
    this.#count = random.below(6) === 0 ? 1 + random.below(4) : 4 + random.below(MAX_ITEMS - 3);
    const functionCount = this.#isSelfModifying || this.#count < 6 ? 0 : random.below(3);
    const endId = this.#count;
    this.#functions = Array.from({ length: functionCount }, (_, i) => endId + 1 + 10 * i);
    for (let id = 0; id < endId; id++) {
      this.#items.push({ id, pieces: this.#patched.has(id) ? [this.#maker.long()] : this.#pieces(id) });
    }
    for (const first of this.#functions) this.#makeFunction(first);
    const x = Array.from({ length: 32 }, (_, n) =>
      this.#pointers.includes(n) ? BigInt(this.#address()) : random.integer(),
    );
    x[0] = 0n;
    x[this.#fuel] = BigInt(random.pick([0, 1, 2, 3, 5, 8, 20, 40]));
    const single = random.below(100);
    return {
      items: this.#items,
      endId,
      x,
      f: Array.from({ length: 32 }, () => (random.below(100) < single ? random.single() : random.double())),
      fcsr:
        (random.pick([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, random.below(8)]) << 5) |
        random.pick([0, 0, 1, 31, random.below(32)]),
      skew: random.below(4),
      exit: random.below(2) === 0 ? 'jump' : 'breakpoint',
      isSelfModifying: this.#isSelfModifying,
    };
  }

  /** An address around the window; a safe one is far from what faults, but perhaps across its middle. */
  #address(): number {
    const random = this.#random;
    const unit = random.pick([8, 8, 8, 8, 8, 8, 16, 4, 2, 1]);
    const near = (center: number, distance: number): number =>
      center + unit * Math.floor((random.below(2 * distance) - distance) / unit);
    if (!this.#isRisky || random.below(3) === 0) {
      return near(random.pick([WINDOW + 104, WINDOW + PAGE, WINDOW + WINDOW_SIZE - 152]), 24);
    }
    switch (random.below(6)) {
      case 0:
        return near(WINDOW, 48);
      case 1:
      case 2:
        return near(WINDOW + WINDOW_SIZE, 48);
      case 3:
        return near(WINDOW - PAGE, 48);
      case 4:
        return near(WINDOW - PAGE / 2, 256);
      default:
        return random.pick([WINDOW + 4 * PAGE, 0, 8, TEXT, TEXT + 64]);
    }
  }

  #pieces(id: number): Piece[] {
    const random = this.#random;
    const maker = this.#maker;
    const kind = random.below(1000);
    const later = (): number => id + 1 + random.below(Math.min(6, this.#count - id));
    if (kind < 440) return [maker.plain()];
    if (kind < 580) return [maker.memory()];
    if (kind < 640) return maker.group();
    if (kind < 675) return [maker.amo()];
    if (kind < 705) return maker.reservedPair();
    if (kind < 712) {
      // A case has single lrs or single scs, not both: what stores between may do to them is free.
      return this.#mayReserve ? [maker.loadReserved()] : maker.storeConditional(WINDOW);
    }
    if (kind < 745) return [maker.csr()];
    if (kind < 755) return maker.countTrailingZeros();
    if (kind < 820) return [this.#branch(later())];
    if (kind < 850) return this.#loopTo(id - random.below(Math.min(6, id + 1)));
    if (kind < 865) return this.#stride();
    if (kind < 890) return this.#jump(later());
    if (kind < 920) return this.#call(id);
    if (kind < 930) return [maker.fence()];
    if (kind < 945) return this.#systemCall();
    if (kind < 955) return [maker.illegal()];
    if (kind < 960) return this.#wild();
    if (kind < 963) return [random.pick([EBREAK, C_EBREAK])];
    if (this.#isSelfModifying && random.below(2) === 0) return this.#patch(later());
    return [maker.plain()];
  }

  #branch(label: number): Reference {
    const random = this.#random;
    const name = random.pick(['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']);
    const isShort = random.below(2) === 0 && /^b(eq|ne)$/.test(name);
    const [rs1, rs2] = isShort ? [8 + random.below(8), 0] : [this.#maker.source(), this.#maker.source()];
    return { kind: 'transfer', name, rd: 0, rs1, rs2, label, isShort };
  }

  /** Back, if the counter allows. */
  #loopTo(label: number): Piece[] {
    const fuel = this.#fuel;
    const decrement = assemble('addi', { rd: fuel, rs1: fuel, imm: -1 });
    return [decrement, { kind: 'transfer', name: 'blt', rd: 0, rs1: 0, rs2: fuel, label, isShort: false }];
  }

  /** A loop over memory, perhaps to where it ends; it may look into a table, leave something out, or step by a register. */
  #stride(): Piece[] {
    const random = this.#random;
    const fuel = this.#fuel;
    const pointer = random.pick(this.#pointers);
    const step = random.pick([8, 8, 16, 4, 64, 1, -8, 512]);
    const body = Array.from({ length: 1 + random.below(3) }, () => {
      const word = this.#maker.memory();
      return (word & 3) === 3 ? withBase(word, pointer) : word;
    });
    if (random.below(3) === 0) body.push(...this.#element());
    if (random.below(3) === 0) {
      const over = random.pick(['beq', 'bltu', 'bge']);
      const [rs1, rs2] = [this.#maker.source(), this.#maker.source()];
      body.unshift(assemble(over, { rs1, rs2, imm: 4 + sizeOf(body[0] as number) }));
    }
    const before: number[] = [];
    const stride = this.#freeRegister();
    if (random.below(4) === 0 && stride !== pointer) {
      before.push(assemble('addi', { rd: stride, imm: step }));
      body.push(assemble('add', { rd: pointer, rs1: pointer, rs2: stride }));
    } else body.push(assemble('addi', { rd: pointer, rs1: pointer, imm: step }));
    body.push(assemble('addi', { rd: fuel, rs1: fuel, imm: -1 }));
    const size = body.reduce((sum, word) => sum + sizeOf(word), 0);
    return [...before, ...body, assemble('blt', { rs2: fuel, imm: -size })];
  }

  /** An access to one of the elements behind a pointer. */
  #element(): number[] {
    const random = this.#random;
    const [index, at] = [this.#freeRegister(), this.#freeRegister()];
    const base = random.pick(this.#pointers);
    const shift = random.below(4);
    const bounded = assemble('andi', {
      rd: index,
      rs1: this.#maker.source(),
      imm: random.pick([7, 31, 63, 255, -1]),
    });
    const address =
      random.below(2) === 0
        ? [
            assemble('slli', { rd: index, rs1: index, imm: shift }),
            assemble('add', { rd: at, rs1: index, rs2: base }),
          ]
        : [assemble(`sh${1 + (shift % 3)}add`, { rd: at, rs1: index, rs2: base })];
    const fields = { rs1: at, imm: 4 * random.below(4) };
    const access =
      random.below(3) === 0
        ? assemble(random.pick(['sb', 'sw', 'sd']), { ...fields, rs2: this.#maker.source() })
        : assemble(random.pick(['lbu', 'lw', 'ld']), { ...fields, rd: this.#freeRegister() });
    return [bounded, ...address, access];
  }

  #freeRegister(): number {
    for (;;) {
      const register = 1 + this.#random.below(31);
      if (!this.#reserved.has(register)) return register;
    }
  }

  #jump(label: number): Piece[] {
    const random = this.#random;
    const link = this.#isSelfModifying || random.below(2) === 0 ? 0 : this.#freeRegister();
    if (this.#isSelfModifying || random.below(2) === 0) {
      return [
        {
          kind: 'transfer',
          name: 'jal',
          rd: link,
          rs1: 0,
          rs2: 0,
          label,
          isShort: link === 0 && random.below(2) === 0,
        },
      ];
    }
    return this.#computed(link, label);
  }

  #computed(link: number, label: number): Piece[] {
    const register = this.#freeRegister();
    return [
      { kind: 'address', name: 'auipc', rd: register, rs1: 0, rs2: 0, label, isShort: false },
      assemble('jalr', { rd: link, rs1: register, imm: this.#random.below(4) === 0 ? 1 : 0 }),
    ];
  }

  /** From the main part only: functions call none. */
  #call(id: number): Piece[] {
    const random = this.#random;
    if (this.#functions.length === 0 || id > this.#count) return [this.#maker.plain()];
    const label = random.pick(this.#functions);
    const link = this.#linkOf(label);
    if (random.below(3) === 0) return this.#computed(link, label);
    return [{ kind: 'transfer', name: 'jal', rd: link, rs1: 0, rs2: 0, label, isShort: false }];
  }

  #linkOf(label: number): number {
    const usual = label === this.#functions[0] ? 1 : 5;
    return usual === this.#fuel ? 6 : usual;
  }

  /** Straight but for branches ahead; its link register is left alone. */
  #makeFunction(first: number): void {
    const link = this.#linkOf(first);
    const random = this.#random;
    const maker = this.#maker;
    this.#reserved.add(link);
    const length = 1 + random.below(6);
    for (let i = 0; i < length; i++) {
      const kind = random.below(10);
      const pieces =
        kind < 5
          ? [maker.plain()]
          : kind < 8
            ? [maker.memory()]
            : [this.#branch(first + i + 1 + random.below(length - i))];
      this.#items.push({ id: first + i, pieces });
    }
    this.#items.push({ id: first + length, pieces: [assemble('jalr', { rs1: link })] });
    this.#reserved.delete(link);
  }

  /** A call that no kernel has: -ENOSYS in a0. */
  #systemCall(): Piece[] {
    if (this.#reserved.has(A0) || this.#reserved.has(A7)) return [this.#maker.plain()];
    return [assemble('addi', { rd: A7, imm: NO_SYSCALL }), ECALL];
  }

  /** A jump to where nothing may be fetched. */
  #wild(): Piece[] {
    const random = this.#random;
    const register = this.#freeRegister();
    const upper = random.pick([0, WINDOW, WINDOW + PAGE, 0x7f00_0000, 0x8000_0000 | 0, EDGE + PAGE]);
    const link = random.below(2) === 0 ? 0 : this.#freeRegister();
    const imm = upper === EDGE + PAGE ? -2 * random.below(8) : random.below(64);
    return [
      assemble('lui', { rd: register, imm: upper }),
      assemble('jalr', { rd: link, rs1: register, imm }),
    ];
  }

  /** Writes an instruction over another; the register that held its address is cleared. */
  #patch(label: number): Piece[] {
    const [address, value] = [this.#freeRegister(), this.#freeRegister()];
    if (address === value) return [this.#maker.plain()];
    const word = this.#maker.long();
    const upper = (word + 0x800) & ~0xfff;
    this.#patched.add(label);
    return [
      { kind: 'address', name: 'auipc', rd: address, rs1: 0, rs2: 0, label, isShort: false },
      assemble('lui', { rd: value, imm: upper }),
      assemble('addiw', { rd: value, rs1: value, imm: (word - upper) & 0xfff }),
      assemble('sw', { rs2: value, rs1: address }),
      assemble('addi', { rd: address }),
      FENCE_I,
    ];
  }
}
