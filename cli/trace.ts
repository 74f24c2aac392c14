// `rivulet trace` and `run --strace`: a run with a trace attached.
// main.ts imports it when asked. Lines go to stderr or to the file of -o; the guest's output stays untouched.
import fs from 'node:fs';
import path from 'node:path';
import { Symbols } from '../debugger/symbols.ts';
import { JsonTrace } from '../debugger/trace/json-trace.ts';
import { Summary } from '../debugger/trace/summary.ts';
import { Tracer } from '../debugger/trace/tracer.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import type { Machine } from '../machine/machine.ts';
import { debugHost } from './debug-files.ts';
import { CommandError } from './failure.ts';
import { writeAll } from './node-host.ts';
import type { RunSettings } from './run-options.ts';
import { runSession } from './session.ts';
import type { RawTraceOptions, RepeatedLetters } from './trace-flags.ts';
import { readTraceOptions } from './trace-options.ts';

/** Runs `program` traced and returns the status. */
export function traceSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawTraceOptions,
  counts: RepeatedLetters = { y: 0, t: 0 },
): Promise<number> {
  const { trace, outputFile, isJson, summary } = readTraceOptions(raw, counts);
  const fd = outputFile === undefined ? 2 : openOutput(outputFile);
  const sink = (text: string): void => {
    writeAll(fd, Buffer.from(text, 'latin1'));
  };
  let symbols: Symbols | undefined;
  let tracer: Tracer | undefined;
  const prepare = (machine: Machine): (() => void) => {
    const { kernel } = machine;
    const counts = summary === 'none' ? undefined : new Summary(kernel, trace.isTraced);
    if (counts !== undefined) machine.observe(counts);
    if (trace.showsStack)
      symbols = new Symbols(debugHost(settings.root, [path.dirname(path.resolve(program))]));
    tracer = isJson ? undefined : new Tracer(kernel, trace, sink, symbols);
    if (summary !== 'only') machine.observe(tracer ?? new JsonTrace(kernel, trace, sink));
    return () => {
      tracer?.close();
      if (counts !== undefined) sink(counts.table());
      if (fd !== 2) fs.closeSync(fd);
    };
  };
  const beforeRun = async (machine: Machine, guest: GuestProcess): Promise<void> => {
    const thread = machine.kernel.pids.thread(guest.pid);
    if (thread !== undefined) await symbols?.load(thread);
  };
  const onStandstill = (): void => {
    if (fd === 2) tracer?.interrupt();
  };
  return runSession(program, args, settings, { prepare, beforeRun, onStandstill });
}

function openOutput(file: string): number {
  try {
    return fs.openSync(file, 'w');
  } catch (error) {
    throw new CommandError(
      `-o ${file}: ${(error as Error).message.split(':')[1]?.split(',')[0]?.trim() ?? 'cannot be written'}`,
    );
  }
}
