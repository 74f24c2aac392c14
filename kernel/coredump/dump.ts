// Core dumps: a process that dies of one of certain signals leaves its memory and registers behind (core(5);
// fs/coredump.c, vfs_coredump). Signal delivery comes here in place of exitProcess.
// A file is written at once. While a program or a socket takes the core, the process waits, and only SIGKILL ends it.
import { COREDUMP_KERNEL, COREDUMP_REJECT, COREDUMP_WAIT } from '../abi/coredump.ts';
import { AT_FDCWD, O_CREAT, O_EXCL, O_LARGEFILE, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } from '../abi/fcntl.ts';
import { SHUT_WR, SOCK_STREAM } from '../abi/socket.ts';
import { EAGAIN, ENOENT, fail, isFailure } from '../errno.ts';
import { BufferSink } from '../file/buffer.ts';
import { FdTable } from '../file/fd-table.ts';
import { OpenFile } from '../file/open-file.ts';
import { unlink } from '../fs/entries.ts';
import { FsContext } from '../fs/fs-context.ts';
import { openFile } from '../fs/open.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { resolve, startWalk } from '../fs/resolve.ts';
import { RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS } from '../fs/walk.ts';
import { pathAddress } from '../net/unix/address.ts';
import { makeUnixSocket, openFileOf } from '../net/unix/make.ts';
import { UNIX } from '../net/unix.ts';
import { makePipe } from '../pipe/make-pipe.ts';
import { syscall } from '../syscalls/syscall.ts';
import { credentialsFor } from '../task/credentials.ts';
import { noteCore } from '../task/pid-fd-details.ts';
import type { Process } from '../task/process.ts';
import { ResourceLimits, RLIM_INFINITY, RLIMIT_CORE } from '../task/rlimits.ts';
import { recalculateAttention } from '../task/send-signal.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import { startInit } from '../task/start.ts';
import { callOf, type Thread } from '../task/thread.ts';
import { isWait, type Wait, WaitQueue, wait } from '../wait.ts';
import { type CoreTarget, coreTarget, SUID_DUMP_ROOT } from './core-name.ts';
import { coreImage } from './image.ts';
import { reportFailure } from './report.ts';
import { ServerProtocol } from './server-protocol.ts';
import { CoreWriter } from './writer.ts';

/** In a wait status: a core was begun, and perhaps cut off where its limit, the disk or its reader ended. */
const DUMPED = 0x80;
/** Bytes: a file that may not have a page is not begun (binfmt->min_coredump). */
const LEAST = 4096;
/** What the dying thread is in while its core is taken. */
const INNER_WRITE = syscall('write', {}, () => 0);
/** Of a helper: what it dies of is not dumped again (umh_coredump_setup). */
const HELPER_LIMIT = 1;
const HELPER_ENVIRONMENT = ['HOME=/', 'TERM=linux', 'PATH=/sbin:/usr/sbin:/bin:/usr/bin'];
const UNTIL_DUMPED = wait(new WaitQueue('the end of a core dump'), 'killable');

/** Where a core goes that is not written at once. */
interface Taker {
  readonly file: OpenFile;
  /** Whose end means that the core is read: a program's, or that of the other end of the socket. */
  readonly reader: Process | 'peer';
  /** With a server that says what is to be done, until it has. */
  protocol?: ServerProtocol | undefined;
}

/** A dump that is under way. */
export interface CoreDump {
  readonly thread: Thread;
  readonly info: SignalInfo;
  readonly taker: Taker;
  /** What is to be done: COREDUMP_KERNEL and the like. */
  mask: number;
  writer: CoreWriter | undefined;
  /** The core is written, and its reader will find the end of it. */
  isWritten: boolean;
  /** It waits for the other end of its socket. */
  awaitsPeer: boolean;
}

/**
 * The process dies of `info`: leaves a core, if there is to be one. Returns the wait status to end it with; undefined while
 * someone reads the core.
 */
export function dumpCore(thread: Thread, info: SignalInfo): number | undefined {
  const { process, kernel } = thread;
  const target = coreTarget(thread, info.signo, kernel.cores);
  if (target === undefined) return info.signo;
  if (target.kind === 'file') return info.signo | (dumpToFile(thread, info, target.name) ? DUMPED : 0);
  thread.call = callOf(INNER_WRITE, {});
  thread.call.isQuiet = true;
  const taker = takerOf(thread, target);
  if (taker === undefined) return info.signo;
  for (const other of process.threads.values()) {
    if (other === thread || other.state !== 'blocked') continue;
    kernel.scheduler.leaveQueues(other); // the others come by themselves
    kernel.scheduler.park(other, UNTIL_DUMPED);
  }
  const mask = COREDUMP_KERNEL | (kernel.cores.pipeLimit > 0 ? COREDUMP_WAIT : 0);
  process.coreDump = { thread, info, taker, mask, writer: undefined, isWritten: false, awaitsPeer: false };
  for (const each of process.threads.values()) recalculateAttention(each);
  return continueDump(thread);
}

