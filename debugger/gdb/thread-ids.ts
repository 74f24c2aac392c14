// Thread ids of the gdb remote protocol with the multiprocess extension: p2.3, p2.-1, -1 (gdb manual, E.2 "Packets").
// Numbers are the guest's own: pid and tid, hexadecimal on the wire.
import type { Thread } from '../../kernel/task/thread.ts';

/** -1 means all, 0 any. */
export interface ThreadId {
  readonly pid: number;
  readonly tid: number;
}

/** undefined for what is no thread id. Without a process, `pid` is 0: any. */
export function parseThreadId(text: string): ThreadId | undefined {
  const parts = /^(?:p(-1|[0-9a-fA-F]{1,8}))?(?:\.?(-1|[0-9a-fA-F]{1,8}))?$/.exec(text);
  if (parts === null || text === '' || text.startsWith('.')) return undefined;
  const [, pid, tid] = parts;
  if (pid === undefined && tid === '-1') return { pid: -1, tid: -1 };
  return { pid: numberOf(pid, 0), tid: numberOf(tid, -1) };
}

function numberOf(text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  return text === '-1' ? -1 : Number.parseInt(text, 16);
}

/** `p2.3`, or `3` for a client without the multiprocess extension. */
export function threadIdText(thread: Thread, isMultiprocess: boolean): string {
  const tid = thread.tid.toString(16);
  return isMultiprocess ? `p${thread.process.pid.toString(16)}.${tid}` : tid;
}

/** Is `thread` among those that `id` names? */
export function idCovers(id: ThreadId, thread: Thread): boolean {
  const { pid } = thread.process;
  return (id.pid <= 0 || id.pid === pid) && (id.tid <= 0 || id.tid === thread.tid);
}
