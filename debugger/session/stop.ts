// What a session is asked to run for, and what it says when it stands still.
// session.ts and stop-finder.ts make stops; the prompt and gdb's server tell people of them.
// Data only.
import type { Position } from '../../kernel/stepper.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Breakpoint, CallCatch, EventCatch, Watchpoint } from './breakpoints.ts';

/** A watchpoint, and what was there before the move. */
export interface WatchHit {
  readonly point: Watchpoint;
  readonly was: Uint8Array | undefined;
}

/** Why the machine stands still. */
export type Stop =
  | {
      readonly kind: 'entry' | 'exit';
      readonly thread: Thread;
      readonly text: string;
      /** The catchpoint; undefined when every call was wanted. */
      readonly point?: CallCatch | undefined;
    }
  | { readonly kind: 'break'; readonly thread: Thread; readonly point: Breakpoint }
  | {
      readonly kind: 'watch';
      readonly thread: Thread;
      readonly point: Watchpoint;
      readonly was: Uint8Array | undefined;
      /** Others of memory that the same move changed. */
      readonly others: readonly WatchHit[];
      /** A breakpoint where the move has led to. */
      readonly reached: Breakpoint | undefined;
    }
  /** The frame of a variable that is watched has gone. */
  | { readonly kind: 'watch-end'; readonly thread: Thread; readonly point: Watchpoint }
  | {
      readonly kind: 'signal';
      readonly thread: Thread;
      readonly info: SignalInfo;
      /** Undefined for a deadly one that nobody wanted to catch. */
      readonly point?: EventCatch | undefined;
    }
  | { readonly kind: 'fork' | 'exec'; readonly thread: Thread; readonly point: EventCatch }
  | { readonly kind: 'stepped' | 'moved'; readonly thread: Thread | undefined }
  /** Code was mapped, which a pending breakpoint may be meant for. */
  | { readonly kind: 'loaded'; readonly thread: Thread }
  | { readonly kind: 'idle' | 'finished' | 'start' };

/** What `resume` runs for, beside stop points. */
export type Plan =
  | { readonly kind: 'continue' }
  /** The next entry or end of any call. */
  | { readonly kind: 'call' }
  /** One instruction of the thread. */
  | { readonly kind: 'step'; readonly thread: Thread }
  /** Until `address` is reached by the thread. */
  | { readonly kind: 'until'; readonly thread: Thread; readonly address: number }
  /** Exactly there, past all stop points. */
  | { readonly kind: 'goto'; readonly position: Position };
