// strace for the machine: prints every call, signal and end of every thread in strace's format.
// Machine.observe takes it as an observer; cli/ gives it a sink and options. The guest cannot tell it is there.
// All decoding comes from the kernel's own rows and kinds, so a new system call is traced the day it exists.

import { quoteLimited, quoteText } from '../../kernel/abi/kinds/format.ts';
import { siginfoText } from '../../kernel/abi/kinds/signal-text.ts';
import {
  SIG_DFL,
  SIG_IGN,
  SIGCONT,
  SIGKILL,
  STOP_SIGNALS,
  signalBit,
  signalName,
} from '../../kernel/abi/signal.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { stackLines } from '../stack.ts';
import { Symbols } from '../symbols.ts';
import { CallText, signalNames } from './call-text.ts';
import { durationText, relativeText, stampText } from './clock-text.ts';
import { dumpLines } from './data-dumps.ts';
import { withHexStrings } from './hex-strings.ts';
import { Injector, injectInto, injectionMark } from './injection.ts';
import { LineWriter } from './line-writer.ts';
import type { TraceOptions } from './options.ts';
import { touchesFd, touchesPath } from './path-filter.ts';
import { isFailure, restartNumber, restoredResult, resultText } from './result-text.ts';
import { endText, isDefault, isKilled, successorOf } from './thread-ends.ts';

/** What is known of a thread while it is traced. */
interface TracedThread {
  /** As it began; execve gives it the leader's. */
  readonly tid: number;
  /** The call it is in, when that is shown. */
  text: CallText | undefined;
  /** How its line begins: the arguments as they were at its entry. */
  entry: string;
  /** The call whose end has been printed already (interrupted, exit). */
  ended: Call | undefined;
  /** A stop has interrupted the call, which goes on when the thread does. */
  stopped: Call | undefined;
  /** The call goes on where it was interrupted: strace shows it as restart_syscall. */
  isResumed: boolean;
  startNs: number;
  /** What was done to the call, as strace notes it. */
  mark: string;
  /** Signals it ignored while in a call: shown when the call has ended, as a tracer would see them. */
  ignored: SignalInfo[];
}

/** include/linux/errno.h. */
const ERESTART_RESTARTBLOCK = 516;
/** The kernel's entries of calls that never return to their caller. */
const ENDS_THREAD = new Set(['exit', 'exit_group']);

export class Tracer implements KernelObserver {
  readonly #kernel: Kernel;
  readonly #options: TraceOptions;
  /** By thread with -ff, else one for all. */
  readonly #writers = new Map<number, LineWriter>();
  readonly #sink: (text: string, tid: number) => void;
  readonly #injector: Injector;
  readonly #threads = new Map<Thread, TracedThread>();
  /** For -k; whoever starts the machine may load a program's symbols beforehand. */
  readonly symbols: Symbols;
  #first: Thread | undefined;
  /** For -r. */
  #lastLineNs: number | undefined;
  /** Calls that were shown: --syscall-limit. */
  #shownCalls = 0;
  /** Those whose first thread has ended while others go on. */
  readonly #endedLeaders = new Map<Process, Thread>();
  /** Processes that are traced no more, nor what they start. */
  readonly #detached = new WeakSet<Process>();

  /** `sink` gets text as it comes, with the thread that it is of; a blocked call's line is handed over unfinished. */
  constructor(
    kernel: Kernel,
    options: TraceOptions,
    sink: (text: string, tid: number) => void,
    symbols = new Symbols(),
  ) {
    this.symbols = symbols;
    this.#kernel = kernel;
    this.#options = options;
    this.#injector = new Injector(options.injections);
    this.#sink = sink;
  }

  syscallEnter(thread: Thread, call: Call): number | undefined {
    const traced = this.#threads.get(thread);
    if (traced === undefined) return undefined;
    const { name } = call.syscall;
    const strike = this.#injector.strike(thread, name);
    traced.mark = injectionMark(strike);
    traced.startNs = this.#kernel.clock.monotonicNs();
    const result = injectInto(thread, call, strike);
    if (this.#isShown(thread, call)) this.#begin(thread, traced, call);
    if (this.#options.detachesOn(name)) this.#detach(thread);
    return result;
  }

  /** No more of this thread: the line of its call stays open. */
  #detach(thread: Thread): void {
    this.interrupt();
    this.#threads.delete(thread);
    this.#detached.add(thread.process);
    if (!this.#options.quiet.has('attach'))
      this.#writerOf(thread.tid).message(`rivulet: Process ${thread.tid} detached`);
  }

  syscallBlocked(thread: Thread): void {
    this.#writerOf(thread.tid).flush();
  }

  #writerOf(tid: number): LineWriter {
    const key = this.#options.isSeparate ? tid : 0;
    let writer = this.#writers.get(key);
    if (writer === undefined) {
      writer = new LineWriter((text) => this.#sink(text, key), {
        column: this.#options.column,
        leader: (of) => this.#leader(of),
      });
      this.#writers.set(key, writer);
    }
    return writer;
  }

