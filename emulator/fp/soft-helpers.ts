// The helpers' exact form: generated code calls it with bit patterns when no fast path applies.
// Called through the import `e.f` of the interpreter's module; fp/helper-functions.ts numbers the operations.
// Flags go to the environment; the caller adds them to fflags.
import type { Comparison, Format, IntegerFormat } from '../isa/semantics/backend.ts';
import type { Environment } from './format.ts';
import { FP_HELPERS, type HelperName } from './helpers.ts';
import * as soft from './soft-float.ts';

export type SoftHelper = (environment: Environment, a: bigint, b: bigint, c: bigint) => bigint;

function makeHelper(name: HelperName): SoftHelper {
  const [operation = '', second = '', third = ''] = name.split('.');
  const format = second as Format;
  switch (operation) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return (e, a, b) => soft.arithmetic(operation, format, e, a, b);
    case 'sqrt':
      return (e, a) => soft.squareRoot(format, e, a);
    case 'fma':
      return (e, a, b, c) => soft.fusedMultiplyAdd(format, e, a, b, c);
    case 'min':
    case 'max':
      return (e, a, b) => soft.extreme(operation, format, e, a, b);
    case 'class':
      return (_e, a) => soft.classify(format, a);
    case 'to':
      return (e, a) => soft.toInteger(second as IntegerFormat, 'd', e, a);
    case 'from':
      return (e, a) => soft.fromInteger(third as Format, second as IntegerFormat, e, a);
    case 'narrow':
      return (e, a) => soft.convert('s', e, a);
    case 'widen':
      return (e, a) => soft.convert('d', e, a);
    default:
      return (e, a, b) => (soft.compare(operation as Comparison, format, e, a, b) ? 1n : 0n);
  }
}

/** In the order of FP_HELPERS. */
const SOFT_HELPERS: readonly SoftHelper[] = [...FP_HELPERS.keys()].map(makeHelper);

/** The helper of a number that is one. */
export function softHelper(operation: number): SoftHelper {
  return SOFT_HELPERS[operation] as SoftHelper;
}
