// Operations that most programs seldom execute: floating point, atomics, CSRs, bit manipulation. A function of their own.
// Called by cpu/interpreter.ts, whose function calls this one: V8 optimises what it interprets with in less than half the time.
// None of them transfers control, and all are four bytes long: the caller goes on behind the record, or leaves with a reason.
import { encodingOf } from '../isa/encodings.ts';
import { A } from '../isa/semantics/a.ts';
import { FLOAT } from '../isa/semantics/float.ts';
import { semanticsOf } from '../isa/semantics/table.ts';
import { ZB } from '../isa/semantics/zb.ts';
import { REGION_ENTRIES, REGION_ENTRY_SIZE } from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { HandlerEmitter, type InterpreterMeans } from './handler-emitter.ts';
import { NO_LOCAL } from './lookup.ts';
import { Field, INTERNAL_COUNT, Internal, type Operation } from './record.ts';

const { I32, I64 } = ValueType;

export function isRare({ name, length }: Operation): boolean {
  const { operands } = encodingOf(name);
  if (length !== 4 || operands.includes('load') || operands.includes('store')) return false;
  return name in A || name in FLOAT || name in ZB || operands.includes('csr') || name.startsWith('mulh');
}

/** (record) → 0 when the instruction is done, else why it is not. */
export function emitRareOperations(operations: readonly Operation[], means: InterpreterMeans): CodeBuilder {
  const code = new CodeBuilder(1);
  const reason = code.local(I32);
  const nothing = code.local(I32);
  const operation = code.local(I32);
  const locals = {
    record: 0,
    reason,
    pc: nothing,
    budget: nothing,
    variant: nothing,
    last: nothing,
    address: code.local(I64),
    target: code.local(I64),
    place: means.windowed ? code.local(I32) : NO_LOCAL,
  };
  const rare = operations.filter(isRare);
  const emitter = new HandlerEmitter(code, locals, {
    ...means,
    handlerCount: rare.length,
    slowLoad: 0,
    slowStore: 0,
    slowVariants: [],
  });
  // the labels of HandlerEmitter, from the outside in
  code.block().block().block();
  for (let i = 0; i < rare.length; i++) code.block();
  const load = (offset: number) => code.get(locals.record).mem(Mem.i32_load16_u, 1, offset);
  load(Field.OPCODE);
  code.tee(operation).i32(Internal.REGION).op(Op.i32_eq).if().rarely();
  // passed over: what the record had is in the region's entry
  load(Field.HEAT)
    .i32(REGION_ENTRY_SIZE)
    .op(Op.i32_mul)
    .mem(Mem.i32_load16_u, 1, REGION_ENTRIES)
    .set(operation);
  code.end();
  code.get(operation).i32(INTERNAL_COUNT).op(Op.i32_sub);
  code.brTable(
    operations.map((each) => Math.max(0, rare.indexOf(each))),
    0,
  );
  for (const each of rare) {
    code.end();
    emitter.begin(each);
    semanticsOf(each.name)(emitter);
    emitter.finish();
  }
  code.end();
  code.i32(0).return();
  code.end();
  code.get(reason).return();
  code.end();
  return code.op(Op.unreachable);
}