  syscallExit(thread: Thread, call: Call, result: number): number | undefined {
    const traced = this.#threads.get(thread);
    if (traced === undefined || traced.ended === call) return undefined;
    if (traced.text === undefined) {
      this.#showIgnored(thread, traced);
      return undefined;
    }
    if (isKilled(thread)) {
      this.#finish(thread, traced, '= ?');
      traced.ended = call;
      return undefined;
    }
    const value = call.syscall.name === 'rt_sigreturn' ? restoredResult(thread) : result;
    this.#end(thread, traced, value);
    return undefined;
  }

  executed(thread: Thread): void {
    const tid = this.#threads.get(thread)?.tid;
    const leader = this.#endedLeaders.get(thread.process);
    if (tid !== undefined && leader !== undefined) {
      this.#supersede(thread.tid, tid);
      this.#forgetLeader(thread.process, leader);
    }
    if (this.#options.showsStack) this.symbols.load(thread);
  }

  signalDelivered(thread: Thread, info: SignalInfo): void {
    const traced = this.#threads.get(thread);
    if (traced === undefined) return;
    const { text } = traced;
    if (text !== undefined) {
      const restart = restartNumber(thread.parkPolicy);
      const isFatal = info.signo === SIGKILL;
      if (isFatal) this.#finish(thread, traced, '= ?');
      else if (restart !== undefined) this.#end(thread, traced, -restart);
      traced.ended = thread.call;
    }
    if (info.signo !== SIGKILL) this.#showSignal(thread, info);
    if ((signalBit(info.signo) & STOP_SIGNALS) !== 0n && isDefault(thread, info.signo)) {
      this.#writerOf(thread.tid).line(thread.tid, `--- stopped by ${signalName(info.signo)} ---`);
      if (text !== undefined) traced.stopped = traced.ended;
    } else this.#goOn(thread, traced, info);
  }

  /** With SIGCONT a call that a stop has interrupted begins again, unless the signal is handled. */
  #goOn(thread: Thread, traced: TracedThread, info: SignalInfo): void {
    const { call } = thread;
    if (info.signo !== SIGCONT || call === undefined || traced.stopped !== call) return;
    traced.stopped = undefined;
    const { handler } = thread.process.signals.actions.get(SIGCONT);
    const restart = restartNumber(thread.parkPolicy);
    if ((handler !== SIG_DFL && handler !== SIG_IGN) || restart === undefined) return;
    traced.ended = undefined;
    if (!this.#isShown(thread, call)) return;
    traced.isResumed = restart === ERESTART_RESTARTBLOCK;
    this.#begin(thread, traced, call);
  }

  signalIgnored(thread: Thread, info: SignalInfo): void {
    const traced = this.#threads.get(thread);
    if (traced === undefined) return;
    traced.ignored.push(info);
    if (thread.call === undefined || traced.stopped !== undefined) {
      this.#showIgnored(thread, traced);
      this.#goOn(thread, traced, info);
    }
  }

  threadStarted(thread: Thread): void {
    if (this.#first !== undefined && !this.#options.followForks) return;
    const { parent } = thread.process;
    if (this.#detached.has(thread.process) || (parent !== undefined && this.#detached.has(parent))) {
      this.#detached.add(thread.process);
      return;
    }
    this.#threads.set(thread, {
      tid: thread.tid,
      text: undefined,
      entry: '',
      stopped: undefined,
      isResumed: false,
      ended: undefined,
      startNs: 0,
      mark: '',
      ignored: [],
    });
    if (this.#first === undefined) {
      this.#first = thread;
      this.#showFirstExec(thread);
    } else if (!this.#options.quiet.has('attach') && !this.#options.isToFile) {
      this.#writerOf(thread.tid).message(`rivulet: Process ${thread.tid} attached`);
    }
  }

  threadExited(thread: Thread): void {
    const traced = this.#threads.get(thread);
    if (traced === undefined) return;
    if (traced.text !== undefined) this.#finish(thread, traced, '= ?');
    const successor = successorOf(thread);
    const { isExiting, waitStatus, pid, threads } = thread.process;
    const call = thread.call;
    const own = call?.syscall.name === 'exit' ? ((call.args.status ?? 0) & 0xff) << 8 : waitStatus;
    if (thread.tid === pid && threads.size > 0 && !isExiting && successor === undefined) {
      this.#endedLeaders.set(thread.process, thread);
      return;
    }
    if (successor !== undefined) this.#supersede(pid, successor.tid);
    else this.#showEnd(thread.tid, isExiting ? waitStatus : own);
    this.#threads.delete(thread);
  }

