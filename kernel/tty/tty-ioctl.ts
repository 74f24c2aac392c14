// What ioctl does to a terminal (ioctl_tty(2)), as rows of a table: request number to action.
// tty-file.ts calls it for a terminal, pty-master.ts for the terminal behind a master.
// On a master the settings, the window and the process groups are those of its terminal.
import {
  FIONBIO,
  FIONREAD,
  TCFLSH,
  TCGETA,
  TCGETS,
  TCGETS2,
  TCSBRK,
  TCSBRKP,
  TCSETA,
  TCSETAF,
  TCSETAW,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TCXONC,
  TIOCCBRK,
  TIOCEXCL,
  TIOCGDEV,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGLCKTRMIOS,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGSOFTCAR,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSBRK,
  TIOCSCTTY,
  TIOCSETD,
  TIOCSLCKTRMIOS,
  TIOCSPGRP,
  TIOCSSOFTCAR,
  TIOCSTI,
  TIOCSWINSZ,
  TIOCVHANGUP,
} from '../abi/ioctl.ts';
import { SIGCONT, SIGHUP, SIGTTOU } from '../abi/signal.ts';
import { CLOCAL, NOTHING_LOCKED, VSTART, VSTOP, Winsize } from '../abi/termios.ts';
import { EINVAL, EIO, ENOTTY, EPERM, ESRCH, fail, isFailure } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading } from '../fs/open-flags.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import { sendToGroup } from '../task/send-signal.ts';
import { userSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { checkForeground, isLeader } from './job-control.ts';
import { readTermios, type TermiosForm, writeTermios } from './termios-forms.ts';
import type { Tty } from './tty.ts';
import type { TtyFile } from './tty-file.ts';

/** Who asks, about which terminal, through which end. */
export interface TtyRequest {
  readonly thread: Thread;
  readonly file: OpenFile;
  readonly tty: Tty;
  /** Through the pty master: no controlling terminal is needed. */
  readonly isMaster: boolean;
  readonly argument: number;
}

type Action = (request: TtyRequest) => number | Wait;

export function ttyIoctl(
  thread: Thread,
  file: OpenFile,
  { tty, isHungUp }: TtyFile,
  request: number,
  argument: number,
): number | Wait {
  if (isHungUp) fail(request === TIOCSPGRP ? ENOTTY : EIO, 'the terminal was hung up');
  return answerTty({ thread, file, tty, isMaster: false, argument }, request);
}

/** ENOTTY: no such request for terminals. */
export function answerTty(request: TtyRequest, number: number): number | Wait {
  const action = ACTIONS[number] ?? fail(ENOTTY, 'no such ioctl for terminals');
  return action(request);
}

function getter(form: TermiosForm): Action {
  return ({ thread, tty, argument }) => {
    writeTermios(thread.user, argument, form, tty.termios);
    return 0;
  };
}

/** TCSETS*: at once, after the output is gone, and without the input that was typed ahead. */
function setter(form: TermiosForm, when: 'now' | 'drain' | 'flush'): Action {
  return ({ thread, tty, argument }) => {
    const background = checkForeground(thread, tty, SIGTTOU);
    if (background !== undefined) return background;
    const termios = readTermios(thread.user, argument, form, tty.termios);
    if (when === 'flush') tty.flushInput();
    tty.setTermios(termios);
    return 0;
  };
}

/** A change that a background process may not make; a master is nobody's controlling terminal. */
function guarded(act: (request: TtyRequest) => number): Action {
  return (request) => {
    const { thread, tty, isMaster } = request;
    return (isMaster ? undefined : checkForeground(thread, tty, SIGTTOU)) ?? act(request);
  };
}

function demandOwnTerminal({ thread, tty, isMaster }: TtyRequest): void {
  if (!isMaster && thread.process.terminal !== tty) fail(ENOTTY, "not the caller's controlling terminal");
}

function getForeground(request: TtyRequest): number {
  demandOwnTerminal(request);
  request.thread.user.writeU32(request.argument, request.thread.process.shownPid(request.tty.foregroundId));
  return 0;
}

/** tcsetpgrp(3); the number may be any process's. ENOTTY, EINVAL, ESRCH, EPERM: it is of another session. */
function setForeground({ thread, tty, argument }: TtyRequest): number | Wait {
  const { process, kernel, user } = thread;
  let background: Wait | undefined;
  try {
    background = checkForeground(thread, tty, SIGTTOU);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === EIO) fail(ENOTTY, 'the process group is orphaned');
    throw thrown;
  }
  if (background !== undefined) return background;
  const wanted = user.readI32(argument);
  if (wanted < 0) fail(EINVAL, 'negative process group');
  if (process.terminal !== tty || tty.session !== process.session) {
    fail(ENOTTY, "not the controlling terminal of the caller's session");
  }
  // session_of_pgrp
  const { pids } = kernel;
  const id = process.kernelPid(wanted);
  const { session } =
    pids.group(id) ?? pids.process(id) ?? pids.thread(id)?.process ?? fail(ESRCH, 'no such process group');
  if (session !== process.session) fail(EPERM, 'the process group is of another session');
  tty.foregroundId = id;
  return 0;
}

