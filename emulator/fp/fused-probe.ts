// The module that fused-multiply-add.ts tries the host with: d and s, each a × b + c by the vector instruction.
// Constant, so the build of the command line has the bytes in the place of what makes them.
import { CodeBuilder } from '../wasm/code-builder.ts';
import { ModuleWriter } from '../wasm/module-writer.ts';
import { Simd, ValueType } from '../wasm/opcodes.ts';

function emitProbe(): number[] {
  const module = new ModuleWriter();
  const formats = [
    ['d', ValueType.F64, Simd.f64x2_splat, Simd.f64x2_relaxed_madd, Simd.f64x2_extract_lane],
    ['s', ValueType.F32, Simd.f32x4_splat, Simd.f32x4_relaxed_madd, Simd.f32x4_extract_lane],
  ] as const;
  for (const [name, type, splat, madd, extract] of formats) {
    const code = new CodeBuilder(3);
    for (let operand = 0; operand < 3; operand++) code.get(operand).simd(splat);
    code.simd(madd).simd(extract).byte(0);
    module.exportFunction(name, module.function([type, type, type], [type], code));
  }
  return [...module.bytes()];
}

export const PROBE_BYTES: readonly number[] = emitProbe();
