// What programs leave behind: descriptors open at exit, descriptors nobody received, names nobody unlinked.
// `run --leaks` and explore attach it; it notes where everything was opened, and lists at the end what is still there.
// Descriptors 0 to 2, those a process inherited, and processes that a signal killed are not held against anybody.
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Path } from '../../kernel/fs/path.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { unixSocketOf } from '../../kernel/net/unix/unix-file.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { callStack, stackLines } from '../stack.ts';
import { Symbols } from '../symbols.ts';
import { describeFile } from '../trace/describe-fd.ts';

/** Where something came from. */
export interface Origin {
  readonly pid: number;
  readonly call: string;
  /** The caller's place, `open_log+0x1c` or `/prog+0x1234`. */
  readonly place: string;
  /** As `strace -k` prints it. */
  readonly stack: readonly string[];
}

export interface Leak {
  readonly kind: 'descriptor' | 'in flight' | 'bound path';
  /** Who left it. */
  readonly pid: number;
  readonly processName: string;
  /** `fd 5 (UNIX-STREAM:[12->13])`, `a descriptor sent to fd 4 and never received (pipe:[3])`, `/tmp/s`. */
  readonly what: string;
  /** The same without numbers that differ from run to run. */
  readonly brief: string;
  readonly origin: Origin | undefined;
}

/** Calls that put descriptors into a table. */
const OPENERS = new Set(
  (
    'openat openat2 socket socketpair accept accept4 pipe2 dup dup3 fcntl recvmsg recvmmsg eventfd2 timerfd_create ' +
    'signalfd4 epoll_create1 memfd_create inotify_init1 pidfd_open pidfd_getfd clone clone3 open_by_handle_at ioctl ' +
    'fsopen fsmount open_tree memfd_secret userfaultfd'
  ).split(' '),
);
const FIRST_OWN = 3;
/** More are counted only: a program that leaks thousands leaks them in one place. */
const MOST_LEAKS = 10_000;

export class LeakLedger implements KernelObserver {
  /** For the places; whoever starts the machine loads a program's symbols beforehand. */
  readonly symbols: Symbols;
  readonly #origins = new WeakMap<OpenFile, Map<Process, Origin>>();
  /** What was in a process's table when it was made. */
  readonly #inherited = new WeakMap<Process, ReadonlySet<OpenFile>>();
  readonly #bound = new Map<Path, { origin: Origin; process: Process; name: string; text: string }>();
  readonly #leaks: Leak[] = [];

  constructor(kernel: Kernel, symbols = new Symbols()) {
    this.symbols = symbols;
    for (const { threads } of kernel.processes)
      for (const thread of threads.values()) this.threadStarted(thread);
  }

  syscallExit(thread: Thread, call: Call, result: number): undefined {
    if (result < 0) return;
    const { name } = call.syscall;
    if (name === 'bind') this.#noteBound(thread, call);
    else if (OPENERS.has(name)) this.#noteOpened(thread, call);
  }

  executed(thread: Thread): void {
    this.symbols.load(thread);
  }

  processEnding(process: Process): void {
    const [thread] = process.threads.values();
    if (thread === undefined || (process.waitStatus & 0x7f) !== 0) return;
    if (thread.files.users > process.threads.size) return; // others go on using the table (CLONE_FILES)
    for (const [fd, file] of thread.files.entries()) {
      if (this.#leaks.length >= MOST_LEAKS) return;
      const origin = this.#origins.get(file)?.get(process);
      if (fd >= FIRST_OWN && origin !== undefined) this.#add(thread, 'descriptor', `fd ${fd}`, file, origin);
      if (file.references === 1) this.#noteUnreceived(thread, fd, file);
    }
  }

  /** Everything left behind so far; at the end of the run also names that are still there. */
  leaks(): readonly Leak[] {
    const names: Leak[] = [];
    for (const [path, { origin, process, name, text }] of this.#bound) {
      if (path.dentry.isDeleted) continue;
      names.push({
        kind: 'bound path',
        pid: process.pid,
        processName: name,
        what: text,
        brief: text,
        origin,
      });
    }
    return [...this.#leaks, ...names];
  }

  #noteOpened(thread: Thread, call: Call): void {
    const { process, files } = thread;
    let origin: Origin | undefined;
    for (const [, file] of files.entries()) {
      let byProcess = this.#origins.get(file);
      if (byProcess?.has(process) === true || this.#isInherited(thread, file, call)) continue;
      origin ??= this.#originOf(thread, call);
      if (byProcess === undefined) {
        byProcess = new Map();
        this.#origins.set(file, byProcess);
      }
      byProcess.set(process, origin);
    }
  }

  /** It was in the table already when the process was made, or before anything was observed. */
  #isInherited(thread: Thread, file: OpenFile, call: Call): boolean {
    const inherited = this.#inherited.get(thread.process);
    return inherited === undefined || (inherited.has(file) && !call.syscall.name.startsWith('recvm'));
  }

  threadStarted(thread: Thread): void {
    const { process, files } = thread;
    if (this.#inherited.has(process)) return;
    this.#inherited.set(process, new Set([...files.entries()].map(([, file]) => file)));
  }

  #noteBound(thread: Thread, call: Call): void {
    const file = thread.files.lookup(call.args.fd ?? -1);
    const path = file && unixSocketOf(file)?.boundPath;
    if (path === undefined) return;
    const text = absolutePath(thread, path);
    const { process } = thread;
    this.#bound.set(path, { origin: this.#originOf(thread, call), process, name: process.name, text });
  }

  /** The socket closes with the process: descriptors in its queue are lost. */
  #noteUnreceived(thread: Thread, fd: number, file: OpenFile): void {
    const queue = unixSocketOf(file)?.queue;
    if (queue === undefined || queue.rightsCount === 0) return;
    for (let message = queue.first; message !== undefined; message = message.next) {
      for (const sent of message.rights?.files ?? []) {
        const origins = this.#origins.get(sent)?.values();
        this.#add(thread, 'in flight', `sent to fd ${fd} and never received:`, sent, origins?.next().value);
      }
    }
  }

  #add(thread: Thread, kind: Leak['kind'], what: string, file: OpenFile, origin: Origin | undefined): void {
    const { process } = thread;
    const full = describeFile(thread, file, 2);
    this.#leaks.push({
      kind,
      pid: process.pid,
      processName: process.name,
      what: `${what} (${full})`,
      brief: `${what} (${full.replace(/:\[.*\]$/, '')})`,
      origin,
    });
  }

  #originOf(thread: Thread, call: Call): Origin {
    const stack = stackLines(thread, this.symbols).map((line) => line.trim().replace(/^> /, ''));
    const [here = 0, caller = here] = callStack(thread, this.symbols);
    const place = this.symbols.place(thread, caller);
    const where =
      place === undefined
        ? `0x${caller.toString(16)}`
        : `${place.symbol ?? place.file}+0x${place.offset.toString(16)}`;
    return { pid: thread.process.pid, call: call.syscall.name, place: where, stack };
  }
}

/** `pid 3 (server) left fd 5 (pipe:[7]) open, from pipe2 at make_pipes+0x1c`. */
export function leakText(leak: Leak, isBrief = false): string {
  const { kind, pid, processName, origin } = leak;
  const what = isBrief ? leak.brief : leak.what;
  const who = isBrief ? processName : `pid ${pid} (${processName})`;
  const done =
    kind === 'descriptor'
      ? `${who} left ${what} open`
      : kind === 'in flight'
        ? `${who} left a descriptor ${what}`
        : `${who} left the socket's name ${what}`;
  return origin === undefined ? done : `${done}, from ${origin.call} at ${origin.place}`;
}
