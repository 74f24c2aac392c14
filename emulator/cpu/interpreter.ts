// Tier 0: emits the interpreter, one WebAssembly function that walks predecoded records, behind cpu/resume.ts.
// Called by cpu/cpu.ts, once per process; an instance of the module serves one address space.
// Exits leave registers, pc and budget exact in the state block; the function returns the reason.
import { emitHelperFunctions } from '../fp/helper-functions.ts';
import { FP_HELPERS } from '../fp/helpers.ts';
import { encodingOf, type Operand } from '../isa/encodings.ts';
import { semanticsOf } from '../isa/semantics/table.ts';
import { BUDGET, BYPASS, PC, REGION_ENTRIES, REGION_ENTRY_SIZE, REGION_REASON } from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { ModuleWriter } from '../wasm/module-writer.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { FUSED_PAIRS } from './fused-pairs.ts';
import { HandlerEmitter, type InterpreterMeans, Label } from './handler-emitter.ts';
import { emitLookup, type InterpreterLocals, NO_LOCAL } from './lookup.ts';
import { emitRareOperations, isRare } from './rare-operations.ts';
import { Field, INTERNAL_COUNT, Internal, InternalReason, listOperations, type Operation } from './record.ts';
import { emitResume } from './resume.ts';
import { TrapCause } from './trap.ts';

const { I32, I64 } = ValueType;
const OPERATIONS = listOperations();
/** Loads and stores have a second handler for what the quick check refuses. */
const accesses = (operand: Operand) =>
  OPERATIONS.filter(({ name }) => name !== 'jalr' && encodingOf(name).operands.includes(operand));
const SLOW_LOADS = accesses('load');
const SLOW_STORES = accesses('store');
const PAIRS = FUSED_PAIRS.map((pair) =>
  pair.map(
    (half) =>
      OPERATIONS.find(
        ({ name, length, reach }) => name === half.name && length === half.length && reach === half.reach,
      ) as Operation,
  ),
);

export interface InterpreterOptions {
  /** Count visits of jump targets, and leave when a record's count is used up. */
  readonly countHeat: boolean;
  readonly fusesMultiplyAdd: boolean;
  /** For spaces with windows. */
  readonly windowed: boolean;
}

/** Imports `e.m` memory, `e.t` table of regions, `e.f` soft float. Exports `run` and all FP helpers. */
export function emitInterpreter(options: InterpreterOptions): Uint8Array {
  const module = new ModuleWriter();
  module.importMemory('e', 'm');
  module.importTable('e', 't');
  const softFloat = module.importFunction('e', 'f', [I32, I32, I64, I64, I64], [I64]);
  const helpers = emitHelperFunctions(module, softFloat);
  for (const name of FP_HELPERS.keys()) module.exportFunction(name, helpers(name));
  const means = { ...options, helper: helpers };
  const rare = module.function([I32], [I32], emitRareOperations(OPERATIONS, means));
  const regionType = module.type([I32, I32], [I32]);
  const interpret = module.function([I32, I32], [I32], emitInterpret(means, rare, regionType));
  const run = emitResume(interpret, regionType, options.countHeat);
  module.exportFunction('run', module.function([I32, I32], [I32], run));
  return module.bytes();
}

