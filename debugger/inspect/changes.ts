// What a system call changed, in words: descriptors, positions, queues, sockets' states, files in flight, processes.
// The debugger takes a picture before each try of a call and compares it with what is there after.
// A picture holds the kernel's own objects only to tell them apart; all that may change is copied.
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { peerOf } from '../../kernel/net/unix/states.ts';
import type { UnixSocket } from '../../kernel/net/unix/unix-socket.ts';
import type { Pipe } from '../../kernel/pipe/pipe.ts';
import { PipeEnd } from '../../kernel/pipe/pipe-end.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Thread, ThreadState } from '../../kernel/task/thread.ts';
import { shownFile } from './readable.ts';
import { filesInQueue, unixNameText, unixStateText } from './socket-table.ts';

interface Slot {
  readonly file: OpenFile;
  readonly text: string;
}

interface SocketPicture {
  readonly state: string;
  readonly name: string;
  readonly bytes: number;
  readonly messages: number;
  readonly pending: number;
  readonly rights: readonly OpenFile[];
  readonly text: string;
}

interface PipePicture {
  readonly bytes: number;
  readonly text: string;
}

interface ProcessPicture {
  readonly state: string;
  readonly name: string;
  readonly slots: ReadonlyMap<number, Slot>;
  readonly threads: ReadonlyMap<Thread, ThreadState>;
  readonly pending: bigint;
}

/** The parts of a kernel that calls change, as they are now. */
export interface Picture {
  readonly processes: ReadonlyMap<Process, ProcessPicture>;
  readonly sockets: ReadonlyMap<UnixSocket, SocketPicture>;
  readonly pipes: ReadonlyMap<Pipe, PipePicture>;
  readonly positions: ReadonlyMap<OpenFile, number>;
}

export function takePicture(kernel: Kernel): Picture {
  const positions = new Map<OpenFile, number>();
  const pipes = new Map<Pipe, PipePicture>();
  const processes = new Map<Process, ProcessPicture>();
  for (const process of kernel.processes) {
    if (process.isInit) continue;
    const { leader } = process;
    const slots = new Map<number, Slot>();
    if (leader !== undefined) {
      for (const [fd, file] of leader.files.entries()) {
        slots.set(fd, { file, text: shownFile(leader, file) });
        if (file.descriptor.seekable) positions.set(file, file.position);
        notePipe(pipes, file);
      }
    }
    processes.set(process, {
      state: process.state,
      name: process.name,
      slots,
      threads: new Map([...process.threads.values()].map((thread) => [thread, thread.state])),
      pending: process.signals.pending.set,
    });
  }
  const sockets = new Map<UnixSocket, SocketPicture>();
  for (const socket of kernel.net.unixSockets) sockets.set(socket, pictureOf(socket));
  return { processes, sockets, pipes, positions };
}

function notePipe(pipes: Map<Pipe, PipePicture>, file: OpenFile): void {
  const { descriptor } = file;
  if (!(descriptor instanceof PipeEnd)) return;
  pipes.set(descriptor.pipe, {
    bytes: descriptor.pipe.byteCount,
    text: `pipe:[${descriptor.inode.ino}]`,
  });
}

function pictureOf(socket: UnixSocket): SocketPicture {
  const { queue, state } = socket;
  return {
    state: unixStateText(socket),
    name: unixNameText(socket.address),
    bytes: queue.byteCount,
    messages: queue.count,
    pending: state?.kind === 'unix-listener' ? state.pending.length : 0,
    rights: filesInQueue(socket),
    text: socketText(socket),
  };
}

/** `UNIX:[5->6,"/tmp/s"]`, as traces with -yy have it. */
function socketText(socket: UnixSocket): string {
  const peer = peerOf(socket);
  const name = unixNameText(socket.address);
  const link = peer === undefined ? '' : `->${peer.inode.ino}`;
  return `UNIX:[${socket.inode.ino}${link}${name === '' ? '' : `,${name}`}]`;
}

/** One line a change, without indentation. `thread` is the one that made the call: its own process is not named. */
export function describeChanges(kernel: Kernel, before: Picture, thread: Thread): string[] {
  const after = takePicture(kernel);
  const own = thread.process;
  const words = new Words(after, own);
  return [
    ...processChanges(before, after, own),
    ...slotChanges(before, after, words),
    ...positionChanges(before, after, words),
    ...socketChanges(before, after, words),
    ...pipeChanges(before, after),
    ...wakeChanges(before, after, thread),
  ];
}

