// `rivulet trace` and `run --strace`: a run with a trace attached.
// main.ts imports it when asked. Lines go to stderr or to the file of -o; the guest's output stays untouched.
import path from 'node:path';
import { Symbols } from '../debugger/symbols.ts';
import { JsonTrace } from '../debugger/trace/json-trace.ts';
import { Summary } from '../debugger/trace/summary.ts';
import { Tracer } from '../debugger/trace/tracer.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import type { Machine } from '../machine/machine.ts';
import { debugHost } from './debug-files.ts';
import { CommandError } from './failure.ts';
import { byteString } from './host-paths.ts';
import type { RunSettings } from './run-options.ts';
import { runSession } from './session.ts';
import { noLetters, type RawTraceOptions, type RepeatedLetters } from './trace-flags.ts';
import { readTraceOptions } from './trace-options.ts';
import { traceOutput } from './trace-output.ts';

/** Runs `program` traced and returns the status. */
export async function traceSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawTraceOptions,
  counts: RepeatedLetters = noLetters(),
): Promise<number> {
  const options = readTraceOptions(raw, counts);
  const { trace, outputFile, isJson, summary } = options;
  const output = traceOutput(outputFile, options.appends, trace.isSeparate);
  const sink = (text: string, tid = 0): void => output.write(text, tid);
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
      if (counts !== undefined) sink(counts.table(options.sortBy, options.columns));
    };
  };
  const beforeRun = (machine: Machine, guest: GuestProcess): void => {
    const thread = machine.kernel.pids.thread(guest.pid);
    if (thread !== undefined) symbols?.load(thread);
  };
  const onStandstill = (): void => {
    if (outputFile === undefined) tracer?.interrupt();
  };
  try {
    return await runSession(program, args, withoutVariables(settings, raw.E), {
      prepare,
      beforeRun,
      onStandstill,
    });
  } finally {
    await output.close();
  }
}

/** -E VAR takes a variable away, -E VAR=VALUE sets it. */
function withoutVariables(settings: RunSettings, changes: readonly string[] = []): RunSettings {
  const env = { ...settings.env };
  for (const change of changes) {
    const equals = change.indexOf('=');
    if (equals === 0) throw new CommandError(`-E ${change}: there is no name before the =`);
    if (equals < 0) delete env[change];
    else env[byteString(change.slice(0, equals))] = byteString(change.slice(equals + 1));
  }
  return { ...settings, env };
}
