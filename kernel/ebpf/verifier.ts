// Says whether a device program may run (Documentation/bpf/verifier.rst; kernel/bpf/verifier.c, do_check): it ends, reads
// only what was written, and reaches only its context and its stack. Linux follows every way; here what is known where ways meet
// is joined, so each instruction is looked at once. For that, programs have no loops, and no register that is a pointer on one way only.
import { BPF_PROG_TYPE_CGROUP_DEVICE, BpfCgroupDevCtx } from '../abi/ebpf.ts';
import { EACCES, EINVAL } from '../errno.ts';
import { holds } from './arithmetic.ts';
import { demandFields } from './fields.ts';
import { HELPERS } from './helpers.ts';
import {
  ADD,
  ALU,
  ALU64,
  classOf,
  END,
  EXIT,
  type Instruction,
  JA,
  JMP,
  JMP32,
  LD,
  LDX,
  MEMSX,
  MOV,
  NEG,
  ST,
  STX,
  SUB,
  sizeOf,
  targetOf,
} from './instructions.ts';
import { FRAME, STACK_SIZE, wide } from './interpreter.ts';
import {
  ANY_NUMBER,
  afterArithmetic,
  afterComparison,
  below,
  type Content,
  exactly,
  exactValue,
  type Knowledge,
  meet,
  NONE,
  usesSource,
  withRegister,
} from './knowledge.ts';
import { reject } from './rejection.ts';
import { demandShape } from './shape.ts';

/** Where the program goes on, and what is known there. */
type Step = readonly [at: number, known: Knowledge];

/** Ends with a Rejection, EINVAL or EACCES, unless the program may run. */
export function verify(program: readonly Instruction[], type: number): void {
  const known: (Knowledge | undefined)[] = [];
  known[0] = {
    registers: Array.from({ length: FRAME + 1 }, (_, i) =>
      i === 1 ? { kind: 'context', offset: 0 } : i === FRAME ? { kind: 'stack', offset: 0 } : NONE,
    ),
    spilled: new Map(),
  };
  for (const at of demandShape(program)) {
    const here = known[at];
    if (here === undefined) continue; // no way leads here that can be taken
    for (const [next, there] of new Following(program, type, at, here).steps()) {
      const other = known[next];
      known[next] = other === undefined ? there : meet(other, there);
    }
  }
}

/** One instruction, with what is known before it. */
class Following {
  readonly #program: readonly Instruction[];
  readonly #type: number;
  readonly #at: number;
  readonly #known: Knowledge;
  readonly #instruction: Instruction;

  constructor(program: readonly Instruction[], type: number, at: number, known: Knowledge) {
    this.#program = program;
    this.#type = type;
    this.#at = at;
    this.#known = known;
    this.#instruction = program[at] as Instruction;
  }

