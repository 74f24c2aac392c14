// Commands that let the guest run: run, continue, by system call, by instruction, by line, out of functions.
// engine.ts lists them. Each tells the stop that ended it.
// `return` answers a system call in the kernel's place.
import { errnoMessage, errnoName, errnoNumber } from '../../../kernel/errno.ts';
import { bare, LONG, sizeOf } from '../../values/c-types.ts';
import { shownText } from '../../values/value-text.ts';
import { bitsOf, convert, integerIn, toBytes } from '../../values/values.ts';
import { type Command, countOf } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger, PromptStop } from '../debugger.ts';
import { frameText, returnTypeOf } from '../frame-text.ts';
import { breakAt, placesText, resolveLocation } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';
import { returnedValue } from '../return-value.ts';
import { finish, runTo, type Step, stepInstruction, stepLine } from '../stepping.ts';
import { frameKey } from '../stop-text.ts';
import { withoutStops } from './moves.ts';

const SP = 2;
const A0 = 10;
const LARGEST_ERRNO = 4095;

/** Repeats `once` while it stops where it should; the last stop is told, and those between too when `tellsEach`. */
async function repeat(
  debugging: Debugger,
  count: number,
  expected: readonly PromptStop['kind'][],
  once: () => Promise<PromptStop>,
  tellsEach = false,
): Promise<void> {
  for (let done = 1; done <= count; done++) {
    const stop = await once();
    const isOver = done === count || !expected.includes(stop.kind);
    if (isOver || tellsEach) await debugging.tell(stop);
    if (isOver) return;
  }
}

/** Steps so many times; where it ends is told by its line alone when it is the frame where it began. */
async function stepTimes(debugging: Debugger, argument: string, once: () => Promise<Step>): Promise<void> {
  const count = countOf(debugging, argument);
  for (let done = 1; done <= count; done++) {
    const origin = frameKey(debugging);
    const { stop, hidden } = await once();
    const isOver = done === count || stop.kind !== 'stepped';
    if (isOver) await debugging.tell(stop, origin, hidden);
    else debugging.standAt(stop, hidden);
    if (isOver) return;
  }
}

