// Whether the host's relaxed vector multiply-add rounds once, as fmadd must: proved by running it, not by asking.
// machine/ probes once per machine and tells the interpreter's and the JIT's emitters.
// Where the instruction is missing or rounds twice, the exact helper does all of it.
import { PROBE_BYTES } from './fused-probe.ts';

type Madd = (a: number, b: number, c: number) => number;

/** a, b, c, and a × b + c rounded once; rounding twice gives something else in each row. */
const DOUBLE_CASES: readonly (readonly [number, number, number, number])[] = [
  [1 + 2 ** -52, 1 + 2 ** -52, -1 - 2 ** -51, 2 ** -104],
  [1 + 2 ** -30, 1 - 2 ** -30, -1, -(2 ** -60)],
  [134217729, 134217729, -18014398777917440, 1],
];
const SINGLE_CASES: readonly (readonly [number, number, number, number])[] = [
  [1 + 2 ** -23, 1 + 2 ** -23, -1 - 2 ** -22, 2 ** -46],
  [1 + 2 ** -13, 1 - 2 ** -13, -1, -(2 ** -26)],
  [8193, 8193, -67125248, 1],
];

let answer: boolean | undefined;

/** True when relaxed_madd exists here and rounded once in every case, in both formats. */
export function hostFusesMultiplyAdd(): boolean {
  answer ??= probe();
  return answer;
}

function probe(): boolean {
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(PROBE_BYTES)));
    const double = instance.exports.d as Madd;
    const single = instance.exports.s as Madd;
    return (
      DOUBLE_CASES.every(([a, b, c, expected]) => double(a, b, c) === expected) &&
      SINGLE_CASES.every(([a, b, c, expected]) => single(a, b, c) === expected)
    );
  } catch {
    return false; // a CompileError: the host does not know the instruction
  }
}
