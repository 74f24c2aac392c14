// What an embedder does to a machine from outside, as data: how it was set up, and what came in while it ran.
// Machine and GuestProcess report it to a journal; debugger/record keeps it and does it again.
// Outside events reach the guest only between two runs of the kernel, so the count of runs says when.
import type { Host } from '../kernel/host.ts';
import type { ResourceChanges } from '../kernel/task/rlimits.ts';
import type { GuestProcess } from './guest-process.ts';
import type { Machine } from './machine.ts';
import type { InputSource } from './stdio.ts';

/** Steps before the first run, in order. */
export type SetupStep =
  | { readonly kind: 'mount'; readonly host: string; readonly guest: string; readonly writable: boolean }
  | { readonly kind: 'mount-file'; readonly host: string; readonly guest: string }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'spawn';
      readonly path: string;
      readonly argv: readonly string[] | undefined;
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
      readonly uid: number;
      readonly gid: number;
      readonly groups: readonly number[];
      /** Absent in older recordings. */
      readonly limits?: ResourceChanges;
      readonly stdin: InputSource;
      /** A terminal, or something that takes bytes. */
      readonly stdout: 'terminal' | 'sink';
      readonly stderr: 'terminal' | 'sink';
    };

/** What comes in while the machine runs; input and signals are those of the first program. */
export type OutsideEvent =
  | { readonly kind: 'input' | 'type'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' | 'hang-up' }
  | { readonly kind: 'resize'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'kill' | 'kill-group' | 'kill-all'; readonly signal: number };

/** Told of everything that makes one run differ from another. */
export interface MachineJournal {
  /** The host as the kernel is to see it. */
  host(real: Host): Host;
  setUp(step: SetupStep): void;
  happened(event: OutsideEvent): void;
}

/** Does `event` to the machine and its first program. */
export function repeatEvent(machine: Machine, guest: GuestProcess, event: OutsideEvent): void {
  switch (event.kind) {
    case 'input':
      guest.write(event.bytes);
      return;
    case 'end':
      guest.end();
      return;
    case 'type':
      machine.terminal.type(event.bytes);
      return;
    case 'hang-up':
      machine.terminal.hangUp();
      return;
    case 'resize':
      machine.terminal.resize(event.rows, event.columns);
      return;
    case 'kill':
      guest.kill(event.signal);
      return;
    case 'kill-group':
      guest.killGroup(event.signal);
      return;
    case 'kill-all':
      machine.signalAll(event.signal);
      return;
    default:
      event satisfies never;
  }
}
