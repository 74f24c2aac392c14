// The arguments of a row's calls: a0 and the registers behind it as an object of numbers with the row's names.
// Each syscall row has one; dispatch.ts reads with it at every call, so a row that is used much gets code of its own.
// Objects of one row have one shape this way, which handlers that take them apart are fast with.
import type { Hart } from '../../emulator/cpu/hart.ts';
import { functionOf } from '../abi/function-of.ts';
import type { Kind, Register } from '../abi/kind.ts';

type Values = Readonly<Record<string, number>>;
type Reader = (hart: Hart, used: Values | undefined) => Values;

const A0 = 10;
const TWO_32 = 0x1_0000_0000;
const NONE: Values = Object.freeze({});
/** Compiling takes as long as some hundred calls, and short programs make few. */
const READS_BEFORE_COMPILING = 100;
const LARGEST_POOL = 1024;

/** The same as `argumentOf` in JavaScript, with the number of the register for N. */
const EXPRESSIONS: Readonly<Record<Register, string>> = {
  i32: 'hart.xLo(N) | 0',
  u32: 'hart.xLo(N)',
  i64: `hart.xHi(N) * ${TWO_32} + hart.xLo(N)`,
  u64: `(hart.xHi(N) >>> 0) * ${TWO_32} + hart.xLo(N)`,
};

export class ArgumentReader {
  readonly #kinds: readonly (readonly [string, Kind])[];
  #reads = 0;
  #compiled: Reader | undefined;
  /** Objects of calls that are over. */
  readonly #used: Values[] = [];

  constructor(kinds: readonly (readonly [string, Kind])[]) {
    this.#kinds = kinds;
  }

  read(hart: Hart): Values {
    if (this.#compiled !== undefined) return this.#compiled(hart, this.#used.pop());
    if (this.#kinds.length === 0) return NONE;
    if (++this.#reads === READS_BEFORE_COMPILING) this.#compiled = compile(this.#kinds);
    const values: Record<string, number> = {};
    let register = A0;
    for (const [name, kind] of this.#kinds) values[name] = argumentOf(hart, kind.register, register++);
    return values;
  }

  /** Nobody uses `values` any more. Those of calls that wait grow old, and would be garbage of the slow kind. */
  giveBack(values: Values): void {
    if (this.#compiled !== undefined && this.#used.length < LARGEST_POOL) this.#used.push(values);
  }
}

function argumentOf(hart: Hart, kind: Register, register: number): number {
  const low = hart.xLo(register);
  switch (kind) {
    case 'i32':
      return low | 0;
    case 'u32':
      return low;
    case 'i64':
      return hart.xHi(register) * TWO_32 + low;
    case 'u64':
      return (hart.xHi(register) >>> 0) * TWO_32 + low;
  }
}

/** A function that makes an object, or writes to one that was used. */
function compile(kinds: readonly (readonly [string, Kind])[]): Reader | undefined {
  const fields: string[] = [];
  const stores: string[] = [];
  for (const [index, [name, kind]] of kinds.entries()) {
    const value = EXPRESSIONS[kind.register].replaceAll('N', String(A0 + index));
    fields.push(`${name}: ${value}`);
    stores.push(`used.${name} = ${value};`);
  }
  const body = `if (used === undefined) return { ${fields.join(', ')} }; ${stores.join(' ')} return used;`;
  return functionOf(['hart', 'used'], body);
}