  steps(): Step[] {
    const { code, dst, src } = this.#instruction;
    for (const register of [src, dst]) if (register > FRAME) reject(EINVAL, `R${register} is invalid`);
    demandFields(this.#instruction);
    switch (classOf(code)) {
      case LD:
        return this.#sets(exactly(wide(this.#instruction, this.#program[this.#at + 1] as Instruction)), 2);
      case LDX:
        return this.#sets(this.#load());
      case ST:
      case STX:
        return [[this.#at + 1, this.#store()]];
      case ALU:
      case ALU64:
        return this.#sets(this.#arithmetic());
      default:
        return this.#jump();
    }
  }

  /** EACCES: nothing was written there. */
  #read(register: number): Content {
    const content = this.#known.registers[register] as Content;
    if (content.kind === 'none') reject(EACCES, `R${register} !read_ok`);
    return content;
  }

  #operand(): Content {
    const { src, imm } = this.#instruction;
    return usesSource(this.#instruction) ? this.#read(src) : exactly(BigInt.asUintN(64, BigInt(imm)));
  }

  #sets(content: Content, length = 1): Step[] {
    const { dst } = this.#instruction;
    if (dst === FRAME) reject(EACCES, 'frame pointer is read only');
    return [[this.#at + length, withRegister(this.#known, dst, content)]];
  }

  #arithmetic(): Content {
    const { code, dst, off } = this.#instruction;
    const operation = code & 0xf0;
    const isUnary = operation === NEG || operation === END;
    const right = isUnary ? exactly(0n) : this.#operand();
    if (operation === MOV) {
      if (classOf(code) === ALU64 && off === 0) return right;
      if (right.kind !== 'number') reject(EACCES, `R${this.#instruction.src} partial copy of pointer`);
      return afterArithmetic(this.#instruction, ANY_NUMBER, right);
    }
    const left = this.#read(dst);
    if (left.kind === 'number' && right.kind === 'number')
      return afterArithmetic(this.#instruction, left, right);
    return this.#movePointer(operation, left, right);
  }

  /** The sum of a pointer and a number that is known. */
  #movePointer(operation: number, left: Content, right: Content): Content {
    const { code, dst } = this.#instruction;
    if (classOf(code) === ALU) reject(EACCES, `R${dst} 32-bit pointer arithmetic prohibited`);
    const [pointer, number] = operation === ADD && left.kind === 'number' ? [right, left] : [left, right];
    const moved = exactValue(number);
    if (pointer.kind === 'number' || pointer.kind === 'none' || (operation !== ADD && operation !== SUB))
      reject(EACCES, `R${dst} pointer arithmetic with this operator prohibited`);
    if (number.kind !== 'number')
      reject(EACCES, `R${dst} pointer arithmetic with another pointer prohibited`);
    if (moved === undefined) reject(EACCES, `R${dst} pointer arithmetic with an unknown number prohibited`);
    const by = Number(BigInt.asIntN(64, moved));
    const offset = operation === ADD ? pointer.offset + by : pointer.offset - by;
    if (Math.abs(offset) >= 1 << 29) reject(EACCES, `value ${offset} makes pointer be out of bounds`);
    return { kind: pointer.kind, offset };
  }

  #load(): Content {
    const { code, src, off } = this.#instruction;
    const size = sizeOf(code);
    const base = this.#read(src);
    const isSigned = (code & 0xe0) === MEMSX;
    if (base.kind === 'context' && base.offset !== 0)
      reject(EACCES, `dereference of modified ctx ptr R${src} off=${base.offset} disallowed`);
    const content = base.kind === 'context' ? loadContext(this.#type, off, size) : undefined;
    if (content !== undefined) return isSigned ? ANY_NUMBER : content;
    const offset = this.#stackOffset(src, off, size);
    const whole = this.#known.spilled.get(offset);
    if (size === 8 && whole !== undefined) return whole;
    const isPart = overlapping(this.#known.spilled, offset, size).some(([, { kind }]) => kind !== 'number');
    if (size !== 8 && isPart) reject(EACCES, 'corrupted spill memory');
    return size === 8 || isSigned ? ANY_NUMBER : below(8 * size);
  }

  #store(): Knowledge {
    const { code, dst, src, off } = this.#instruction;
    const size = sizeOf(code);
    const value = classOf(code) === STX ? this.#read(src) : ANY_NUMBER;
    const base = this.#read(dst);
    if (base.kind === 'context') {
      if (classOf(code) === ST) reject(EACCES, `BPF_ST stores into R${dst} ctx is not allowed`);
      reject(EACCES, `invalid bpf_context access off=${base.offset + off} size=${size}`);
    }
    const offset = this.#stackOffset(dst, off, size);
    if (value.kind !== 'number' && size !== 8) reject(EACCES, 'invalid size of register spill');
    const spilled = new Map(this.#known.spilled);
    for (const [old] of overlapping(spilled, offset, size)) spilled.delete(old);
    if (size === 8) spilled.set(offset, value);
    return { registers: this.#known.registers, spilled };
  }

  /** EACCES: not on the stack, or misaligned there. */
  #stackOffset(register: number, off: number, size: number): number {
    const base = this.#read(register);
    if (base.kind !== 'stack') reject(EACCES, `R${register} invalid mem access 'scalar'`);
    const offset = base.offset + off;
    if (offset % size !== 0) reject(EACCES, `misaligned stack access off ${offset} size ${size}`);
    if (offset >= 0 || offset < -STACK_SIZE)
      reject(EACCES, `invalid read from or write to stack R${register} off=${offset} size=${size}`);
    return offset;
  }

  #jump(): Step[] {
    const { code, dst } = this.#instruction;
    const operation = code & 0xf0;
    const target = targetOf(this.#instruction, this.#at);
    if (classOf(code) === JMP && operation === EXIT) return this.#exit();
    if (target === undefined) return this.#call();
    if (operation === JA) return [[target, this.#known]];
    const right = this.#operand();
    const left = this.#read(dst);
    const next = this.#at + 1;
    const isNarrow = classOf(code) === JMP32;
    const [a, b] = [exactValue(left), exactValue(right)];
    if (b === undefined || (isNarrow && (left.kind !== 'number' || left.max >> 32n !== 0n)))
      return [
        [next, this.#known],
        [target, this.#known],
      ];
    if (a !== undefined) return [[holds(operation, isNarrow ? 32 : 64, a, b) ? target : next, this.#known]];
    const compared = isNarrow ? BigInt.asUintN(32, b) : b;
    const learned = (held: boolean): Knowledge =>
      withRegister(this.#known, dst, afterComparison(operation, left, compared, held));
    return [
      [next, learned(false)],
      [target, learned(true)],
    ];
  }

  #call(): Step[] {
    const { src, imm } = this.#instruction;
    if (src !== 0) reject(EINVAL, 'functions of the program or of the kernel cannot be called');
    if (HELPERS[imm] === undefined) reject(EINVAL, `program of this type cannot use helper #${imm}`);
    const registers = this.#known.registers.map((content, i) =>
      i === 0 ? ANY_NUMBER : i <= 5 ? NONE : content,
    );
    return [[this.#at + 1, { registers, spilled: this.#known.spilled }]];
  }

  /** EACCES, EINVAL: it returns 0 or 1. */
  #exit(): Step[] {
    const result = this.#read(0);
    if (result.kind !== 'number') reject(EINVAL, 'At program exit the register R0 is not a known value');
    // the result is an int
    if (result.max > 1n)
      reject(
        EINVAL,
        `At program exit the register R0 has smin=${result.min} smax=${result.max} should have been in [0, 1]`,
      );
    return [];
  }
}

/** What a device program finds in its context (kernel/bpf/cgroup.c, cgroup_dev_is_valid_access); others find nothing. EACCES. */
function loadContext(type: number, offset: number, size: number): Content {
  const isInside =
    type === BPF_PROG_TYPE_CGROUP_DEVICE &&
    offset >= 0 &&
    offset + size <= BpfCgroupDevCtx.size &&
    offset % size === 0;
  const mayBeNarrow = offset < BpfCgroupDevCtx.offsets.major;
  if (!isInside || (size !== 4 && !(mayBeNarrow && size < 4)))
    reject(EACCES, `invalid bpf_context access off=${offset} size=${size}`);
  return below(8 * size);
}

/** Whatever is known of what `size` bytes at `offset` touch. */
function overlapping(
  spilled: ReadonlyMap<number, Content>,
  offset: number,
  size: number,
): [number, Content][] {
  return [...spilled].filter(([at]) => at < offset + size && offset < at + 8);
}
