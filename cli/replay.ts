// `rivulet replay`: repeats a recorded run, with its output and status, and says if it went another way.
// Nothing of the host is looked at: the files, clocks and keys are those of the recording.

import { RecordingError } from '../debugger/record/recording.ts';
import { makeReplay, recordedTarget, runReplay } from '../debugger/record/replay.ts';
import { CommandError } from './failure.ts';
import { prebuiltInterpreter } from './guest.ts';
import { writeAll } from './node-host.ts';
import { readRecording } from './recording-file.ts';

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
    return status ?? recording.end.status ?? 0;
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

/** The recorded run for gdb to go through: see `debug --gdb`. */
export async function replayForGdb(file: string, options: { jit: boolean; gdb: string }): Promise<number> {
  const recording = readRecording(file);
  const { serveTarget } = await import('./gdb.ts');
  const machine = { jit: options.jit, prebuiltInterpreter };
  try {
    return await serveTarget(recordedTarget(recording, { machine }), options.gdb);
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}
