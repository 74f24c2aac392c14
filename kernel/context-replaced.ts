// Handlers that replaced or ended the thread's context (execve, exit, rt_sigreturn): nothing is written.
// It stands apart so that handlers need not import the dispatcher, which asks for both.
import type { Wait } from './wait.ts';

/** Thrown, from wherever it happens. */
export const CONTEXT_REPLACED: unique symbol = Symbol('context replaced');

/** The answer that says the same, of rt_sigreturn: a throw takes V8 as long as all the rest of a signal. */
export const CONTEXT_RETURNED: Wait = { kind: 'wait', queues: [], deadlineNs: undefined, signal: 'killable' };
