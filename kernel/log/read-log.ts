// What syslog(2) and /proc/kmsg read of the kernel's log: text, in which a record can be cut.
import { textToBytes } from '../mm/user-memory.ts';
import { type KernelLog, syslogLines } from './kernel-log.ts';

/** What comes next, at most `room` bytes: whole records, or part of one when there is no room for it (syslog_print). */
export function readLog(log: KernelLog, room: number): Uint8Array {
  const { reader } = log;
  let text = '';
  for (;;) {
    if (reader.sequence < log.firstSequence) {
      reader.sequence = log.firstSequence;
      reader.taken = 0;
    }
    const record = log.at(reader.sequence);
    if (record === undefined) break;
    const rest = syslogLines(record).slice(reader.taken);
    if (rest.length <= room - text.length) {
      text += rest;
      reader.sequence++;
      reader.taken = 0;
    } else {
      if (text !== '') break;
      text = rest.slice(0, room);
      reader.taken += room;
      break;
    }
  }
  return textToBytes(text);
}

/** How much `readLog` has to give. */
export function unreadLength(log: KernelLog): number {
  let length = 0;
  const from = Math.max(log.reader.sequence, log.firstSequence);
  for (let at = from; at < log.nextSequence; at++) {
    const record = log.at(at);
    if (record !== undefined) length += syslogLines(record).length;
  }
  return Math.max(0, length - (from === log.reader.sequence ? log.reader.taken : 0));
}

/** The newest records that fit, of those that were not cleared (syslog_print_all). */
export function lastOfLog(log: KernelLog, room: number): Uint8Array {
  let text = '';
  for (let at = log.nextSequence - 1; at >= Math.max(log.clearSequence, log.firstSequence); at--) {
    const record = log.at(at);
    if (record === undefined) break;
    const lines = syslogLines(record);
    if (lines.length + text.length > room) break;
    text = lines + text;
  }
  return textToBytes(text);
}
