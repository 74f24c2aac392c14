// Stepping by line and out of functions: what `step`, `next`, `finish`, `until` and `advance` do with the session.
// commands/running.ts calls it. A call is stepped over by a breakpoint of its own at its return address, which counts
// only when the stack is back where it was, so that recursion does not stop it early.
// Inlined functions are stepped into and over as if they were called: the rules are those of gdb's infrun.c.
import type { Thread } from '../../kernel/task/thread.ts';
import { rangesOf } from '../dwarf/ranges.ts';
import type { Debugger, PromptStop } from './debugger.ts';
import type { PromptFrame } from './frame-list.ts';
import { PromptError } from './prompt-error.ts';
import { instructionAt } from './stop-text.ts';

const RA = 1;
const SP = 2;
/** Steps between two looks at the host's events. */
const LOOK_EVERY = 256;

/** Where a step ended, and how many inlined functions that begin there count as not entered; undefined for all. */
export interface Step {
  readonly stop: PromptStop;
  readonly hidden?: number;
}

/** One instruction; with `over`, a call counts as one. */
export async function stepInstruction(debugging: Debugger, over: boolean): Promise<Step> {
  const { thread } = debugging;
  const back = over ? returnOfCall(debugging, thread) : undefined;
  if (back === undefined) return { stop: await debugging.proceed({ kind: 'step', thread }) };
  return { stop: await runTo(debugging, thread, back, Number(thread.hart.x(SP))) };
}

/** The line that is being stepped through, and the function or copy that it is of. */
interface Origin {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly scope: unknown;
  readonly cfa: number | undefined;
}

function originOf({ line, scope, cfa }: PromptFrame): Origin {
  return { file: line?.file, line: line?.line, scope: scope?.entry, cfa };
}

/**
 * To the beginning of another line: into functions that have lines, or over all calls.
 * Code without lines is left as `finish` leaves it.
 */
export async function stepLine(debugging: Debugger, over: boolean): Promise<Step> {
  const { thread, frames } = debugging;
  const from = frames.line(thread.hart.pc);
  if (from === undefined) {
    const name = debugging.symbolText(thread.hart.pc)?.replace(/\+\d+$/, '');
    if (name === undefined) throw new PromptError('Cannot find bounds of current function');
    debugging.print(
      `Single stepping until exit from function ${name},\nwhich has no line number information.`,
    );
    return { stop: await finishFrom(debugging, frames.top) };
  }
  const origin = originOf(frames.top);
  if (!over && !isInlinedSkipped(debugging) && frames.enterInlined())
    return { stop: { kind: 'stepped', thread }, hidden: frames.hidden };
  let range = from;
  for (let steps = 1; ; steps++) {
    if (steps % LOOK_EVERY === 0) await debugging.breathe();
    const back = returnOfCall(debugging, thread);
    const sp = Number(thread.hart.x(SP));
    let stop = await debugging.proceed({ kind: 'step', thread });
    if (stop.kind !== 'stepped' || thread.state === 'dead') return { stop };
    if (back !== undefined && thread.hart.pc !== back) {
      if (!over && isEntered(debugging, thread.hart.pc)) {
        const body = frames.bodyFrom(thread.hart.pc);
        return { stop: body === thread.hart.pc ? stop : await runTo(debugging, thread, body, undefined) };
      }
      stop = await runTo(debugging, thread, back, sp);
      if (stop.kind !== 'stepped') return { stop };
    }
    const inlined = inlinedStep(debugging, origin, over);
    if (inlined === 'go on') continue;
    if (inlined !== undefined) return { stop, hidden: inlined };
    const { pc } = thread.hart;
    if (pc >= range.start && pc < range.end) continue;
    const line = frames.line(pc);
    // returned to code without lines, as gdb shows it; what was jumped to is finished
    if (line === undefined)
      return { stop: isEntry(debugging, thread) ? await finishFrom(debugging, frames.top) : stop };
    const isOther = line.line !== origin.line || line.file !== origin.file;
    if (line.start === pc && line.isStatement && isOther) return { stop };
    if (line.start === pc && !isOther && pc < from.start && line.isStatement) return { stop }; // a loop's next round
    range = line;
  }
}

/** Is the next inlined function that begins here to be passed over? */
function isInlinedSkipped({ frames, skips }: Debugger): boolean {
  return frames.hidden > 0 && skips.isSkipped(frames.inlinedHere()[frames.hidden - 1], frames.top.line?.file);
}