export const RUNNING_COMMANDS: readonly Command[] = [
  {
    name: 'run',
    aliases: ['r'],
    group: 'running',
    usage: 'run',
    help: 'Start the program from the beginning.\nBreakpoints and catchpoints stay; changes made by hand are forgotten only when the run takes another way.',
    repeats: 'no',
    async run(debugging, argument) {
      if (argument !== '')
        throw new PromptError(
          'Arguments of the program stand on the command line: rivulet debug PROG ARGS...',
        );
      debugging.restart();
      debugging.prepare();
      await debugging.proceedAndTell({ kind: 'continue' });
    },
  },
  {
    name: 'start',
    group: 'running',
    usage: 'start',
    help: 'Start the program from the beginning and stop at main.',
    repeats: 'no',
    async run(debugging) {
      debugging.restart();
      debugging.prepare();
      const location = resolveLocation(debugging, 'main');
      const { id } = debugging.session.points.add({
        ...breakAt(location),
        condition: undefined,
        isTemporary: true,
      });
      debugging.print(`Temporary breakpoint ${id}${placesText(debugging, location)}`);
      await debugging.proceedAndTell({ kind: 'continue' });
    },
  },
  {
    name: 'continue',
    aliases: ['c', 'fg'],
    group: 'running',
    usage: 'continue [N]',
    help: 'Run on to the next stop. With N, pass N - 1 stops.',
    repeats: 'same',
    async run(debugging, argument) {
      const all: PromptStop['kind'][] = ['entry', 'exit', 'break', 'watch', 'signal', 'fork', 'exec'];
      const count = countOf(debugging, argument);
      await repeat(debugging, count, all, () => debugging.proceed({ kind: 'continue' }));
    },
  },
  {
    name: 'syscall',
    aliases: ['sc'],
    group: 'running',
    usage: 'syscall [N]',
    help: 'Run to the next entry or end of a system call, of any thread.\nAt the end it shows what the call changed: descriptors, queues, states of sockets, processes. With N, N times.',
    repeats: 'same',
    async run(debugging, argument) {
      const count = countOf(debugging, argument);
      await repeat(debugging, count, ['entry', 'exit'], () => debugging.proceed({ kind: 'call' }), true);
    },
  },
  {
    name: 'stepi',
    aliases: ['si'],
    group: 'running',
    usage: 'stepi [N]',
    help: 'Execute one instruction, or N.',
    repeats: 'same',
    run: (debugging, argument) => stepTimes(debugging, argument, () => stepInstruction(debugging, false)),
  },
  {
    name: 'nexti',
    aliases: ['ni'],
    group: 'running',
    usage: 'nexti [N]',
    help: 'Execute one instruction, or N; a call of a function is one.',
    repeats: 'same',
    run: (debugging, argument) => stepTimes(debugging, argument, () => stepInstruction(debugging, true)),
  },
  {
    name: 'step',
    aliases: ['s'],
    group: 'running',
    usage: 'step [N]',
    help: 'Run to the beginning of another line, into functions that have line information.',
    repeats: 'same',
    run: (debugging, argument) => stepTimes(debugging, argument, () => stepLine(debugging, false)),
  },
  {
    name: 'next',
    aliases: ['n'],
    group: 'running',
    usage: 'next [N]',
    help: 'Run to the beginning of another line, over calls of functions.',
    repeats: 'same',
    run: (debugging, argument) => stepTimes(debugging, argument, () => stepLine(debugging, true)),
  },
  {
    name: 'finish',
    aliases: ['fin'],
    group: 'running',
    usage: 'finish',
    help: 'Run until the selected frame returns, and show what it gave back.',
    repeats: 'same',
    run: runFinish,
  },
  {
    name: 'until',
    aliases: ['u'],
    group: 'running',
    usage: 'until [LOCATION]',
    help: 'As next, but not back to an earlier line: out of loops. With LOCATION, run until it is reached.',
    repeats: 'same',
    complete: locationWords,
    async run(debugging, argument) {
      if (argument !== '') {
        await advance(debugging, argument);
        return;
      }
      const { thread, frames, session } = debugging;
      const { pc } = thread.hart;
      // as gdb has it, all of the function before the end of this line counts as this line
      const start = session.symbols.functionAround(thread, pc)?.start ?? pc;
      const end = frames.line(pc)?.end ?? pc;
      const isInside = (at: number): boolean => at >= start && at < end;
      await stepTimes(debugging, '', async () => {
        let step = await stepLine(debugging, true);
        while (step.stop.kind === 'stepped' && thread.state !== 'dead' && isInside(thread.hart.pc)) {
          debugging.standAt(step.stop, step.hidden);
          step = await stepLine(debugging, true);
        }
        return step;
      });
    },
  },
  {
    name: 'advance',
    group: 'running',
    usage: 'advance LOCATION',
    help: 'Run until the thread reaches LOCATION.',
    repeats: 'same',
    complete: locationWords,
    run: advance,
  },
  {
    name: 'return',
    group: 'running',
    usage: 'return ERRNO | VALUE | [EXPRESSION]',
    help: 'Answer the system call here: before it, the kernel will not see it; after it, the result is replaced.\nERRNO is a name such as EMFILE, VALUE an expression; negative values are errors, as the kernel returns them.\nElsewhere, leave the selected function without running the rest of it, and give EXPRESSION back.',
    repeats: 'no',
    run: answerCall,
  },
  {
    name: 'kill',
    aliases: ['k'],
    group: 'running',
    usage: 'kill',
    help: 'Kill every process of the program.',
    repeats: 'no',
    async run(debugging) {
      if (debugging.anyThread === undefined) throw new PromptError('The program is not being run.');
      debugging.session.change(({ machine }) => machine.killAll());
      await withoutStops(debugging, () => debugging.proceedAndTell({ kind: 'continue' }));
    },
  },
];

async function runFinish(debugging: Debugger): Promise<void> {
  const { frames, thread } = debugging;
  const { selected } = frames;
  const type = returnTypeOf(debugging, selected);
  const isReal = !selected.isInlined;
  const step = frames.level < frames.all.length - 1;
  if (step) debugging.print(`Run till exit from ${frameText(debugging, frames.level)}`);
  const { stop } = await finish(debugging);
  await debugging.tell(stop);
  const hasReturned =
    stop.kind === 'stepped' || (stop.kind === 'watch-end' && thread.hart.pc === selected.caller?.pc);
  if (!hasReturned || !isReal || thread.state === 'dead') return;
  if (type === undefined) {
    debugging.print(`Value returned in $a0 is ${BigInt.asIntN(64, thread.hart.x(A0))}`);
    return;
  }
  const value = returnedValue(thread, type, (address, length) => debugging.scope.read(address, length));
  if (value === undefined) return;
  const shown = shownText(value, undefined, debugging.textContext);
  debugging.print(`Value returned is $${debugging.scope.remember(value)} = ${shown}`);
}

