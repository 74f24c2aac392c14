// Ways on that leave the program's own: jump elsewhere, let it run to its end, keep a moment and come back to it.
// engine.ts lists them with those of running.ts and time.ts.
// A checkpoint is a position of the run, so it costs nothing to keep and needs no process.
import type { Thread } from '../../../kernel/task/thread.ts';
import type { Command } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { resolveLocation } from '../locations.ts';
import { positionText } from '../positions.ts';
import { PromptError } from '../prompt-error.ts';

export const MOVE_COMMANDS: readonly Command[] = [
  {
    name: 'jump',
    aliases: ['j'],
    group: 'running',
    usage: 'jump LOCATION',
    help: 'Go on at another place, with the registers as they are.',
    repeats: 'no',
    complete: locationWords,
    async run(debugging, argument) {
      if (argument === '') throw new PromptError('Argument required (starting address).');
      const { thread, session } = debugging;
      if (thread.call !== undefined)
        throw new PromptError('The thread is in a system call: it can go on elsewhere after its end.');
      const { tid } = thread;
      const { address, addresses } = resolveLocation(debugging, argument);
      if (addresses.length > 1) throw new PromptError(`Unreasonable jump request`);
      debugging.print(`Continuing at 0x${address.toString(16)}.`);
      session.change(({ kernel }) => {
        const hart = kernel.pids.thread(tid)?.hart;
        if (hart !== undefined) hart.pcBig = BigInt(address);
      });
      await stopHereOrGoOn(debugging, thread, address);
    },
  },
  {
    name: 'detach',
    group: 'running',
    usage: 'detach',
    help: 'Let the program run to its end, past all stop points.',
    repeats: 'no',
    async run(debugging) {
      const { thread } = debugging;
      const name = thread.process.commandLine[0] ?? thread.name;
      debugging.print(`Detaching from program: ${name}, process ${thread.process.pid}`);
      await withoutStops(debugging, () => debugging.proceedAndTell({ kind: 'continue' }));
    },
  },
  {
    name: 'checkpoint',
    group: 'time',
    usage: 'checkpoint',
    help: 'Keep this moment of the run: restart N comes back to it, from before and from after.',
    repeats: 'no',
    run(debugging) {
      const { position } = debugging.session;
      const id = debugging.checkpoints.add(position, placeOf(debugging));
      debugging.print(`Checkpoint ${id}: position ${positionText(position)}.`);
    },
  },
  {
    name: 'restart',
    group: 'time',
    usage: 'restart N',
    help: 'Go to the moment of checkpoint N.',
    repeats: 'no',
    async run(debugging, argument) {
      if (argument === '') throw new PromptError('restart command requires an argument.');
      const found = debugging.checkpoints.get(debugging.integer(argument));
      if (found === undefined) throw new PromptError(`Not found: checkpoint id ${argument}`);
      debugging.print(`Switching to checkpoint ${argument}`);
      debugging.goTo(found.position);
      await debugging.tell({ kind: 'moved', thread: debugging.session.thread });
    },
  },
];

/** A breakpoint where the thread jumped to stops it before it moves. */
async function stopHereOrGoOn(debugging: Debugger, thread: Thread, address: number): Promise<void> {
  const { points, stops } = debugging.session;
  const point = points
    .breaksAt(thread, address)
    .find(
      ({ id, prints, condition }) =>
        id > 0 &&
        prints === undefined &&
        (condition === undefined || stops.evaluateCondition?.(thread, condition) !== false),
    );
  if (point === undefined) {
    await debugging.proceedAndTell({ kind: 'continue' });
    return;
  }
  point.hits++;
  if (point.isTemporary) points.delete(point.id);
  debugging.frames.reset();
  await debugging.tell({ kind: 'break', thread, point });
}

/** Runs `work` with no stop point in force. */
export async function withoutStops(debugging: Debugger, work: () => Promise<unknown>): Promise<void> {
  const { points } = debugging.session;
  const enabled = points.all.filter(({ isDisabled }) => isDisabled !== true);
  for (const { id } of enabled) points.setDisabled(id, true);
  try {
    await work();
  } finally {
    for (const { id } of enabled) points.setDisabled(id, false);
  }
}

/** ` file values.c, line 108`, or the symbol. */
function placeOf(debugging: Debugger): string {
  const thread = debugging.anyThread;
  if (thread === undefined) return 'the end of the program';
  const { pc } = thread.hart;
  const line = debugging.frames.line(pc);
  if (line !== undefined) return `file ${line.name}, line ${line.line}`;
  return debugging.symbolText(pc) ?? `0x${pc.toString(16)}`;
}