/** A thread of a process that dumps core was woken, and has no signal that ends it. As dumpCore. */
export function continueDump(thread: Thread): number | undefined {
  const { process, kernel } = thread;
  const dump = process.coreDump as CoreDump;
  const answer = dump.thread === thread ? advance(dump) : UNTIL_DUMPED;
  if (typeof answer === 'number') return dump.info.signo | answer;
  kernel.scheduler.park(thread, { ...answer, signal: 'killable' });
  return undefined;
}

/** The process has ended, for whatever reason. */
export function endDump(process: Process): void {
  const { coreDump } = process;
  process.coreDump = undefined;
  if (coreDump === undefined) return;
  if (coreDump.awaitsPeer) reportFailure(coreDump.thread, 'coredump_sock_wait', 'Coredump socket failed');
  if (!isClosed(coreDump)) coreDump.taker.file.release();
}

/** A pipe's end is its closing; a socket stays open for what may come from the other side. */
function isClosed({ isWritten, taker }: CoreDump): boolean {
  return isWritten && taker.reader !== 'peer';
}

/** What the process waits for, or, when all has happened, what its wait status gets: DUMPED or 0. */
function advance(dump: CoreDump): Wait | number {
  const { thread, taker } = dump;
  const { file, reader, protocol } = taker;
  if (protocol !== undefined) {
    const answer = tried(() => protocol.advance(thread));
    if (answer === undefined) return 0;
    if (isWait(answer)) return answer;
    taker.protocol = undefined;
    dump.mask = answer;
  }
  if ((dump.mask & COREDUMP_REJECT) !== 0) return 0;
  if (!dump.isWritten) {
    const answer = (dump.mask & COREDUMP_KERNEL) === 0 ? false : write(dump);
    if (typeof answer !== 'boolean') return answer;
    dump.isWritten = true;
    if (reader === 'peer') UNIX.shutdown(thread, file, SHUT_WR);
    else file.release();
  }
  if ((dump.mask & COREDUMP_WAIT) === 0) return DUMPED;
  if (reader !== 'peer') return reader.state === 'alive' ? wait(reader.exited) : DUMPED;
  const answer = tried(() => file.descriptor.tryRead(thread, file, new BufferSink(new Uint8Array(1)), 0));
  dump.awaitsPeer = answer === undefined || isWait(answer);
  if (answer !== undefined && isWait(answer)) return answer;
  if (answer !== undefined && answer > 0)
    reportFailure(thread, 'coredump_sock_wait', 'Coredump socket had unexpected data');
  return DUMPED;
}

/** As CoreWriter.advance; an error is its end too. */
function write(dump: CoreDump): boolean | Wait {
  const { thread, info, taker } = dump;
  dump.writer ??= new CoreWriter(taker.file, coreImage(thread, info), Number.POSITIVE_INFINITY);
  const { writer } = dump;
  return tried(() => writer.advance(thread)) ?? false;
}

/** undefined where Linux would have an error. */
function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return undefined;
  }
}

/** Was it begun (coredump_file)? */
function dumpToFile(thread: Thread, info: SignalInfo, name: string): boolean {
  const { process, credentials } = thread;
  const limit = process.limits.get(RLIMIT_CORE).soft;
  const isRoots = process.dumpable === SUID_DUMP_ROOT;
  if (limit < LEAST) return false;
  if (isRoots && !name.startsWith('/')) {
    reportFailure(
      thread,
      'coredump_file',
      'this process can only dump core to a fully qualified path, skipping core dump',
    );
    return false;
  }
  if (isRoots) thread.credentials = { ...credentials, fsuid: 0 };
  try {
    return tried(() => writeFile(thread, info, name, limit)) ?? false;
  } finally {
    thread.credentials = credentials;
  }
}