/** How things are called in the lines. */
class Words {
  readonly #after: Picture;
  readonly #own: Process;

  constructor(after: Picture, own: Process) {
    this.#after = after;
    this.#own = own;
  }

  /** ` of pid 3`, unless it is the caller's. */
  of(process: Process): string {
    return process === this.#own ? '' : ` of pid ${process.pid}`;
  }

  /** What a file is, by whoever has it open. */
  file(file: OpenFile): string {
    for (const { slots } of this.#after.processes.values()) {
      for (const slot of slots.values()) if (slot.file === file) return slot.text;
    }
    const [process] = this.#after.processes.keys();
    const thread = process?.leader;
    return thread === undefined ? file.descriptor.kind : shownFile(thread, file);
  }

  /** ` (fd 4 of pid 3)`: where a socket is held. */
  holders(socket: UnixSocket): string {
    const held: string[] = [];
    for (const [process, { slots }] of this.#after.processes) {
      for (const [fd, { file }] of slots)
        if (file === socket.file) held.push(`fd ${fd} of pid ${process.pid}`);
    }
    return held.length === 0 ? '' : ` (${held.join(', ')})`;
  }
}

function processChanges(before: Picture, after: Picture, own: Process): string[] {
  const lines: string[] = [];
  for (const [process, now] of after.processes) {
    const was = before.processes.get(process);
    if (was === undefined) {
      lines.push(`pid ${process.pid} created, ${now.slots.size} descriptors`);
      continue;
    }
    if (was.state !== now.state) {
      lines.push(
        `pid ${process.pid} ${now.state === 'zombie' ? 'ended and waits to be reaped' : `is ${now.state}`}`,
      );
    }
    if (was.name !== now.name) lines.push(`pid ${process.pid} is now called ${now.name}`);
    for (const other of now.threads.keys()) {
      if (!was.threads.has(other)) lines.push(`thread ${other.tid} created`);
    }
    for (const other of was.threads.keys()) {
      if (!now.threads.has(other) && now.state === 'alive') lines.push(`thread ${other.tid} ended`);
    }
    const raised = now.pending & ~was.pending;
    for (let signo = 1; signo <= 64; signo++) {
      if ((raised & (1n << BigInt(signo - 1))) !== 0n)
        lines.push(`signal ${signo} queued${process === own ? '' : ` for pid ${process.pid}`}`);
    }
  }
  for (const process of before.processes.keys()) {
    if (!after.processes.has(process)) lines.push(`pid ${process.pid} is gone`);
  }
  return lines;
}

/** Descriptors that were opened, closed, or replaced. A process that came or went whole is one line, not these. */
function slotChanges(before: Picture, after: Picture, words: Words): string[] {
  const lines: string[] = [];
  const arrived = leftQueues(before, after);
  for (const [process, now] of after.processes) {
    const was = before.processes.get(process);
    if (was === undefined) continue;
    if (was.state !== now.state) {
      if (was.slots.size > 0) lines.push(`closed all ${was.slots.size} descriptors${words.of(process)}`);
      continue;
    }
    for (const [fd, { file, text }] of was.slots) {
      if (now.slots.get(fd)?.file !== file) lines.push(`closed fd ${fd}${words.of(process)}: ${text}`);
    }
    for (const [fd, { file, text }] of now.slots) {
      if (was.slots.get(fd)?.file === file) continue;
      const verb = arrived.has(file) ? 'arrived as' : 'opened';
      lines.push(`${verb} fd ${fd}${words.of(process)}: ${text}`);
    }
  }
  return lines;
}

/** Has a process a descriptor of the file that it had not before? */
function hasArrived(file: OpenFile, before: Picture, after: Picture): boolean {
  return [...after.processes].some(([process, { slots }]) => {
    const was = before.processes.get(process)?.slots;
    return [...slots].some(([fd, slot]) => slot.file === file && was?.get(fd)?.file !== file);
  });
}