function getSession(request: TtyRequest): number {
  demandOwnTerminal(request);
  const { session } = request.tty;
  if (session === undefined) fail(ENOTTY, 'the terminal is of no session');
  request.thread.user.writeU32(request.argument, request.thread.process.shownPid(session.id));
  return 0;
}

/** TIOCSCTTY. EPERM: no session leader, or one that has a terminal; the terminal is another session's. */
function setControlling({ thread, tty, file, argument }: TtyRequest): number {
  const { process, credentials } = thread;
  if (isLeader(process) && tty.session === process.session) return 0;
  if (!isLeader(process) || process.terminal !== undefined) {
    fail(EPERM, 'only a session leader without a terminal can take one');
  }
  const isAdmin = capable(credentials, CAP_SYS_ADMIN);
  if (tty.session !== undefined) {
    if (argument !== 1 || !isAdmin) fail(EPERM, 'the terminal controls another session');
    tty.release();
  }
  if (!opensForReading(file.flags) && !isAdmin) fail(EPERM, 'the terminal is open for writing only');
  tty.control(process);
  return 0;
}

/** TIOCNOTTY: a leader frees the whole session, and its foreground group gets SIGHUP and SIGCONT. */
function giveUpControlling({ thread, tty, isMaster }: TtyRequest): number {
  const { process } = thread;
  if (isMaster || process.terminal !== tty) fail(ENOTTY, "not the caller's controlling terminal");
  process.terminal = undefined;
  if (!isLeader(process)) return 0;
  const { foreground } = tty;
  if (foreground !== undefined) {
    sendToGroup(foreground, userSignal(SIGHUP, thread));
    sendToGroup(foreground, userSignal(SIGCONT, thread));
  }
  tty.release();
  return 0;
}

function flush({ tty, argument }: TtyRequest): number {
  if (argument < 0 || argument > 2) fail(EINVAL, 'TCIFLUSH, TCOFLUSH or TCIOFLUSH');
  if (argument !== 1) tty.flushInput();
  if (argument !== 0) tty.flushOutput();
  return 0;
}

function flow({ tty, argument }: TtyRequest): number {
  const TCOOFF = 0;
  const TCOON = 1;
  const TCION = 3;
  if (argument < 0 || argument > TCION) fail(EINVAL, 'TCOOFF, TCOON, TCIOFF or TCION');
  if (argument === TCOOFF) tty.setStoppedByCall(true);
  else if (argument === TCOON) tty.setStoppedByCall(false);
  else tty.sendFlowCharacter(argument === TCION ? VSTART : VSTOP);
  return 0;
}

/** TIOCSTI: a byte as if typed. EPERM: not the caller's terminal. */
function insert({ thread, tty, isMaster, argument }: TtyRequest): number {
  // a master is nobody's controlling terminal
  const isOwn = !isMaster && thread.process.terminal === tty;
  if (!isOwn && !capable(thread.credentials, CAP_SYS_ADMIN)) {
    fail(EPERM, "not the caller's controlling terminal");
  }
  const typed = thread.user.read(argument, 1);
  if (isMaster) tty.driver.write(typed);
  else tty.type(typed);
  return 0;
}

