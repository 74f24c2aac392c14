// execve: replaces a thread's program by another (execve(2), fs/exec.c).
// syscalls/exec.ts and the first process of a session come here; everything that can fail happens to a new address
// space aside, so until the point of no return the old program goes on as if nothing had been.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { EACCES, ENOENT, fail, isFailure } from '../errno.ts';
import type { Path } from '../fs/path.ts';
import { absolutePath, resolve } from '../fs/resolve.ts';
import { late } from '../late.ts';
import { Mm } from '../mm/mm.ts';
import { replaceImage } from '../task/exec-task.ts';
import { endOtherThreads } from '../task/exit.ts';
import { RLIMIT_STACK } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { checkArguments, stringSpace } from './arguments.ts';
import { auxiliaryVector } from './auxv.ts';
import { readElf } from './elf-header.ts';
import { closeImage, type ImageFile, openImage, resolveProgram } from './image-file.ts';
import { buildStack, type StackPlaces } from './initial-stack.ts';
import { type LoadedProgram, loadElf } from './load-elf.ts';
import { credentialsAfterExec, type NewCredentials } from './set-id.ts';

const SP = 2;

export interface ExecOptions {
  /** The name the program was called by: AT_EXECFN, comm, a script's argument. Absolute path when absent. */
  readonly filename?: string;
  /** The name leads through a descriptor that execve closes: scripts fail with ENOENT. */
  readonly nameIsGone?: boolean;
}

/** A new address space, ready to be run. */
interface NewImage {
  readonly mm: Mm;
  readonly program: LoadedProgram;
  readonly stack: StackPlaces;
  readonly credentials: NewCredentials;
}

/**
 * Runs `path` in `thread`. Returns by throwing CONTEXT_REPLACED; before that fails with EACCES, ENOEXEC, ENOENT (loader
 * or interpreter), ELIBBAD, ETXTBSY, ELOOP, E2BIG, EINVAL, EIO, ENOMEM and changes nothing. Throws a Wait while
 * tracers have to do with the ends of the other threads; the image is made afresh at the next try.
 */
export function execve(
  thread: Thread,
  path: Path,
  argv: readonly string[],
  envp: readonly string[],
  options: ExecOptions = {},
): never {
  const formerTid = thread.tid;
  const filename = options.filename ?? absolutePath(thread, path);
  // A program without argv[0] gets an empty one (since Linux 5.18).
  const given = argv.length === 0 ? [''] : argv;
  const resolved = resolveProgram(thread, path, filename, given, options.nameIsGone === true);
  const { image } = resolved;
  let made: NewImage;
  try {
    made = makeImage(thread, image, resolved.argv, envp, filename);
  } catch (thrown) {
    closeImage(image);
    throw thrown;
  }
  // The guard against writers now belongs to the address space.
  image.file.release();
  const othersEnd = endOtherThreads(thread);
  if (othersEnd !== undefined) {
    made.mm.release();
    throw othersEnd;
  }
  commit(thread, made, resolved.argv, envp, filename, image);
  if (thread.tracee !== undefined) late.tracing.noteExec(thread, thread.tracee, formerTid);
  thread.kernel.observer?.executed?.(thread);
  throw CONTEXT_REPLACED;
}

function makeImage(
  thread: Thread,
  image: ImageFile,
  argv: readonly string[],
  envp: readonly string[],
  filename: string,
): NewImage {
  const { kernel } = thread;
  const stackLimit = thread.process.limits.get(RLIMIT_STACK).soft;
  const space = stringSpace(stackLimit, argv.length, envp.length);
  checkArguments([filename, ...envp, ...argv], space);
  const elf = readElf(image.inode);
  const loader = elf.interpreter === undefined ? undefined : openLoader(thread, elf.interpreter);
  const mm = Mm.create(kernel);
  try {
    const loaderElf = loader && { elf: readElf(loader.inode, true), file: loader.file };
    const program = loadElf(mm, { elf, file: image.file }, loaderElf, stackLimit);
    const credentials = credentialsAfterExec(thread, image);
    const stack = buildStack(mm, {
      argv,
      envp,
      filename,
      isExecutable: elf.isStackExecutable,
      random: kernel.random,
      auxv: (places) => auxiliaryVector(program, credentials.credentials, credentials.isSecure, places),
    });
    mm.image = {
      ...stack,
      ...program,
      startBrk: mm.layout.brkStart,
      startStack: stack.stackPointer,
    };
    mm.guardExecutable(image.inode);
    return { mm, program, stack, credentials };
  } catch (thrown) {
    mm.release();
    throw thrown;
  } finally {
    if (loader !== undefined) closeImage(loader);
  }
}

/** The dynamic loader named by PT_INTERP. Its absence is ENOENT, as if the program were not there. */
function openLoader(thread: Thread, name: string): ImageFile {
  try {
    return openImage(thread, resolve(thread, AT_FDCWD, name));
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    if (thrown.errno === ENOENT) fail(ENOENT, `the dynamic loader ${name} does not exist`);
    if (thrown.errno === EACCES) fail(EACCES, `the dynamic loader ${name} cannot be executed`);
    throw thrown;
  }
}

/** Nothing fails from here on (begin_new_exec, start_thread). */
function commit(
  thread: Thread,
  made: NewImage,
  argv: readonly string[],
  envp: readonly string[],
  filename: string,
  image: ImageFile,
): void {
  const { process, hart } = thread;
  const { credentials, isSecure } = made.credentials;
  replaceImage(thread, made.mm);
  thread.credentials = credentials;
  if (isSecure) {
    process.dumpable = thread.kernel.cores.suidDumpable;
    thread.parentDeathSignal = 0;
  }
  thread.name = filename.slice(filename.lastIndexOf('/') + 1).slice(0, 15);
  process.executable = { path: image.path, inode: image.inode };
  process.commandLine = [...argv];
  process.environment = [...envp];
  for (let n = 1; n < 32; n++) hart.setXNumber(n, 0);
  for (let n = 0; n < 32; n++) hart.setF(n, 0n);
  hart.fcsr = 0;
  hart.clearReservation();
  hart.setXNumber(SP, made.stack.stackPointer);
  hart.pc = made.program.start;
}
