// `rivulet record`: runs a program as `run` does and keeps all that came from outside in one file.
// The file is written however the run ends, so a run that was interrupted or broke down can be replayed too.
import { Recorder } from '../debugger/record/recorder.ts';
import { UsageError } from './failure.ts';
import { writeRecording } from './recording-file.ts';
import type { RunSettings } from './run-options.ts';
import { runSession } from './session.ts';

/** Returns the program's status. Throws CommandError when the file cannot be written. */
export async function recordCommand(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  file: string,
): Promise<number> {
  if (settings.schedule !== undefined) {
    throw new UsageError('--schedule: a schedule repeats a run by itself, without a recording');
  }
  const recorder = new Recorder();
  let status: number | undefined;
  try {
    status = await runSession(program, args, settings, {
      journal: recorder,
      prepare: (machine) => {
        recorder.attach(machine);
        return () => {};
      },
    });
    return status;
  } finally {
    const { root, memory, maxProcesses, seed, virtualTime } = settings;
    const machine = { root, memory, maxProcesses, seed, virtualTime, quantum: undefined };
    writeRecording(file, recorder.finish(machine, status));
  }
}