/** interpret(pc, bypass): with bypass, a region at pc is passed over once. `rare` is the function of rare operations. */
function emitInterpret(means: InterpreterMeans, rare: number, regionType: number): CodeBuilder {
  const code = new CodeBuilder(2);
  const locals: InterpreterLocals = {
    pc: 0,
    record: code.local(I32),
    budget: code.local(I32),
    reason: code.local(I32),
    variant: code.local(I32),
    last: code.local(I32),
    address: code.local(I64),
    target: code.local(I64),
    place: means.windowed ? code.local(I32) : NO_LOCAL,
  };
  const rareHandler = INTERNAL_COUNT;
  const common = OPERATIONS.filter((operation) => !isRare(operation));
  const handlerCount = rareHandler + 1 + common.length + PAIRS.length + 2;
  const emitter = new HandlerEmitter(code, locals, {
    ...means,
    handlerCount,
    slowLoad: handlerCount - 2,
    slowStore: handlerCount - 1,
    slowVariants: [...SLOW_LOADS, ...SLOW_STORES],
  });
  /** Places of the handlers, by number of the operation. */
  const handlers = Array.from({ length: INTERNAL_COUNT }, (_, i) => i);
  for (const operation of OPERATIONS) {
    const place = common.indexOf(operation);
    handlers.push(place < 0 ? rareHandler : rareHandler + 1 + place);
  }
  for (const i of PAIRS.keys()) handlers.push(rareHandler + 1 + common.length + i);

  code.storeI32(BYPASS, () => code.get(1));
  code.loadI32(BUDGET).set(locals.budget);
  emitLookup(code, locals);
  code.block().block().loop();
  for (let i = 0; i < handlerCount; i++) code.block();
  code.get(locals.record).mem(Mem.i32_load16_u, 1, Field.OPCODE).brTable(handlers, Internal.UNDECODED);

  emitInternalHandlers(code, locals, emitter, { regionType, handlers });
  code.end();
  emitter.begin(null);
  emitter.callRare(rare);
  for (const operation of common) {
    code.end();
    emitter.begin(operation);
    semanticsOf(operation.name)(emitter);
    emitter.finish();
  }
  for (const [first, second] of PAIRS as [Operation, Operation][]) {
    code.end();
    emitter.begin(first);
    semanticsOf(first.name)(emitter);
    emitter.goOnWith(second);
    semanticsOf(second.name)(emitter);
    emitter.finish();
  }
  for (const operations of [SLOW_LOADS, SLOW_STORES]) {
    code.end();
    emitter.beginSlow(operations === SLOW_LOADS);
    emitSlowVariants(code, locals, emitter, operations, operations === SLOW_LOADS ? 0 : SLOW_LOADS.length);
    emitter.finishSlow();
  }

  code.end().op(Op.unreachable);
  // Label.ExitHere: the record says where we are.
  code.end();
  emitter.pushPc();
  code.op(Op.i64_extend_i32_u).set(locals.target);
  // Label.ExitTarget
  code.end();
  code.storeI64(PC, () => code.get(locals.target));
  code.storeI32(BUDGET, () => code.get(locals.budget));
  code.get(locals.reason);
  return code;
}

/** The operations of `Internal`, in order. */
function emitInternalHandlers(
  code: CodeBuilder,
  locals: InterpreterLocals,
  emitter: HandlerEmitter,
  { regionType, handlers }: { regionType: number; handlers: readonly number[] },
): void {
  const next = () => {
    code.end();
    emitter.begin(null);
  };
  next();
  emitter.exit(InternalReason.Decode);
  next();
  emitter.exit(TrapCause.IllegalInstruction);
  next();
  emitter.pushPc();
  code.set(locals.pc);
  emitLookup(code, locals);
  emitter.branchTo(Label.Top);

  next();
  const entry = () =>
    code.get(locals.record).mem(Mem.i32_load16_u, 1, Field.HEAT).i32(REGION_ENTRY_SIZE).op(Op.i32_mul);
  code.loadI32(BYPASS);
  emitter.open();
  code.storeI32(BYPASS, () => code.i32(0));
  entry().mem(Mem.i32_load16_u, 1, REGION_ENTRIES);
  emitter.dispatchBelow(handlers);
  emitter.close();
  code.storeI32(BUDGET, () => code.get(locals.budget));
  entry().mem(Mem.i32_load16_u, 1, REGION_ENTRIES + 2);
  code.i32(0);
  entry().mem(Mem.i32_load, 2, REGION_ENTRIES + 4);
  code.callIndirect(regionType).set(locals.pc);
  code.loadI32(BUDGET).set(locals.budget);
  emitLookup(code, locals);
  code.loadI32(REGION_REASON).set(locals.reason);
  code.get(locals.reason).op(Op.i32_eqz);
  emitter.open();
  emitter.heat(); // what regions jump to becomes hot as well
  emitter.branchTo(Label.Top);
  emitter.close();
  code.storeI32(REGION_REASON, () => code.i32(0));
  code.get(locals.reason).i32(InternalReason.Interpret).op(Op.i32_ne);
  emitter.open();
  emitter.branchTo(Label.ExitHere);
  emitter.close();
  code.storeI32(BYPASS, () => code.i32(1));
  emitter.branchTo(Label.Top);
  next();
  emitter.exit(InternalReason.Alone);
}

/** After a slow access was found to be allowed: does it, without the quick check. */
function emitSlowVariants(
  code: CodeBuilder,
  locals: InterpreterLocals,
  emitter: HandlerEmitter,
  operations: readonly Operation[],
  firstVariant: number,
): void {
  for (let i = 0; i < operations.length; i++) code.block();
  code.get(locals.variant).i32(firstVariant).op(Op.i32_sub);
  code.brTable(
    operations.map((_, i) => i),
    0,
  );
  operations.forEach((operation, i) => {
    code.end();
    emitter.beginVariant(operation, operations.length - 1 - i);
    semanticsOf(operation.name)(emitter);
    emitter.finish();
  });
}