/** Files that lay in a queue and no longer do. */
function leftQueues(before: Picture, after: Picture): Set<OpenFile> {
  const still = new Set([...after.sockets.values()].flatMap(({ rights }) => rights));
  const left = new Set([...before.sockets.values()].flatMap(({ rights }) => rights));
  for (const file of still) left.delete(file);
  return left;
}

function positionChanges(before: Picture, after: Picture, words: Words): string[] {
  const lines: string[] = [];
  for (const [file, now] of after.positions) {
    const was = before.positions.get(file);
    if (was !== undefined && was !== now) lines.push(`position of ${words.file(file)}: ${was} → ${now}`);
  }
  return lines;
}

function socketChanges(before: Picture, after: Picture, words: Words): string[] {
  const lines: string[] = [];
  for (const [socket, now] of after.sockets) {
    const was = before.sockets.get(socket);
    const place = `${now.text}${words.holders(socket)}`;
    if (was === undefined) {
      lines.push(`socket ${place} made, ${now.state}`);
      continue;
    }
    if (was.state !== now.state) lines.push(`${place}: ${was.state} → ${now.state}`);
    if (was.name !== now.name) lines.push(`${place} is named ${now.name}`);
    lines.push(...queueChanges(was, now, place));
    for (const file of added(was.rights, now.rights))
      lines.push(`in flight to ${place}: ${words.file(file)}`);
    for (const file of added(now.rights, was.rights)) {
      const hasCome = hasArrived(file, before, after);
      lines.push(
        hasCome
          ? `received from ${place}: ${words.file(file)}`
          : `lost, read from ${place} without room for a descriptor: ${words.file(file)}`,
      );
    }
  }
  for (const [socket, was] of before.sockets) {
    if (after.sockets.has(socket)) continue;
    lines.push(`socket ${was.text} closed${was.bytes > 0 ? `, ${unread(was.bytes)} lost` : ''}`);
    for (const file of was.rights) lines.push(`lost with ${was.text}: ${words.file(file)}`);
  }
  return lines;
}

function queueChanges(was: SocketPicture, now: SocketPicture, place: string): string[] {
  const lines: string[] = [];
  const bytes = now.bytes - was.bytes;
  if (bytes > 0) lines.push(`queued ${unread(bytes)} at ${place}, which has ${now.bytes} unread`);
  else if (bytes < 0) lines.push(`took ${unread(-bytes)} from ${place}, which has ${now.bytes} unread`);
  else if (now.messages > was.messages) lines.push(`queued an empty message at ${place}`);
  else if (now.messages < was.messages) lines.push(`took an empty message from ${place}`);
  const pending = now.pending - was.pending;
  if (pending > 0) lines.push(`a connection waits at ${place}, ${now.pending} in all`);
  else if (pending < 0) lines.push(`a connection was accepted from ${place}, ${now.pending} left`);
  return lines;
}

function pipeChanges(before: Picture, after: Picture): string[] {
  const lines: string[] = [];
  for (const [pipe, { bytes, text }] of after.pipes) {
    const was = before.pipes.get(pipe)?.bytes ?? bytes;
    if (bytes > was) lines.push(`queued ${unread(bytes - was)} in ${text}, which has ${bytes} unread`);
    if (bytes < was) lines.push(`took ${unread(was - bytes)} from ${text}, which has ${bytes} unread`);
  }
  return lines;
}

/** Other threads that sleep no more. */
function wakeChanges(before: Picture, after: Picture, caller: Thread): string[] {
  const lines: string[] = [];
  for (const [process, { threads }] of after.processes) {
    for (const [thread, state] of threads) {
      const was = before.processes.get(process)?.threads.get(thread);
      if (thread === caller || was === undefined || was === state) continue;
      const name = process.threads.size === 1 ? `pid ${thread.tid}` : `thread ${thread.tid}`;
      const call = thread.call === undefined ? '' : ` from ${thread.call.syscall.name}`;
      if (was === 'blocked' && state === 'runnable') lines.push(`woke ${name}${call}`);
      else if (state === 'stopped') lines.push(`${name} is stopped`);
      else if (was === 'stopped') lines.push(`${name} goes on`);
    }
  }
  return lines;
}

/** Elements of `now` beyond those of `was`, by count. */
function added(was: readonly OpenFile[], now: readonly OpenFile[]): OpenFile[] {
  const left = [...was];
  return now.filter((file) => {
    const at = left.indexOf(file);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

function unread(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}
