// A recording: how a machine was set up, and everything that came to it from outside while it ran.
// Recorder makes one, a replay repeats the run from it; cli/ keeps it in a file.
// The machine itself is deterministic, so nothing that happens inside is kept, only hashes to check it by.

import type { OutsideEvent, SetupStep } from '../../machine/journal.ts';
import type { InjectedFault } from '../explore/faults.ts';

/** What is not done here is checked by version: a recording of another version is refused. */
export const RECORDING_VERSION = 3;

/** The parts of MachineOptions that a guest can notice. */
export interface RecordedMachine {
  readonly root: string | undefined;
  readonly memory: number | undefined;
  readonly maxProcesses: number | undefined;
  readonly seed: number | undefined;
  readonly virtualTime: boolean;
  readonly quantum: number | undefined;
  /** Where threads gave way (`--schedule`), as text. */
  readonly schedule?: string | undefined;
  /** The call that was made to fail (`explore --fault`). */
  readonly fault?: InjectedFault | undefined;
}

/** What a call of the host gave: a value, or the errno it failed with. */
export type HostAnswer =
  | { readonly value: unknown }
  | { readonly hostErrno: number; readonly message: string };

/** An event, and how many runs of the kernel had begun before it. */
export interface TimedEvent {
  readonly runs: number;
  readonly event: OutsideEvent;
}

export interface RecordingEnd {
  /** How many runs of the kernel there were. */
  readonly runs: number;
  /** The status for the shell; undefined when the first program had not ended. */
  readonly status: number | undefined;
  /** System calls, and the hash over them (kernel/call-hash.ts). */
  readonly calls: number;
  readonly hash: number;
}

export interface Recording {
  readonly version: number;
  readonly machine: RecordedMachine;
  readonly setup: readonly SetupStep[];
  /** What `monotonicNs` gave, in order: see clock-tape.ts. */
  readonly monotonic: Uint8Array;
  /** What `realtimeNs` gave. */
  readonly realtime: readonly bigint[];
  /** What `random` filled in. */
  readonly random: readonly Uint8Array[];
  /** Answers of the host's files and terminal by call, in the order they were given. */
  readonly answers: Readonly<Record<string, readonly HostAnswer[]>>;
  /** Whole contents of host files at their first opening, by path; reads that gave something else are answers. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
  /** Which writes to stdout and stderr, counted from 0, found nobody to read them. */
  readonly refusedWrites: readonly number[];
  readonly events: readonly TimedEvent[];
  /** The hash after every HASH_INTERVAL calls. */
  readonly checkpoints: readonly number[];
  readonly end: RecordingEnd;
}

/** Calls between two checkpoints. */
export const HASH_INTERVAL = 4096;

/** A recording cannot be repeated: damaged, or asked for what it does not hold. */
export class RecordingError extends Error {}
