// Thrown by handlers that replaced or ended the thread's context (execve, exit, rt_sigreturn): nothing is written.
// The dispatcher catches it; it stands apart so that handlers need not import the dispatcher.

export const CONTEXT_REPLACED: unique symbol = Symbol('context replaced');
