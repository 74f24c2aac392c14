// --json: the facts of a trace as one object a line, for programs.
// Attached instead of a Tracer. Times are ns of the machine's monotonic clock; arguments are decoded texts by name.

import { siginfoText } from '../../kernel/abi/kinds/signal-text.ts';
import { signalName } from '../../kernel/abi/signal.ts';
import { errnoName } from '../../kernel/errno.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { CallText, signalNames } from './call-text.ts';
import { Injector, injectInto } from './injection.ts';
import type { TraceOptions } from './options.ts';
import { isFailure, resultText } from './result-text.ts';

interface Entered {
  readonly startNs: number;
  readonly text: CallText;
  readonly isInjected: boolean;
  readonly before: string[];
}

export class JsonTrace implements KernelObserver {
  readonly #kernel: Kernel;
  readonly #options: TraceOptions;
  readonly #sink: (text: string) => void;
  readonly #injector: Injector;
  readonly #calls = new WeakMap<Call, Entered>();

  constructor(kernel: Kernel, options: TraceOptions, sink: (text: string) => void) {
    this.#kernel = kernel;
    this.#options = options;
    this.#sink = sink;
    this.#injector = new Injector(options.injections);
  }

  syscallEnter(thread: Thread, call: Call): number | undefined {
    const strike = this.#injector.strike(thread, call.syscall.name);
    if (this.#options.isTraced(call.syscall.name)) {
      const text = new CallText(thread, call, this.#options);
      const isInjected = strike?.result !== undefined;
      this.#calls.set(call, { startNs: this.#now(), text, isInjected, before: text.entryList() });
      if (call.syscall.name === 'exit' || call.syscall.name === 'exit_group')
        this.#call(thread, call, undefined);
    }
    return injectInto(thread, call, strike);
  }

  syscallExit(thread: Thread, call: Call, result: number): undefined {
    this.#call(thread, call, result);
  }

  signalDelivered(thread: Thread, info: SignalInfo): void {
    if (!this.#options.isSignalShown(info.signo)) return;
    this.#write({
      type: 'signal',
      ...this.#who(thread),
      signal: signalName(info.signo),
      info: siginfoText(info, signalNames(thread, this.#options)),
    });
  }

  threadStarted(thread: Thread): void {
    this.#write({ type: 'start', ...this.#who(thread), command: thread.process.commandLine });
  }

  threadExited(thread: Thread): void {
    const status = thread.process.waitStatus;
    const signal = status & 0x7f;
    const end = signal === 0 ? { code: (status >> 8) & 0xff } : { signal: signalName(signal) };
    this.#write({ type: 'end', ...this.#who(thread), ...end });
  }

  #call(thread: Thread, call: Call, result: number | undefined): void {
    const entered = this.#calls.get(call);
    if (entered === undefined) return;
    this.#calls.delete(call);
    const { text, startNs, isInjected, before } = entered;
    const list = [...before, ...text.exitList(result ?? 0)];
    const failed = result !== undefined && isFailure(result);
    this.#write({
      type: 'syscall',
      ...this.#who(thread),
      name: call.syscall.name,
      args: list,
      ...(result === undefined
        ? {}
        : {
            result,
            text: resultText(call, result, text.context('exit', result, -1), isInjected ? ' (INJECTED)' : ''),
          }),
      ...(failed ? { errno: errnoName(-result) } : {}),
      ...(failed && thread.why !== undefined ? { why: thread.why } : {}),
      ...(isInjected ? { injected: true } : {}),
      startNs,
      durationNs: this.#now() - startNs,
    });
  }

  #who(thread: Thread): { pid: number; tid: number } {
    return { pid: thread.process.pid, tid: thread.tid };
  }

  #now(): number {
    return this.#kernel.clock.monotonicNs();
  }

  #write(event: object): void {
    this.#sink(`${JSON.stringify(event)}\n`);
  }
}
