// `rivulet replay`: repeats a recorded run, with its output and status, and says if it went another way.
// Nothing of the host is looked at: the files, clocks and keys are those of the recording.

import { standstillLines } from '../debugger/explore/standstill.ts';
import { RecordingError } from '../debugger/record/recording.ts';
import { makeReplay, recordedTarget, runReplay } from '../debugger/record/replay.ts';
import type { CommandSource } from './debug-flags.ts';
import { CommandError, complain } from './failure.ts';
import { prebuiltInterpreter } from './guest.ts';
import { writeAll } from './node-host.ts';
import { readRecording } from './recording-file.ts';
import { historyBytes } from './spare-bytes.ts';

/** Returns the status of the recorded run. Throws CommandError when the recording cannot be repeated exactly. */
export function replayCommand(file: string, options: { jit: boolean }): number {
  const recording = readRecording(file);
  const warn = (line: string): void => void writeAll(2, Buffer.from(`rivulet: ${line}\n`));
  try {
    const replay = makeReplay(recording, {
      output: (stream, bytes) => void writeAll(stream, bytes),
      warn,
      machine: { jit: options.jit, prebuiltInterpreter },
    });
    const { status, calls, differsBefore } = runReplay(recording, replay);
    if (differsBefore !== undefined) {
      throw new CommandError(
        `${file}: the run went another way than recorded before its system call ${differsBefore} (${calls} calls, recorded were ${recording.end.calls}); this is a fault of rivulet, or the file was changed`,
      );
    }
    if (!replay.machine.kernel.pids.isEmpty) {
      complain('the recording ends here, with processes that have not ended');
      for (const line of standstillLines(replay.machine.kernel)) complain(line);
    }
    return status ?? recording.end.status ?? 0;
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

export interface ReplayDebugOptions {
  readonly jit: boolean;
  /** For gdb instead of the prompt. */
  readonly gdb?: string;
  readonly command?: readonly CommandSource[];
  readonly ex?: readonly CommandSource[];
  readonly batch?: boolean;
  readonly panels?: boolean;
  readonly historyMemory?: string;
}

/** The recorded run for the debugger, or gdb, to go through: see `debug`. Returns the status for the shell. */
export async function replayForDebugger(file: string, options: ReplayDebugOptions): Promise<number> {
  const spareBytes = historyBytes(options.historyMemory);
  const recording = readRecording(file);
  const target = recordedTarget(recording, { machine: { jit: options.jit, prebuiltInterpreter } });
  try {
    if (options.gdb !== undefined) {
      const { serveTarget } = await import('./gdb.ts');
      return await serveTarget(target, options.gdb, spareBytes);
    }
    const { debugTarget } = await import('./debug.ts');
    return await debugTarget(target, {
      sources: options.command ?? options.ex ?? [],
      isBatch: options.batch === true,
      hasPanels: options.panels !== false,
      sourceDirectories: [process.cwd()],
      spareBytes,
    });
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}
