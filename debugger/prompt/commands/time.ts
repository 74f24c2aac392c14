// Time travel: reverse-* commands, `when` and `goto`.
// engine.ts lists them. The whole machine goes back, all processes at once.
// What was changed by hand stays done, and happens again whenever the run passes it.
import { comparePositions, type Position } from '../../../kernel/stepper.ts';
import type { Thread } from '../../../kernel/task/thread.ts';
import { type Command, countOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { frameText } from '../frame-text.ts';
import { parsePosition, positionText } from '../positions.ts';
import { PromptError } from '../prompt-error.ts';
import { isCall } from '../stepping.ts';
import { frameKey, instructionAt } from '../stop-text.ts';

const NO_MORE = 'No more reverse-execution history: this is the start of the program.';

/** Goes to `find()` up to `count` times; says when the start is reached. Tells where that is. */
async function back(debugging: Debugger, count: number, find: () => Position | undefined): Promise<void> {
  let isAtStart = false;
  const origin = frameKey(debugging);
  for (let done = 0; done < count && !isAtStart; done++) {
    const position = debugging.travel(find);
    if (position === undefined) isAtStart = true;
    else debugging.goTo(position);
    await debugging.breathe();
  }
  if (isAtStart) debugging.print(NO_MORE);
  await debugging.tell({ kind: 'moved', thread: debugging.session.thread }, origin);
  tellEndedCall(debugging);
}

/** Standing just behind a call, going back shows it as it ended. */
function tellEndedCall(debugging: Debugger): void {
  const { session, history } = debugging;
  if (session.isAtCall) return;
  const [last] = history.last(1);
  if (last?.tick === session.position.tick - 1 && session.log.isEnd(session.position))
    debugging.print(`after [pid ${last.tid}] ${last.text}`);
}

export const TIME_COMMANDS: readonly Command[] = [
  {
    name: 'reverse-stepi',
    aliases: ['rsi'],
    group: 'time',
    usage: 'reverse-stepi [N]',
    help: 'Go back one instruction, or N.',
    repeats: 'same',
    run: (debugging, argument) =>
      back(debugging, countOf(debugging, argument), () => debugging.session.stepBack()),
  },
  {
    name: 'reverse-syscall',
    aliases: ['rsc'],
    group: 'time',
    usage: 'reverse-syscall [N]',
    help: 'Go back to the last entry or end of a system call, of any thread.',
    repeats: 'same',
    run: (debugging, argument) =>
      back(debugging, countOf(debugging, argument), () => {
        const { session } = debugging;
        return session.log.before(session.position);
      }),
  },
  {
    name: 'reverse-continue',
    aliases: ['rc'],
    group: 'time',
    usage: 'reverse-continue',
    help: 'Go back to the last stop point that was passed, or to the start.',
    repeats: 'same',
    async run(debugging) {
      const { session } = debugging;
      let found = debugging.travel(() => session.lastHitBefore());
      while (found !== undefined && debugging.passesBy(found.stop)) {
        debugging.goTo(found.position);
        await debugging.breathe();
        found = debugging.travel(() => session.lastHitBefore());
      }
      if (found === undefined) {
        debugging.travel(() => session.restart());
        debugging.print(NO_MORE);
        await debugging.tell({ kind: 'moved', thread: session.thread });
        return;
      }
      debugging.goTo(found.position);
      await debugging.tell(session.here(found.stop));
    },
  },
  {
    name: 'reverse-step',
    aliases: ['rs'],
    group: 'time',
    usage: 'reverse-step [N]',
    help: 'Go back to the beginning of the line that ran before, into functions.',
    repeats: 'same',
    run: (debugging, argument) => reverseLines(debugging, countOf(debugging, argument), false),
  },
  {
    name: 'reverse-next',
    aliases: ['rn'],
    group: 'time',
    usage: 'reverse-next [N]',
    help: 'Go back to the beginning of the line that ran before, over calls of functions.',
    repeats: 'same',
    run: (debugging, argument) => reverseLines(debugging, countOf(debugging, argument), true),
  },
  {
    name: 'reverse-finish',
    aliases: ['rf'],
    group: 'time',
    usage: 'reverse-finish',
    help: 'Go back to the instruction that called the selected function.',
    repeats: 'same',
    run: reverseFinish,
  },
  {
    name: 'when',
    group: 'time',
    usage: 'when',
    help: 'Show the present position: TICK, and what was executed since.\nThe same position is the same moment in every run.',
    repeats: 'no',
    run(debugging) {
      const { session } = debugging;
      debugging.print(`Position ${positionText(session.position)}, after ${session.log.count} system calls.`);
    },
  },
  {
    name: 'goto',
    group: 'time',
    usage: 'goto POSITION',
    help: 'Go to a position as `when` shows it, back or forward; `goto 0` is the start.',
    repeats: 'no',
    async run(debugging, argument) {
      const position = parsePosition(argument);
      if (comparePositions(position, { tick: 1, instruction: 0 }) < 0)
        debugging.travel(() => debugging.session.restart());
      else debugging.goTo(position);
      await debugging.tell({ kind: 'moved', thread: debugging.session.thread });
    },
  },
];

/** Back to the call of the selected frame's function; other stop points on the way stop it. */
async function reverseFinish(debugging: Debugger): Promise<void> {
  const { frames, session, thread } = debugging;
  const { points } = session;
  const outer = frames.selected.caller;
  if (outer === undefined || frames.level >= frames.all.length - 1)
    throw new PromptError('"reverse-finish" not meaningful in the outermost frame.');
  const address = callBefore(debugging, thread, outer.pc);
  const least = BigInt(frames.selected.cfa ?? Number(thread.hart.x(SP)));
  debugging.print(`Run back to call of ${frameText(debugging, frames.level)}`);
  const point = points.add(
    {
      kind: 'break',
      address,
      text: '',
      condition: undefined,
      isTemporary: false,
      appliesTo: (other) => other.tid === thread.tid && other.hart.x(SP) >= least,
    },
    true,
  );
  try {
    const found = debugging.travel(() => session.lastHitBefore());
    if (found === undefined) throw new PromptError('The function was not called: this is where it began.');
    debugging.goTo(found.position);
    await debugging.tell(session.here(found.stop));
  } finally {
    points.delete(point.id);
  }
}

/** The call that returns to `address`. */
function callBefore(debugging: Debugger, thread: Thread, address: number): number {
  const long = instructionAt(debugging, thread, address - LONG_CALL);
  return long !== undefined && long.length === LONG_CALL && isCall(long)
    ? address - LONG_CALL
    : address - SHORT_CALL;
}

const LONG_CALL = 4;
const SHORT_CALL = 2;
const SP = 2;
/** Steps back that a line may take before we give up. */
const MOST_STEPS = 20_000;

/** Before its first instruction a function that is called has its caller's stack pointer. */
function isEntry(debugging: Debugger, thread: Thread): boolean {
  return debugging.session.symbols.place(thread, thread.hart.pc)?.offset === 0;
}

/** Back to where another line begins, in this thread; with `over`, not in functions that it called. */
async function reverseLines(debugging: Debugger, count: number, over: boolean): Promise<void> {
  const { tid } = debugging.thread;
  const origin = frameKey(debugging);
  if (debugging.frames.line(debugging.thread.hart.pc) === undefined)
    throw new PromptError('There is no line information here; reverse-stepi goes back by instruction.');
  for (let done = 0; done < count; done++) {
    if (!(await reverseLine(debugging, tid, over))) {
      debugging.print(NO_MORE);
      break;
    }
  }
  await debugging.tell({ kind: 'moved', thread: debugging.session.thread }, origin);
}

async function reverseLine(debugging: Debugger, tid: number, over: boolean): Promise<boolean> {
  const { session, frames } = debugging;
  const sp = debugging.thread.hart.x(SP);
  const start = frames.line(debugging.thread.hart.pc);
  const isInside = start !== undefined && debugging.thread.hart.pc !== start.start;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const position = debugging.travel(() => session.stepBack());
    if (position === undefined) return false;
    debugging.goTo(position);
    await debugging.breathe();
    const { thread } = session;
    if (thread?.tid !== tid || thread.call !== undefined) continue;
    debugging.select(thread);
    if (over && (thread.hart.x(SP) < sp || (thread.hart.x(SP) === sp && isEntry(debugging, thread))))
      continue;
    const line = frames.line(thread.hart.pc);
    if (line === undefined || line.start !== thread.hart.pc || !line.isStatement) continue;
    if (isInside || line.line !== start?.line || line.file !== start.file) return true;
  }
  throw new PromptError('The line before is too far back: set a breakpoint and use reverse-continue.');
}