/** An old file of the name goes first, unless the core is root's. */
function writeFile(thread: Thread, info: SignalInfo, name: string, limit: number): boolean {
  const { fsuid } = thread.credentials;
  if (thread.process.dumpable !== SUID_DUMP_ROOT) tried(() => unlink(thread, AT_FDCWD, name));
  const how = { flags: O_CREAT | O_WRONLY | O_NOFOLLOW | O_LARGEFILE | O_EXCL, mode: 0o600, resolve: 0 };
  const file = openFile(thread, AT_FDCWD, name, how);
  if (!(file instanceof OpenFile)) return false;
  try {
    const { inode } = file.descriptor;
    if (!(inode instanceof RegularInode)) return false;
    const lost = inode.uid !== fsuid ? 'owner' : (inode.mode & 0o677) !== 0o600 ? 'permissions' : undefined;
    if (lost !== undefined) {
      reportFailure(thread, 'coredump_file', `Core dump to %s aborted: cannot preserve file ${lost}`, name);
      return false;
    }
    const writer = new CoreWriter(file, coreImage(thread, info), limit);
    tried(() => writer.advance(thread));
    return true;
  } finally {
    file.release();
  }
}

/** Undefined when nobody takes the core; the kernel's log says why. */
function takerOf(thread: Thread, target: Exclude<CoreTarget, { kind: 'file' }>): Taker | undefined {
  const { fs, credentials, kernel } = thread;
  // names are those of the machine's first tree, and nothing is forbidden
  thread.fs = new FsContext(kernel.vfs.tree.topPath);
  const { effective } = credentialsFor(0, 0);
  thread.credentials = { ...credentials, userNamespace: undefined, fsuid: 0, fsgid: 0, effective };
  try {
    return target.kind === 'pipe' ? helperFor(thread, target.argv) : serverAt(thread, target);
  } finally {
    thread.fs = fs;
    thread.credentials = credentials;
  }
}

function helperFor(thread: Thread, argv: readonly string[]): Taker | undefined {
  const { process, kernel } = thread;
  let started = 1;
  for (const { coreDump } of kernel.processes) {
    if (coreDump !== undefined && coreDump.taker.reader !== 'peer') started++;
  }
  const { pipeLimit } = kernel.cores;
  if (process.limits.get(RLIMIT_CORE).soft === HELPER_LIMIT)
    return reportFailure(thread, 'coredump_pipe', 'RLIMIT_CORE is set to 1, aborting core');
  if (pipeLimit > 0 && started > pipeLimit)
    return reportFailure(thread, 'coredump_pipe', 'over core_pipe_limit, skipping core dump');
  return (
    tried(() => startHelper(thread, argv)) ??
    reportFailure(thread, 'coredump_pipe', '|%s pipe failed', argv[0])
  );
}

function serverAt(thread: Thread, { path, isAsked }: { path: string; isAsked: boolean }): Taker | undefined {
  let file: OpenFile;
  noteCore(thread);
  try {
    file = connectTo(thread, path);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const { errno } = thrown;
    const format =
      errno === EAGAIN
        ? 'Coredump socket %s receive queue full'
        : `Coredump socket connection %s failed -${errno}`;
    return reportFailure(thread, 'coredump_sock_connect', format, path);
  }
  const protocol = isAsked ? tried(() => new ServerProtocol(thread, file)) : undefined;
  if (!isAsked || protocol !== undefined) return { file, reader: 'peer', protocol };
  file.release();
  return undefined;
}

/** A program of root's, in no one's session, that reads the core from descriptor 0 and has no others. */
function startHelper(thread: Thread, argv: readonly string[]): Taker {
  const { kernel, credentials } = thread;
  const path = argv[0] ?? fail(ENOENT, 'no program is named');
  const executable = resolve(thread, AT_FDCWD, path, { follow: true });
  const { reader: input, writer: file } = makePipe(kernel, credentials);
  const files = new FdTable(kernel.memory);
  files.install(input, 1);
  const limits = new ResourceLimits();
  limits.set(RLIMIT_CORE, { soft: HELPER_LIMIT, hard: RLIM_INFINITY });
  const root = credentialsFor(0, 0);
  const options = { credentials: root, fs: new FsContext(kernel.vfs.tree.topPath), files, limits };
  try {
    const reader = startInit(kernel, {
      ...options,
      executable,
      filename: path,
      argv,
      envp: HELPER_ENVIRONMENT,
    });
    return { file, reader };
  } catch (failure) {
    file.release();
    throw failure;
  }
}

/** A connection to who listens at `path`, made by the process that dies. As connect(2). */
function connectTo(thread: Thread, path: string): OpenFile {
  const file = openFileOf(makeUnixSocket(thread, UNIX, SOCK_STREAM).core);
  try {
    // no link is followed on the way (net/unix/af_unix.c, unix_find_bsd)
    startWalk(thread, AT_FDCWD, path, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS).finish(true);
    file.flags |= O_NONBLOCK; // a full backlog is not waited for
    const answer = UNIX.connect(thread, file, pathAddress(path));
    if (isWait(answer)) fail(EAGAIN, 'the backlog is full');
    file.flags &= ~O_NONBLOCK;
    return file;
  } catch (failure) {
    file.release();
    throw failure;
  }
}
