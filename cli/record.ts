// `rivulet record`: runs a program as `run` does and keeps all that came from outside in one file.
// The file is written however the run ends, so a run that was interrupted or broke down can be replayed too.
// explore.ts keeps the schedules it found in the same way, without a run on our terminal.
import { faultObserver, type InjectedFault } from '../debugger/explore/faults.ts';
import { scheduleText } from '../debugger/explore/schedule.ts';
import { type End, runTrial, type TrialLimits } from '../debugger/explore/trial.ts';
import { Recorder } from '../debugger/record/recorder.ts';
import type { RecordedMachine, Recording } from '../debugger/record/recording.ts';
import type { Machine } from '../machine/machine.ts';
import { repeatableTarget } from './guest.ts';
import { demandWritable, writeRecording } from './recording-file.ts';
import type { RunSettings } from './run-options.ts';
import { runSession, STATUS_KILLED } from './session.ts';

/** Returns the program's status. Throws CommandError when the file cannot be written, before the run if that is known. */
export async function recordCommand(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  file: string,
): Promise<number> {
  demandWritable(file);
  const recorder = new Recorder();
  let status: number | undefined;
  let isWritten = false;
  const write = (): void => {
    if (isWritten || !recorder.hasProgram) return;
    isWritten = true;
    writeRecording(file, recorder.finish(recordedMachine(settings), status));
  };
  try {
    status = await runSession(program, args, settings, {
      journal: recorder,
      prepare: (machine) => {
        recorder.attach(machine);
        return () => {};
      },
      // the recording ends where the program stands still, so that a debugger finds it asleep
      onStandstill: () => {
        status = STATUS_KILLED;
        write();
      },
    });
    return status;
  } finally {
    write();
  }
}

/** One run with `settings.schedule`, and with `fault`, without showing anything, until it ends, stands still or reaches the limits. */
export function recordScheduled(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  limits: TrialLimits,
  fault?: InjectedFault,
): Recording {
  const own: RunSettings = { ...settings, virtualTime: true, seed: settings.seed ?? 0 };
  const recorder = new Recorder();
  const make = repeatableTarget(program, args, own, { journal: recorder });
  const attached = (output: (stream: 1 | 2, bytes: Uint8Array) => void): Machine => {
    const machine = make(output);
    recorder.attach(machine);
    return machine;
  };
  let recording: Recording | undefined;
  const finish = (): Recording => recorder.finish({ ...recordedMachine(own), fault }, undefined);
  const end = runTrial(attached, {
    limits,
    observers: () => (fault === undefined ? [] : [faultObserver(fault)]),
    inspect: () => {
      recording = finish();
      return [];
    },
  });
  recording ??= finish();
  return { ...recording, end: { ...recording.end, status: statusOf(end) } };
}

/** For the shell; a program that did not end was killed. */
function statusOf({ kind, exits }: End): number {
  const [first] = exits;
  if (first === undefined || (kind !== 'finished' && kind !== 'left behind')) return STATUS_KILLED;
  const signal = first.waitStatus & 0x7f;
  return signal === 0 ? first.waitStatus >> 8 : 128 + signal;
}

/** What a recording says of the machine. */
function recordedMachine(settings: RunSettings): RecordedMachine {
  const { root, memory, maxProcesses, seed, virtualTime, schedule } = settings;
  return {
    root,
    memory,
    maxProcesses,
    seed,
    virtualTime,
    quantum: undefined,
    schedule: schedule && scheduleText(schedule),
  };
}
