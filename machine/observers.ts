// Several observers as the one that the kernel knows: trace, hooks, recorder and debugger side by side.
// Machine keeps the list; with one observer the kernel calls it directly, with none it pays nothing.
// The first that answers a call's entry decides; results pass through all in order.
import type { KernelObserver } from '../kernel/observer.ts';

/** The observer for the kernel: undefined for none, the one itself, or a joint one. */
export function joinObservers(observers: readonly KernelObserver[]): KernelObserver | undefined {
  if (observers.length < 2) return observers[0];
  return {
    syscallEnter: (thread, call) => {
      let answer: number | undefined;
      for (const observer of observers) {
        const own = observer.syscallEnter?.(thread, call);
        answer ??= own;
      }
      return answer;
    },
    syscallBlocked: (thread, call, reason) => {
      for (const observer of observers) observer.syscallBlocked?.(thread, call, reason);
    },
    syscallExit: (thread, call, result) => {
      let value = result;
      for (const observer of observers) value = observer.syscallExit?.(thread, call, value) ?? value;
      return value;
    },
    signalDelivered: (thread, info) => {
      for (const observer of observers) observer.signalDelivered?.(thread, info);
    },
    signalIgnored: (thread, info) => {
      for (const observer of observers) observer.signalIgnored?.(thread, info);
    },
    threadStarted: (thread) => {
      for (const observer of observers) observer.threadStarted?.(thread);
    },
    threadExited: (thread) => {
      for (const observer of observers) observer.threadExited?.(thread);
    },
    processEnding: (process) => {
      for (const observer of observers) observer.processEnding?.(process);
    },
    processExited: (process) => {
      for (const observer of observers) observer.processExited?.(process);
    },
    executed: (thread) => {
      for (const observer of observers) observer.executed?.(thread);
    },
  };
}
