// The beginnings: the built-in init, and processes that the machine's owner spawns from outside.
// Kernel makes init when it is built; machine/ calls startInit for each program.
// Init is process 1: it has no thread, ignores signals and reaps orphans at once. A spawned process is its child, as
// under the init of a container, has its own session, and is reaped when it ends.
import { Hart } from '../../emulator/cpu/hart.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { execve } from '../exec/exec.ts';
import type { FdTable } from '../file/fd-table.ts';
import type { FsContext } from '../fs/fs-context.ts';
import type { Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { Mm } from '../mm/mm.ts';
import { armCpuLimit } from './cpu-limit.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { Process } from './process.ts';
import { ProcessSignals, SignalActions } from './process-signals.ts';
import { ResourceLimits } from './rlimits.ts';
import { Session } from './session.ts';
import { Thread } from './thread.ts';

/** Makes process 1. Its mm is empty; zombies point at it. */
export function makeInit(kernel: Kernel): Process {
  const pid = kernel.pids.allocate();
  const init = new Process(pid, undefined, {
    mm: Mm.create(kernel),
    group: new Session(kernel.pids, pid).group(pid),
    limits: new ResourceLimits(),
    signals: new ProcessSignals(new SignalActions()),
  });
  init.last = { name: 'init', credentials: credentialsFor(0, 0) };
  init.group.add(init);
  kernel.pids.addProcess(init);
  return init;
}

/** What a process that nobody forked starts with. */
export interface FirstThreadOptions {
  readonly credentials: Credentials;
  /** Root and working directory; the process owns it. */
  readonly fs: FsContext;
  /** Descriptors 0, 1, 2 …; the process owns the table. */
  readonly files: FdTable;
  readonly limits?: ResourceLimits;
}

export interface StartOptions extends FirstThreadOptions {
  readonly executable: Path;
  /** The name it is called by, as execve's first argument; its absolute path when absent. */
  readonly filename?: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
}

/** A process in a session of its own, with one thread that has no program yet and is not scheduled. */
export function makeFirstThread(kernel: Kernel, options: FirstThreadOptions): Thread {
  const { pids } = kernel;
  const pid = pids.allocate();
  const group = new Session(pids, pid).group(pid);
  const process = new Process(pid, kernel.init, {
    mm: Mm.create(kernel),
    group,
    limits: options.limits ?? new ResourceLimits(),
    signals: new ProcessSignals(new SignalActions()),
  });
  process.startNs = kernel.clock.monotonicNs();
  if (options.limits !== undefined) armCpuLimit(process);
  kernel.init.children.add(process);
  group.add(process);
  pids.addProcess(process);
  const { credentials, files, fs } = options;
  const thread = new Thread(kernel, pid, process, new Hart(), { credentials, files, fs, name: '' });
  thread.startNs = process.startNs;
  process.threads.set(pid, thread);
  pids.addThread(thread);
  return thread;
}

/**
 * Starts a program in a new session. Throws execve's failure (ENOENT, ENOEXEC, EACCES …) after undoing everything;
 * the descriptors are closed then too. Watch `process.exited`, then read `process.waitStatus`.
 */
export function startInit(kernel: Kernel, options: StartOptions): Process {
  const thread = makeFirstThread(kernel, options);
  try {
    const { filename } = options;
    execve(
      thread,
      options.executable,
      options.argv,
      options.envp,
      filename === undefined ? {} : { filename },
    );
  } catch (thrown) {
    if (thrown !== CONTEXT_REPLACED) {
      undo(thread);
      throw thrown;
    }
  }
  kernel.observer?.threadStarted?.(thread);
  kernel.scheduler.enqueue(thread);
  return thread.process;
}

/** Nobody has seen the process: it goes without a trace. */
function undo(thread: Thread): void {
  const { process, kernel } = thread;
  thread.state = 'dead';
  thread.files.closeAll(thread);
  process.threads.delete(thread.tid);
  process.last = { name: thread.name, credentials: thread.credentials };
  process.state = 'reaped';
  process.mm.release();
  process.group.remove(process);
  kernel.init.children.delete(process);
  kernel.pids.removeThread(thread);
  kernel.pids.removeProcess(process);
}
