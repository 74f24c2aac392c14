// What the rest of the kernel asks of tracing, of threads that are traced or confined only: kernel/late.ts gives it.
import { inheritTracing, noteExec, stopsAfterClone, stopsAfterVfork } from './attach.ts';
import { gatedSyscall, stopsBeforeCall } from './call-gate.ts';
import { endTracing, tellTracerOfEnd } from './detach.ts';
import { chosenSignal, hidesSignal, passedOn, trapsForJobControl } from './signal-stops.ts';
import { stopForEvent } from './stops.ts';
import { takeTracedTurn } from './turn.ts';
import { mayBeReported, traceeReport } from './wait-tracee.ts';

export const TRACING = {
  chosenSignal,
  endTracing,
  gatedSyscall,
  hidesSignal,
  inheritTracing,
  mayBeReported,
  noteExec,
  passedOn,
  stopForEvent,
  stopsAfterClone,
  stopsAfterVfork,
  stopsBeforeCall,
  takeTracedTurn,
  tellTracerOfEnd,
  traceeReport,
  trapsForJobControl,
} as const;
