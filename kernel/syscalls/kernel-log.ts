// syslog(2): the kernel's log and the console's level (kernel/printk/printk.c, do_syslog).
// Row for table.ts; the log is kernel/log/.
import { I32, Ptr } from '../abi/kinds/basic.ts';
import { SyslogAction } from '../abi/kinds/system-kinds.ts';
import { EFAULT, EINVAL, EPERM, fail } from '../errno.ts';
import { type KernelLog, LOG_SIZE } from '../log/kernel-log.ts';
import { lastOfLog, readLog, unreadLength } from '../log/read-log.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { CAP_SYSLOG, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const READ_ALL = 3;
const SIZE_BUFFER = 10;

interface SyslogCall {
  readonly thread: Thread;
  readonly log: KernelLog;
  readonly bufp: number;
  readonly len: number;
}

/** EINVAL; EFAULT for memory that no program can have. False when there is nothing to fill. */
function hasRoom({ bufp, len }: SyslogCall): boolean {
  if (bufp === 0 || len < 0) fail(EINVAL, 'no buffer, or a negative length');
  if (len > 0 && bufp + len > TASK_SIZE) fail(EFAULT, "not the program's memory");
  return len > 0;
}

/** The text is gone from the log's reader although it could not be stored, as on Linux. */
function read(call: SyslogCall): Answer {
  if (!hasRoom(call)) return 0;
  const { log, thread, bufp, len } = call;
  const bytes = readLog(log, len);
  if (bytes.length === 0) return wait(log.changed);
  thread.user.write(bufp, bytes);
  return bytes.length;
}

function readAll(call: SyslogCall): number {
  if (!hasRoom(call)) return 0;
  const bytes = lastOfLog(call.log, call.len);
  call.thread.user.write(call.bufp, bytes);
  return bytes.length;
}

function clear({ log }: SyslogCall): void {
  log.clearSequence = log.nextSequence;
}

/** By number: CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, CONSOLE_OFF, CONSOLE_ON, CONSOLE_LEVEL, SIZE_UNREAD, SIZE_BUFFER. */
const ACTIONS: readonly ((call: SyslogCall) => Answer)[] = [
  () => 0,
  () => 0,
  read,
  readAll,
  (call) => {
    const count = readAll(call);
    if (call.len > 0) clear(call);
    return count;
  },
  (call) => {
    clear(call);
    return 0;
  },
  ({ log }) => {
    log.muteConsole();
    return 0;
  },
  ({ log }) => {
    log.unmuteConsole();
    return 0;
  },
  ({ log, len }) => {
    if (len < 1 || len > 8) fail(EINVAL, 'no such level');
    log.consoleLevel = len;
    return 0;
  },
  ({ log }) => unreadLength(log),
  () => LOG_SIZE,
];

function syslog(thread: Thread, { type, bufp, len }: { type: number; bufp: number; len: number }): Answer {
  const isOpen = type === READ_ALL || type === SIZE_BUFFER;
  if (!isOpen && !capable(thread.credentials, CAP_SYSLOG)) fail(EPERM, 'needs CAP_SYSLOG');
  const action = ACTIONS[type] ?? fail(EINVAL, 'no such action');
  return action({ thread, log: thread.kernel.log, bufp, len });
}

export const KERNEL_LOG_CALLS = {
  116: syscall('syslog', { type: SyslogAction, bufp: Ptr, len: I32 }, syslog),
};
