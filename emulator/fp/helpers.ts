// The floating-point helpers that generated code calls when its own fast path does not apply: names and types.
// Called by isa/emit/float-emitter.ts to know what exists; fp/helper-functions.ts emits their bodies.
// Every helper sets fflags itself; `rm` is an instruction's rounding field, 7 for frm's.
import type { Arithmetic, Comparison, Format, IntegerFormat } from '../isa/semantics/backend.ts';
import { ValueType } from '../wasm/opcodes.ts';

const { I32, I64, F32, F64 } = ValueType;

export type HelperName =
  | `${Arithmetic | 'sqrt' | 'fma'}.${Format}`
  | `${'min' | 'max' | 'class'}.${Format}`
  | `${Comparison}.${Format}`
  | `to.${IntegerFormat}`
  | `from.${IntegerFormat}.${Format}`
  | 'narrow'
  | 'widen';

export interface HelperType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const INTEGERS: readonly IntegerFormat[] = ['w', 'wu', 'l', 'lu'];

function listHelpers(): Map<HelperName, HelperType> {
  const list = new Map<HelperName, HelperType>();
  for (const format of ['s', 'd'] as const) {
    const F = format === 's' ? F32 : F64;
    for (const operation of ['add', 'sub', 'mul', 'div'] as const) {
      list.set(`${operation}.${format}`, { parameters: [F, F, I32], results: [F] });
    }
    list.set(`sqrt.${format}`, { parameters: [F, I32], results: [F] });
    list.set(`fma.${format}`, { parameters: [F, F, F, I32], results: [F] });
    // Called when an operand is a NaN.
    for (const operation of ['min', 'max'] as const) {
      list.set(`${operation}.${format}`, { parameters: [F, F], results: [F] });
    }
    list.set(`class.${format}`, { parameters: [F], results: [I64] });
    for (const comparison of ['eq', 'lt', 'le'] as const) {
      list.set(`${comparison}.${format}`, { parameters: [F, F], results: [] });
    }
    for (const integer of INTEGERS) {
      list.set(`from.${integer}.${format}`, { parameters: [I64, I32], results: [F] });
    }
  }
  // From either format: singles are widened first, which changes no value.
  for (const integer of INTEGERS) list.set(`to.${integer}`, { parameters: [F64, I32], results: [I64] });
  list.set('narrow', { parameters: [F64, I32], results: [F32] });
  // Called when the operand is a NaN.
  list.set('widen', { parameters: [F32], results: [F64] });
  return list;
}

export const FP_HELPERS: ReadonlyMap<HelperName, HelperType> = listHelpers();

/** Accrued exception bits (RISC-V unprivileged ISA, F, 20.2). */
export const Flag = { INEXACT: 1, UNDERFLOW: 2, OVERFLOW: 4, DIVIDE_BY_ZERO: 8, INVALID: 16 } as const;
