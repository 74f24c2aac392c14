// Bodies of the floating-point helpers as WebAssembly functions.
// Called by cpu/interpreter.ts when it emits its module; regions import the functions from the instance.
// Each gives the exact result and flags in every rounding mode.

import { CodeBuilder } from '../wasm/code-builder.ts';
import type { ModuleWriter } from '../wasm/module-writer.ts';
import { Op, ValueType } from '../wasm/opcodes.ts';
import { FP_HELPERS, type HelperName } from './helpers.ts';

/** Adds all helpers to the module and gives their indices by name. */
export function emitHelperFunctions(module: ModuleWriter, softFloat: number): (name: HelperName) => number {
  const indices = new Map<HelperName, number>();
  [...FP_HELPERS].forEach(([name, type], operation) => {
    indices.set(
      name,
      module.function(type.parameters, type.results, viaSoftFloat(operation, type, softFloat)),
    );
  });
  return (name) => indices.get(name) ?? 0;
}

/** Passes operands as bits to the exact arithmetic outside. */
function viaSoftFloat(
  operation: number,
  { parameters, results }: { parameters: readonly ValueType[]; results: readonly ValueType[] },
  softFloat: number,
): CodeBuilder {
  const code = new CodeBuilder(parameters.length);
  const operands = parameters.filter((type) => type !== ValueType.I32);
  const rounded = operands.length < parameters.length;
  code.i32(operation);
  if (rounded) code.get(parameters.length - 1);
  else code.i32(0);
  for (let i = 0; i < 3; i++) {
    const type = operands[i];
    if (type === undefined) code.i64(0);
    else {
      code.get(i);
      if (type === ValueType.F32) code.op(Op.i32_reinterpret_f32, Op.i64_extend_i32_u);
      if (type === ValueType.F64) code.op(Op.i64_reinterpret_f64);
    }
  }
  code.call(softFloat);
  const result = results[0];
  if (result === undefined) code.op(Op.drop);
  if (result === ValueType.F32) code.op(Op.i32_wrap_i64, Op.f32_reinterpret_i32);
  if (result === ValueType.F64) code.op(Op.f64_reinterpret_i64);
  return code;
}
