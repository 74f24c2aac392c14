// /proc/sysvipc/msg, sem and shm: one line an object, as ipcs(1) reads them (ipc/msg.c, sem.c, shm.c, sysvipc_*_proc_show).
// root.ts puts them into its tables.

import type { IpcNamespace } from '../../ipc/ipc-namespace.ts';
import type { IpcObject } from '../../ipc/ipc-table.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import { SYSVIPC } from './system-texts.ts';
import { numberIn } from './target.ts';

/** A row of columns: [value, width]. */
function row(...columns: readonly (readonly [value: number | string, width: number])[]): string {
  return `${columns.map(([value, width]) => String(value).padStart(width)).join(' ')}\n`;
}

type Owners = Pick<IpcObject, 'uid' | 'gid' | 'cuid' | 'cgid'>;

function owners({ uid, gid, cuid, cgid }: Owners): (readonly [number, number])[] {
  return [uid, gid, cuid, cgid].map((id) => [id, 5]);
}

function times(...values: readonly number[]): (readonly [number, number])[] {
  return values.map((value) => [value, 10]);
}

function head({
  key,
  id,
  mode,
}: Pick<IpcObject, 'key' | 'id' | 'mode'>): (readonly [number | string, number])[] {
  return [
    [key, 10],
    [id, 10],
    [mode.toString(8), 5],
  ];
}

export function messageQueuesText({ messages }: IpcNamespace, pids: PidNamespace | undefined): string {
  const rows = [...messages.objects].map((queue) =>
    row(
      ...head(queue),
      [queue.bytes, 11],
      [queue.count, 10],
      [numberIn({ pids }, queue.lastSender), 5],
      [numberIn({ pids }, queue.lastReceiver), 5],
      ...owners(queue),
      ...times(queue.sendTime, queue.receiveTime, queue.changeTime),
    ),
  );
  return SYSVIPC.msg + rows.join('');
}

export function semaphoresText({ semaphores }: IpcNamespace): string {
  const rows = [...semaphores.objects].map((set) =>
    row(
      ...head(set),
      [set.semaphores.length, 10],
      ...owners(set),
      ...times(set.operationTime, set.changeTime),
    ),
  );
  return SYSVIPC.sem + rows.join('');
}

export function sharedMemoryText({ shm }: IpcNamespace, pids: PidNamespace | undefined): string {
  const rows = [...shm.objects].map((segment) =>
    row(
      ...head(segment),
      [segment.size, 21],
      [numberIn({ pids }, segment.creatorPid), 5],
      [numberIn({ pids }, segment.lastPid), 5],
      [segment.attachCount, 6],
      ...owners(segment),
      ...times(segment.attachTime, segment.detachTime, segment.changeTime),
      [0, 21],
      [0, 21],
    ),
  );
  return SYSVIPC.shm + rows.join('');
}
