// Texts of stop replies: why the threads stand still, as T, W and X packets (gdb manual, E.3 "Stop Reply Packets").
// The server sends one for each resumption, and again for `?`.

import { absolutePath } from '../../kernel/fs/resolve.ts';
import { textToBytes } from '../../kernel/mm/user-memory.ts';
import { allSyscalls } from '../../kernel/syscalls/table.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { WatchedFor } from '../session/breakpoints.ts';
import { hexOf } from './packet.ts';
import { expeditedRegisters } from './registers.ts';
import { gdbSignal } from './signals.ts';
import { GdbTarget, type TargetStop } from './target.ts';
import { threadIdText } from './thread-ids.ts';

/** What the client can take, from its qSupported. */
export interface ClientFeatures {
  readonly isMultiprocess: boolean;
  readonly swbreak: boolean;
  /** It asked for calls itself (QCatchSyscalls), so that it knows what to do with a stop at one. */
  readonly catchesCalls: boolean;
}

const SIGNAL_MASK = 0x7f;

const WATCH_REASONS: Readonly<Record<WatchedFor, string>> = {
  change: 'watch',
  read: 'rwatch',
  access: 'awatch',
};

export function stopReply(stop: TargetStop, client: ClientFeatures): string {
  if (stop.kind === 'exited') return exitReply(stop.process, client.isMultiprocess);
  const isUnasked = (stop.kind === 'entry' || stop.kind === 'exit') && !client.catchesCalls;
  const signal = isUnasked ? 0 : gdbSignal(GdbTarget.signalOf(stop));
  const { thread } = stop;
  return `T${hexByte(signal)}${isUnasked ? '' : reasonOf(stop, client)}${place(thread, client)}`;
}

function place(thread: Thread, client: ClientFeatures): string {
  return `thread:${threadIdText(thread, client.isMultiprocess)};core:0;${expeditedRegisters(thread)}`;
}

function reasonOf(stop: Exclude<TargetStop, { kind: 'exited' }>, client: ClientFeatures): string {
  switch (stop.kind) {
    case 'break':
      return client.swbreak ? 'swbreak:;' : '';
    case 'watch':
      return `${WATCH_REASONS[stop.watchedFor]}:${stop.address.toString(16)};`;
    case 'entry':
      return `syscall_entry:${callNumber(stop.text).toString(16)};`;
    case 'exit':
      return `syscall_return:${callNumber(stop.text).toString(16)};`;
    case 'begin':
      return 'replaylog:begin;';
    case 'fork':
    case 'vfork':
      return `${stop.kind}:${threadIdText(stop.child, client.isMultiprocess)};`;
    case 'vforkdone':
      return 'vforkdone:;';
    case 'exec':
      return `exec:${hexOf(textToBytes(executablePath(stop.thread)))};`;
    default:
      return '';
  }
}

/** Guest path of the program that the thread runs; empty when it has none. */
export function executablePath(thread: Thread): string {
  const { executable } = thread.process;
  return executable === undefined ? '' : absolutePath(thread, executable.path);
}

function exitReply({ pid, waitStatus }: Process, isMultiprocess: boolean): string {
  const signal = waitStatus & SIGNAL_MASK;
  const what = signal === 0 ? `W${hexByte((waitStatus >> 8) & 0xff)}` : `X${hexByte(gdbSignal(signal))}`;
  return isMultiprocess ? `${what};process:${pid.toString(16)}` : what;
}

/** The number of the call that a decoded text begins with. */
function callNumber(text: string): number {
  const name = /^\w*/.exec(text)?.[0] ?? '';
  const number = allSyscalls().findIndex((row) => row?.name === name);
  return number >= 0 ? number : Number(/^syscall_(0x[0-9a-f]+)/.exec(name)?.[1] ?? 0);
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