/** Until one of the places is reached, or the frame that is looked at has returned. */
async function advance(debugging: Debugger, argument: string): Promise<void> {
  if (argument === '') throw new PromptError('Argument required (a location).');
  const { thread, frames } = debugging;
  const { addresses } = resolveLocation(debugging, argument);
  const isOutermost = frames.level >= frames.all.length - 1;
  const caller = isOutermost ? undefined : frames.selected.caller?.pc;
  const sp = frames.selected.cfa ?? Number(thread.hart.x(SP));
  const stop = await runTo(
    debugging,
    thread,
    addresses,
    undefined,
    caller === undefined ? undefined : { pc: caller, sp },
  );
  await debugging.tell(stop);
}

/** `EMFILE` is -24. */
function resultOf(debugging: Debugger, argument: string): number {
  if (argument === '') throw new PromptError('return ERRNO or VALUE: Argument required.');
  const errno = errnoNumber(argument.replace(/^-/, '').toUpperCase());
  if (errno !== undefined) return -errno;
  const value = debugging.integer(argument);
  if (!Number.isSafeInteger(value)) throw new PromptError(`${argument} is no result of a system call`);
  return value;
}

function resultText(result: number): string {
  if (result >= 0 || result < -LARGEST_ERRNO) return String(result);
  return `-1 ${errnoName(-result)} (${errnoMessage(-result)})`;
}

async function answerCall(debugging: Debugger, argument: string): Promise<void> {
  const { session, lastStop } = debugging;
  if (debugging.upcoming() === undefined && lastStop.kind !== 'exit') {
    await popFrame(debugging, argument);
    return;
  }
  const result = resultOf(debugging, argument);
  const upcoming = debugging.upcoming();
  if (upcoming !== undefined) {
    session.change((again) => again.overrideCall(result));
    debugging.print(`${upcoming.name} will return ${resultText(result)}; the kernel will not see it.`);
    return;
  }
  if (lastStop.kind !== 'exit') return;
  const { tid } = lastStop.thread;
  session.change(({ kernel }) => kernel.pids.thread(tid)?.hart.setXNumber(A0, result));
  const name = debugging.history.newest?.call.syscall.name ?? 'the call';
  debugging.print(`${name} of pid ${tid} returns ${resultText(result)}; what it did stays done.`);
}

/** The selected function returns now. What it did stays done. */
async function popFrame(debugging: Debugger, argument: string): Promise<void> {
  const { frames, session, thread } = debugging;
  const { selected, level } = frames;
  if (errnoNumber(argument.replace(/^-/, '').toUpperCase()) !== undefined)
    throw new PromptError(
      'No system call begins or ends here: `syscall` runs to one, and `set $a0 = …` sets a register.',
    );
  const { caller } = selected;
  if (selected.isInlined) throw new PromptError('Can not force return from an inlined function.');
  if (level >= frames.all.length - 1 || caller?.registers === undefined || thread.call !== undefined)
    throw new PromptError('Can not force return here: what called the function is not known.');
  const type = returnTypeOf(debugging, selected) ?? LONG;
  const result = argument === '' ? undefined : convert(debugging.evaluate(argument), type);
  const { tid } = thread;
  const { pc } = caller;
  const kept = KEPT.map((index) => [index, caller.registers?.[index]] as const);
  session.change(({ kernel }) => {
    const hart = kernel.pids.thread(tid)?.hart;
    if (hart === undefined) return;
    for (const [index, bits] of kept) if (bits !== undefined) hart.setX(index, bits);
    hart.pcBig = BigInt(pc);
    if (result === undefined) return;
    const bits = bitsOf(toBytes(result));
    if (bare(type).kind !== 'float') hart.setX(A0, BigInt.asUintN(64, BigInt(integerIn(result))));
    else hart.setF(A0, sizeOf(type) === 4 ? (0xffff_ffffn << 32n) | bits : bits);
  });
  frames.reset();
  debugging.print(frameText(debugging, 0));
  const { line } = frames.selected;
  const text = line === undefined ? undefined : frames.sourceText(line);
  if (line !== undefined && text !== undefined) debugging.print(`${line.line}\t${text}`);
}

/** sp, and the registers that a function leaves as they were: RISC-V psABI, "Integer register calling convention". */
const KEPT = [1, 2, 8, 9, ...Array.from({ length: 10 }, (_, index) => 18 + index)];