  /** Of a leader that ended before the others, tracers learn only now. */
  processExited(process: Process): void {
    const leader = this.#endedLeaders.get(process);
    if (leader === undefined) return;
    this.#showEnd(process.pid, process.waitStatus);
    this.#forgetLeader(process, leader);
  }

  #forgetLeader(process: Process, leader: Thread): void {
    this.#endedLeaders.delete(process);
    this.#threads.delete(leader);
  }

  #showEnd(tid: number, waitStatus: number): void {
    if (!this.#options.quiet.has('exit')) this.#writerOf(tid).line(tid, endText(waitStatus));
  }

  /** The thread `tid` goes on as `pid`, in whose place it is (strace's maybe_switch_tcbs). */
  #supersede(pid: number, tid: number): void {
    const writer = this.#writerOf(tid);
    if (writer.isOpenFor(tid)) writer.breakOff(`pid changed to ${pid}`);
    writer.flush();
    this.#writerOf(pid).line(pid, `+++ superseded by execve in pid ${tid} +++`);
  }

  /** Something else is about to be written where the trace goes. */
  interrupt(): void {
    for (const writer of this.#writers.values()) {
      writer.breakOff();
      writer.flush();
    }
  }

  /** Everything is over: an open line is ended. */
  close(): void {
    for (const writer of this.#writers.values()) writer.flush();
  }

  #isShown(thread: Thread, call: Call): boolean {
    const { paths, tracesFd } = this.#options;
    if (!this.#options.isTraced(call.syscall.name)) return false;
    if (paths === undefined && tracesFd === undefined) return true;
    return (
      (paths !== undefined && touchesPath(thread, call, paths)) ||
      (tracesFd !== undefined && touchesFd(call, tracesFd))
    );
  }

  #begin(thread: Thread, traced: TracedThread, call: Call): void {
    const text = new CallText(thread, call, this.#options);
    traced.text = text;
    const { name } = call.syscall;
    traced.entry = traced.isResumed
      ? `restart_syscall(<... resuming interrupted ${name} ...>`
      : `${name}(${this.#shown(text.entry())}`; // as memory is now
    if (this.#options.statuses === undefined) this.#open(thread, traced);
    if (!ENDS_THREAD.has(name)) return;
    this.#finish(thread, traced, '= ?');
    traced.ended = call;
  }

  #open(thread: Thread, { entry }: TracedThread): void {
    const writer = this.#writerOf(thread.tid);
    writer.begin(thread.tid);
    writer.append(entry);
  }

  #shown(text: string): string {
    return withHexStrings(text, this.#options.hexStrings);
  }

  /** Prints the rest of the call's line with its result. */
  #end(thread: Thread, traced: TracedThread, result: number): void {
    const text = traced.text as CallText;
    const { statuses } = this.#options;
    if (statuses !== undefined) {
      if (!statuses.has(isFailure(result) ? 'failed' : 'successful')) {
        traced.text = undefined;
        return;
      }
      this.#open(thread, traced);
    }
    const context = text.context('exit', result, -1);
    const shown = resultText(text.call, result, context, traced.mark, text.isRaw);
    this.#finish(thread, traced, `= ${shown}`, result);
    if (this.#options.explainsFailures && isFailure(result) && thread.why !== undefined) {
      this.#writerOf(thread.tid).message(`    ${shown.replace(/^-1 (\w+).*/, '$1')}: ${thread.why}`);
    }
  }

  #finish(thread: Thread, traced: TracedThread, ending: string, result?: number): void {
    const text = traced.text as CallText;
    const writer = this.#writerOf(thread.tid);
    const { statuses } = this.#options;
    if (result === undefined && statuses !== undefined) {
      if (!statuses.has('unfinished')) {
        traced.text = undefined;
        return;
      }
      this.#open(thread, traced);
    }
    if (!writer.isOpenFor(thread.tid)) {
      writer.begin(thread.tid);
      writer.append(`<... ${traced.isResumed ? 'restart_syscall' : text.call.syscall.name} resumed>`);
    }
    if (result !== undefined && !traced.isResumed) writer.append(this.#shown(text.exit(result)));
    if (result === undefined && text.awaitsMore) writer.append(' <unfinished ...>');
    writer.append(') ');
    writer.tab();
    writer.append(ending);
    if (this.#options.showsDuration && result !== undefined) {
      const spentNs = this.#kernel.clock.monotonicNs() - traced.startNs;
      writer.append(durationText(spentNs, this.#options.durationDigits));
    }
    writer.end();
    if (result !== undefined && !isFailure(result))
      for (const line of dumpLines(text, result, this.#options)) writer.message(line);
    if (result !== undefined) this.#showStack(thread);
    traced.text = undefined;
    traced.isResumed = false;
    this.#showIgnored(thread, traced);
    if (++this.#shownCalls >= this.#options.callLimit)
      for (const each of [...this.#threads.keys()]) this.#detach(each);
  }

  #showStack(thread: Thread): void {
    if (!this.#options.showsStack) return;
    for (const line of stackLines(thread, this.symbols).slice(0, this.#options.stackLimit))
      this.#writerOf(thread.tid).message(line);
  }

  #showIgnored(thread: Thread, traced: TracedThread): void {
    for (const info of traced.ignored.splice(0)) this.#showSignal(thread, info);
  }

  #showSignal(thread: Thread, info: SignalInfo): void {
    if (!this.#options.isSignalShown(info.signo)) return;
    this.#writerOf(thread.tid).line(
      thread.tid,
      `--- ${signalName(info.signo)} ${siginfoText(info, signalNames(thread, this.#options))} ---`,
    );
    this.#showStack(thread);
  }

  /** The first program is there before anything can be observed: its execve is told from what it left. */
  #showFirstExec(thread: Thread): void {
    const { statuses, paths, tracesFd } = this.#options;
    if (!this.#options.isTraced('execve') || statuses?.has('successful') === false) return;
    const writer = this.#writerOf(thread.tid);
    const { commandLine, environment } = thread.process;
    const { stringLimit } = this.#options;
    const isVerbose = this.#options.isVerbose('execve');
    const most = isVerbose ? commandLine.length : stringLimit;
    const quoted = (word: string): string => quoteLimited(bytesOf(word), stringLimit);
    const argv = [
      ...commandLine.slice(0, most).map(quoted),
      ...(commandLine.length > most ? ['...'] : []),
    ].join(', ');
    const envp = thread.hart.x(2) + BigInt(8 * (commandLine.length + 2));
    const count = environment.length;
    const { executable } = thread.process;
    const called = commandLine[0] ?? '';
    const found = executable === undefined ? called : absolutePath(thread, executable.path);
    if ((paths !== undefined || tracesFd !== undefined) && paths?.includes(found) !== true) return;
    const program = quoteText(called.includes('/') ? called : found); // paths are shown whole
    const vars = isVerbose
      ? this.#shown(`[${environment.map(quoted).join(', ')}]`)
      : `0x${envp.toString(16)} /* ${count} var${count === 1 ? '' : 's'} */`;
    writer.begin(thread.tid);
    writer.append(`execve(${this.#shown(`${program}, [${argv}]`)}, ${vars}) `);
    writer.tab();
    writer.append('= 0');
    if (this.#options.showsDuration) writer.append(durationText(0, this.#options.durationDigits));
    writer.end();
    this.#shownCalls++;
  }

  #leader(tid: number): string {
    const { isToFile, alwaysShowsPid, isSeparate } = this.#options;
    const { stamp, stampDigits, isRelative, showsNumber, showsPc } = this.#options;
    const { clock } = this.#kernel;
    const names = this.#first === undefined ? {} : signalNames(this.#first, this.#options);
    const name = names.commandName?.(tid);
    const suffix = name === undefined ? '' : `<${name}>`;
    let text = '';
    if (isSeparate) text = '';
    else if (isToFile) text = `${String(tid).padEnd(5)}${suffix} `;
    else if (alwaysShowsPid || this.#threads.size > 1) text = `[pid ${String(tid).padStart(5)}${suffix}] `;
    text += stampText(clock, stamp, stampDigits);
    if (isRelative) {
      const now = clock.monotonicNs();
      text += relativeText(now - (this.#lastLineNs ?? now), this.#options.relativeDigits);
      this.#lastLineNs = now;
    }
    if (showsNumber) text += `[${this.#numberOf(tid).padStart(4)}] `;
    if (showsPc) text += `[${this.#pcOf(tid)}] `;
    return text;
  }

  /** Of the call that the thread is in, or was in last. */
  #numberOf(tid: number): string {
    const thread = [...this.#threads.keys()].find((each) => each.tid === tid);
    return thread === undefined ? '????' : String(BigInt.asIntN(64, thread.hart.x(A7)));
  }

  /** Behind the ecall, as Linux has it during a call. */
  #pcOf(tid: number): string {
    const thread = this.#kernel.pids.thread(tid);
    if (thread === undefined || thread.state === 'dead') return '?'.repeat(16);
    const pc = thread.hart.pc + (thread.call === undefined ? 0 : ECALL_SIZE);
    return pc.toString(16).padStart(16, '0');
  }
}

/** Guest text has one code unit a byte. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const A7 = 17;
const ECALL_SIZE = 4;
