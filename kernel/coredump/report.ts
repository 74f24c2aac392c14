// What the kernel's log says of cores that are not written (include/linux/coredump.h, coredump_report_failure).
import type { Thread } from '../task/thread.ts';

const LOG_WARNING = 4;
const SHORT: Readonly<Record<string, string>> = {
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
  '\x07': 'a',
  '\x1b': 'e',
};

/** From the function `place` of fs/coredump.c; `subject` stands for %s. Not more often than the log takes from one place. */
export function reportFailure(thread: Thread, place: string, format: string, subject = ''): undefined {
  const { kernel, process, name } = thread;
  if (!kernel.log.mayRepeat(place, format)) return;
  const text = format.replace('%s', () => subject);
  kernel.log.say(LOG_WARNING, `coredump: ${process.ownPid}(${escaped(name)}): ${text}`);
}

/** As %*pE has it: what cannot be printed. */
function escaped(name: string): string {
  return name.replace(
    /[^ -~]/g,
    (byte) => `\\${SHORT[byte] ?? byte.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
