// Stepping by line and out of functions: what `step`, `next`, `finish`, `until` and `advance` do with the session.
// commands/running.ts calls it. A call is stepped over by a breakpoint of its own at its return address, which counts
// only when the stack is back where it was, so that recursion does not stop it early.
import type { Thread } from '../../kernel/task/thread.ts';
import type { Debugger, PromptStop } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { instructionAt } from './stop-text.ts';

const RA = 1;
const SP = 2;
/** Steps between two looks at the host's events. */
const LOOK_EVERY = 256;

/** One instruction; with `over`, a call counts as one. */
export async function stepInstruction(debugging: Debugger, over: boolean): Promise<PromptStop> {
  const { thread } = debugging;
  const back = over ? returnOfCall(debugging, thread) : undefined;
  if (back === undefined) return debugging.proceed({ kind: 'step', thread });
  return runTo(debugging, thread, back, Number(thread.hart.x(SP)));
}

/**
 * To the beginning of another line: into functions that have lines, or over all calls.
 * Code without lines is left as `finish` leaves it.
 */
export async function stepLine(debugging: Debugger, over: boolean): Promise<PromptStop> {
  const { thread, frames } = debugging;
  const from = frames.line(thread.hart.pc);
  if (from === undefined) {
    const name = debugging.symbolText(thread.hart.pc)?.replace(/\+\d+$/, '') ?? '??';
    debugging.print(
      `Single stepping until exit from function ${name}, which has no line number information.`,
    );
    return finish(debugging);
  }
  let range = from;
  for (let steps = 1; ; steps++) {
    if (steps % LOOK_EVERY === 0) await debugging.breathe();
    const back = returnOfCall(debugging, thread);
    const sp = Number(thread.hart.x(SP));
    let stop = await debugging.proceed({ kind: 'step', thread });
    if (stop.kind !== 'stepped' || thread.state === 'dead') return stop;
    if (back !== undefined && thread.hart.pc !== back) {
      const entered = frames.line(thread.hart.pc);
      if (!over && entered !== undefined) {
        const body = frames.afterPrologue(thread.hart.pc);
        return body === thread.hart.pc ? stop : runTo(debugging, thread, body, undefined);
      }
      stop = await runTo(debugging, thread, back, sp);
      if (stop.kind !== 'stepped') return stop;
    }
    const { pc } = thread.hart;
    if (pc >= range.start && pc < range.end) continue;
    const line = frames.line(pc);
    if (line === undefined) return finish(debugging); // returned to code without lines
    if (line.start === pc && line.isStatement && (line.line !== range.line || line.file !== range.file))
      return stop;
    if (line.start === pc && line.line === range.line && pc < from.start && line.isStatement) return stop; // a loop's next round
    range = line;
  }
}

/** Until the function returns. Throws PromptError when there is no caller. */
export async function finish(debugging: Debugger): Promise<PromptStop> {
  const { thread, frames } = debugging;
  const outer = frames.all[frames.level + 1];
  if (outer === undefined) throw new PromptError('"finish" not meaningful in the outermost frame.');
  return runTo(debugging, thread, outer.pc, Number(thread.hart.x(SP)));
}

/** Until the thread is at `address`, with the stack at `leastSp` or above; stop points on the way stop it. */
export async function runTo(
  debugging: Debugger,
  thread: Thread,
  address: number,
  leastSp: number | undefined,
): Promise<PromptStop> {
  const { points } = debugging.session;
  const point = points.add(
    {
      kind: 'break',
      address,
      text: '',
      condition: undefined,
      isTemporary: false,
      appliesTo: (other) =>
        other.tid === thread.tid && (leastSp === undefined || Number(other.hart.x(SP)) >= leastSp),
    },
    true,
  );
  try {
    const stop = await debugging.proceed({ kind: 'continue' });
    return stop.kind === 'break' && stop.point.id === point.id
      ? { kind: 'stepped', thread: stop.thread }
      : stop;
  } finally {
    points.delete(point.id);
  }
}

/** Where the instruction at pc returns to, when it is a call (jal or jalr that sets ra). */
function returnOfCall(debugging: Debugger, thread: Thread): number | undefined {
  const { pc } = thread.hart;
  if (thread.call !== undefined) return undefined;
  const instruction = instructionAt(debugging, thread, pc);
  return instruction !== undefined && isCall(instruction) ? pc + instruction.length : undefined;
}

/** Is this jal or jalr that sets ra, or c.jalr? */
export function isCall({ word, length }: { readonly word: number; readonly length: number }): boolean {
  if (length === 2) return (word & 0xf07f) === 0x9002 && (word & 0xf80) !== 0;
  const opcode = word & 0x7f;
  return (opcode === 0x6f || opcode === 0x67) && ((word >> 7) & 31) === RA;
}
