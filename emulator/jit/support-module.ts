// The one function that all regions of an address space share: the exact range check behind a failed pair check.
// code-cache.ts instantiates it once per address space and imports it into every region.
import { FAST_MAP, PAGE_SHIFT } from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { ModuleWriter } from '../wasm/module-writer.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';

const START = 0;
const LENGTH = 1;
const BIT = 2;

/** A module exporting `checkRange(start: i64, length: i32, bit: i32) → i32`; ranges are shorter than a page. */
export function emitSupportModule(): Uint8Array {
  const module = new ModuleWriter();
  module.importMemory('e', 'm');
  const code = new CodeBuilder(3);
  const last = code.local(ValueType.I64);
  code.get(START).get(LENGTH).i32(1).op(Op.i32_sub, Op.i64_extend_i32_u, Op.i64_add).tee(last);
  // an address with an upper half has no map byte, and a range that wraps starts with one
  code.get(START).op(Op.i64_or).i64(32).op(Op.i64_shr_u).op(Op.i64_eqz);
  code.if(ValueType.I32);
  for (const address of [START, last]) {
    code.get(address).i64(PAGE_SHIFT).op(Op.i64_shr_u, Op.i32_wrap_i64).mem(Mem.i32_load8_u, 0, FAST_MAP);
    code.get(BIT).op(Op.i32_and);
  }
  code.op(Op.i32_and);
  code.else().i32(0).end();
  module.exportFunction(
    'checkRange',
    module.function([ValueType.I64, ValueType.I32, ValueType.I32], [ValueType.I32], code),
  );
  return module.bytes();
}