function setExclusive(isExclusive: boolean): Action {
  return ({ tty }) => {
    tty.isExclusive = isExclusive;
    return 0;
  };
}

function hangUp({ thread, tty }: TtyRequest): number {
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'hanging up needs CAP_SYS_ADMIN');
  tty.hangUp();
  return 0;
}

function setSoftCarrier({ thread, tty, argument }: TtyRequest): number {
  const bit = thread.user.readI32(argument) !== 0 ? CLOCAL : 0;
  tty.setTermios({ ...tty.termios, cflag: (tty.termios.cflag & ~CLOCAL) | bit });
  return 0;
}

/** TIOCSLCKTRMIOS: a bit or character that is set cannot be changed any more. EPERM without CAP_SYS_ADMIN. */
function setLocked({ thread, tty, argument }: TtyRequest): number {
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'locking settings needs CAP_SYS_ADMIN');
  tty.locked = readTermios(thread.user, argument, 'termios', NOTHING_LOCKED);
  return 0;
}

/** An `int *` out-parameter. */
function number(of: (tty: Tty) => number): Action {
  return ({ thread, tty, argument }) => {
    thread.user.writeU32(argument, of(tty));
    return 0;
  };
}

const nothing = (): number => 0;

const ACTIONS: Readonly<Record<number, Action>> = {
  [TCGETS]: getter('termios'),
  [TCSETS]: setter('termios', 'now'),
  [TCSETSW]: setter('termios', 'drain'),
  [TCSETSF]: setter('termios', 'flush'),
  [TCGETS2]: getter('termios2'),
  [TCSETS2]: setter('termios2', 'now'),
  [TCSETSW2]: setter('termios2', 'drain'),
  [TCSETSF2]: setter('termios2', 'flush'),
  [TCGETA]: getter('termio'),
  [TCSETA]: setter('termio', 'now'),
  [TCSETAW]: setter('termio', 'drain'),
  [TCSETAF]: setter('termio', 'flush'),
  [TIOCGLCKTRMIOS]: ({ thread, tty, argument }) => {
    writeTermios(thread.user, argument, 'termios', tty.locked);
    return 0;
  },
  [TIOCSLCKTRMIOS]: setLocked,
  [TCFLSH]: guarded(flush),
  [TCXONC]: guarded(flow),
  [TCSBRK]: guarded(nothing),
  [TCSBRKP]: guarded(nothing),
  [TIOCSBRK]: guarded(nothing),
  [TIOCCBRK]: guarded(nothing),
  [TIOCEXCL]: setExclusive(true),
  [TIOCNXCL]: setExclusive(false),
  [TIOCGEXCL]: number((tty) => (tty.isExclusive ? 1 : 0)),
  [TIOCGWINSZ]: ({ thread, tty, argument }) => {
    thread.user.writeStruct(argument, Winsize, tty.window);
    return 0;
  },
  [TIOCSWINSZ]: ({ thread, tty, argument }) => {
    tty.setWindow(thread.user.readStruct(argument, Winsize));
    return 0;
  },
  [TIOCGPGRP]: getForeground,
  [TIOCSPGRP]: setForeground,
  [TIOCGSID]: getSession,
  [TIOCSCTTY]: setControlling,
  [TIOCNOTTY]: giveUpControlling,
  [TIOCSTI]: insert,
  [TIOCVHANGUP]: hangUp,
  [TIOCGDEV]: number((tty) => tty.rdev),
  [TIOCGETD]: number(() => 0), // N_TTY
  [TIOCSETD]: guarded(({ thread, argument }) => {
    if (thread.user.readI32(argument) !== 0) fail(EINVAL, 'there is no line discipline but N_TTY');
    return 0;
  }),
  [TIOCGSOFTCAR]: number((tty) => ((tty.termios.cflag & CLOCAL) !== 0 ? 1 : 0)),
  [TIOCSSOFTCAR]: setSoftCarrier,
  [FIONREAD]: number((tty) => tty.discipline.readableCount),
  [TIOCOUTQ]: number((tty) => tty.driver.pending),
  [FIONBIO]: ({ thread, file, argument }) => {
    const O_NONBLOCK = 0o4000;
    file.flags = thread.user.readI32(argument) !== 0 ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
    return 0;
  },
};