/** Has the code at `pc` lines, and is it not to be passed over? */
function isEntered({ frames, skips }: Debugger, pc: number): boolean {
  const line = frames.line(pc);
  return line !== undefined && !skips.isSkipped(frames.functionAt(pc), line.file);
}

/**
 * What inlined functions have to do with where a step is now: nothing, it goes on through one, or it ends before or
 * in one, with so many of them not entered.
 */
function inlinedStep(debugging: Debugger, origin: Origin, over: boolean): 'go on' | number | undefined {
  const { frames } = debugging;
  if (!frames.hasInlined()) return undefined;
  frames.hideInlined();
  const here = frames.top;
  if (here.cfa !== origin.cfa) return undefined;
  const isSameFunction = here.scope?.entry === origin.scope;
  if (isSameFunction && frames.hidden > 0) {
    const isSameLine = here.line?.line === origin.line && here.line?.file === origin.file;
    if (over) return isSameLine ? 'go on' : frames.hidden;
    if (isSameLine) frames.enterInlined();
    return frames.hidden;
  }
  const isInside =
    !isSameFunction &&
    frames.near.some(({ scope, cfa }) => cfa === origin.cfa && scope?.entry === origin.scope);
  if (!isInside) return undefined;
  return over ? 'go on' : frames.hidden;
}

/** Until the selected function returns. Throws PromptError when there is no caller. */
export async function finish(debugging: Debugger): Promise<Step> {
  const { frames } = debugging;
  if (frames.level >= frames.all.length - 1)
    throw new PromptError('"finish" not meaningful in the outermost frame.');
  const { selected } = frames;
  if (selected.isInlined) return { stop: await leaveInlined(debugging, selected) };
  return { stop: await finishFrom(debugging, selected) };
}

async function finishFrom(debugging: Debugger, frame: PromptFrame): Promise<PromptStop> {
  const { thread } = debugging;
  if (frame.caller === undefined) throw new PromptError('"finish" not meaningful in the outermost frame.');
  // a function that calls itself returns to the same place in frames further in
  return runTo(debugging, thread, frame.caller.pc, frame.cfa ?? Number(thread.hart.x(SP)));
}

/** An inlined function has no return: it ends where its code does. */
async function leaveInlined(
  debugging: Debugger,
  { scope, cfa, address, pc, registers }: PromptFrame,
): Promise<PromptStop> {
  const { thread, frames } = debugging;
  const ranges = scope === undefined ? [] : (rangesOf(scope.entry) ?? []);
  const bias = debugging.session.symbols.sources.fileAt(thread, address)?.bias ?? 0;
  const isInside = (at: number): boolean =>
    ranges.some(([low, high]) => at - bias >= low && at - bias < high);
  // what it called returns first
  if (frames.top.cfa !== cfa) {
    const stop = await runTo(debugging, thread, pc, Number(registers?.[SP] ?? thread.hart.x(SP)));
    if (stop.kind !== 'stepped') return stop;
  }
  for (let steps = 1; ; steps++) {
    if (steps % LOOK_EVERY === 0) await debugging.breathe();
    const { stop } = await stepInstruction(debugging, true);
    if (stop.kind !== 'stepped' || thread.state === 'dead' || !isInside(thread.hart.pc)) return stop;
  }
}

/**
 * Until the thread is at `address`, with the stack at `leastSp` or above, or has returned to `outer`; stop points on the
 * way stop it.
 */
export async function runTo(
  debugging: Debugger,
  thread: Thread,
  address: number | readonly number[],
  leastSp: number | undefined,
  outer?: { readonly pc: number; readonly sp: number },
): Promise<PromptStop> {
  const { points } = debugging.session;
  const addresses = typeof address === 'number' ? [address] : address;
  const point = points.add(
    {
      kind: 'break',
      address: addresses[0] ?? 0,
      locations: [...addresses, ...(outer === undefined ? [] : [outer.pc])].map((each) => ({
        address: each,
      })),
      text: '',
      condition: undefined,
      isTemporary: false,
      appliesTo: (other) => {
        if (other.tid !== thread.tid) return false;
        const sp = Number(other.hart.x(SP));
        if (outer !== undefined && other.hart.pc === outer.pc) return sp >= outer.sp;
        return leastSp === undefined || sp >= leastSp;
      },
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

/** Does a function begin where the thread stands? */
function isEntry({ session }: Debugger, thread: Thread): boolean {
  return session.symbols.place(thread, thread.hart.pc)?.offset === 0;
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
