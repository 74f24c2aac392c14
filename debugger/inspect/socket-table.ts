// The machine's sockets as rows: state, names, peers, what is queued, descriptors in flight, and who holds them.
// `info sockets` prints them, as a table or as a graph for Graphviz; changes.ts shares the words.
// Nothing is changed by asking.
import { quoteBytes } from '../../kernel/abi/kinds/format.ts';
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../../kernel/abi/socket.ts';
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { InetSocket } from '../../kernel/net/inet/inet-socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../kernel/net/socket-core.ts';
import { PATH_OFFSET, type UnixAddress } from '../../kernel/net/unix/address.ts';
import { peerOf } from '../../kernel/net/unix/states.ts';
import type { UnixSocket } from '../../kernel/net/unix/unix-socket.ts';
import type { Process } from '../../kernel/task/process.ts';
import { describeSocket } from '../trace/describe-socket.ts';

/** A slot of a process's descriptor table. */
export interface Holder {
  readonly process: Process;
  readonly fd: number;
}

export interface SocketRow {
  readonly inode: number;
  /** `stream`, `dgram`, `seqpacket`; `tcp`, `udp` for internet sockets. */
  readonly type: string;
  /** `listening`, `connected`, `unbound` … with what is shut down. */
  readonly state: string;
  /** `"/tmp/s"`, `@"name"`, `127.0.0.1:80`; empty without one. */
  readonly name: string;
  /** The peer's inode, when it has one. */
  readonly peer: number | undefined;
  /** Unread bytes of what the sender's buffer may hold, or connections that nobody has accepted. */
  readonly queued: string;
  /** Files lying in its queue. */
  readonly inFlight: readonly OpenFile[];
  readonly holders: readonly Holder[];
  /** Number of messages in flight that hold it. */
  readonly travels: number;
}

/** Who holds which file, over all processes. */
export function holdersOf(kernel: Kernel): Map<OpenFile, Holder[]> {
  const holders = new Map<OpenFile, Holder[]>();
  for (const process of kernel.processes) {
    const leader = process.leader;
    if (leader === undefined) continue;
    for (const [fd, file] of leader.files.entries()) {
      const list = holders.get(file);
      if (list === undefined) holders.set(file, [{ process, fd }]);
      else list.push({ process, fd });
    }
  }
  return holders;
}

/** All sockets in the order they were made. */
export function socketRows(kernel: Kernel): SocketRow[] {
  const holders = holdersOf(kernel);
  const of = (file: OpenFile | undefined): readonly Holder[] =>
    file === undefined ? [] : (holders.get(file) ?? []);
  return [
    ...[...kernel.net.unixSockets].map((socket) => unixRow(socket, of(socket.file))),
    ...[...kernel.net.inetSockets].map((socket) => inetRow(socket, of(socket.file))),
  ];
}

/** `stream`, `seqpacket`, `dgram`. */
export function socketTypeText(type: number): string {
  if (type === SOCK_STREAM) return 'stream';
  if (type === SOCK_SEQPACKET) return 'seqpacket';
  return type === SOCK_DGRAM ? 'dgram' : `type ${type}`;
}

/** The state in a word, and what is shut down. */
export function unixStateText(socket: UnixSocket): string {
  const { shutdown } = socket;
  const ends = [
    (shutdown & RCV_SHUTDOWN) === 0 ? '' : 'no receiving',
    (shutdown & SEND_SHUTDOWN) === 0 ? '' : 'no sending',
  ].filter((word) => word !== '');
  return stateWord(socket) + (ends.length === 0 ? '' : ` (${ends.join(', ')})`);
}

function stateWord(socket: UnixSocket): string {
  if (socket.listener !== undefined) return 'to be accepted';
  switch (socket.state?.kind) {
    case 'unix-unbound':
      return 'unbound';
    case 'unix-bound':
      return 'bound';
    case 'unix-listener':
      return 'listening';
    case 'unix-stream':
    case 'unix-seqpacket':
      return peerOf(socket)?.state?.kind === 'unix-closed' ? 'peer closed' : 'connected';
    case 'unix-datagram':
      return socket.address.kind === 'unnamed' ? 'unbound' : 'bound';
    case 'unix-datagram-connected':
      return 'connected';
    default:
      return 'closed';
  }
}

/** `"/tmp/s"`, `@"name"`, or nothing. */
export function unixNameText(address: UnixAddress): string {
  if (address.kind === 'unnamed') return '';
  if (address.kind === 'abstract') return `@${quoteBytes(address.bytes.subarray(PATH_OFFSET + 1))}`;
  return quoteBytes(address.bytes.subarray(PATH_OFFSET, -1));
}

/** Files in the messages that wait in a socket's queue, in order. */
export function filesInQueue(socket: UnixSocket): OpenFile[] {
  const files: OpenFile[] = [];
  for (let message = socket.queue.first; message !== undefined; message = message.next) {
    if (message.rights !== undefined) files.push(...message.rights.files);
  }
  return files;
}

function unixRow(socket: UnixSocket, holders: readonly Holder[]): SocketRow {
  const { state, queue, type } = socket;
  const queued =
    state?.kind === 'unix-listener'
      ? `${state.pending.length} of ${state.backlog + 1} waiting`
      : type === SOCK_DGRAM
        ? `${queue.count} of ${socket.datagramBacklog + 1} datagrams, ${queue.byteCount} B`
        : `${queue.byteCount} of ${(peerOf(socket) ?? socket).settings.sendBuffer} B`;
  return {
    inode: socket.inode.ino,
    type: socketTypeText(type),
    state: unixStateText(socket),
    name: unixNameText(socket.address),
    peer: peerOf(socket)?.inode.ino,
    queued,
    inFlight: filesInQueue(socket),
    holders,
    travels: [...(socket.holders?.values() ?? [])].reduce((sum, count) => sum + count, 0),
  };
}

function inetRow(socket: InetSocket, holders: readonly Holder[]): SocketRow {
  const text = socket.file === undefined ? '' : (describeSocket(socket.file) ?? '');
  const name = /\[(.*:\d+.*)\]$/.exec(text)?.[1] ?? '';
  return {
    inode: socket.inode.ino,
    type: socket.type === SOCK_STREAM ? 'tcp' : 'udp',
    state: (socket.state?.kind ?? 'closed').replace(/^(tcp|udp)-/, ''),
    name,
    peer: undefined,
    queued: socket.type === SOCK_STREAM ? `${socket.queued} B` : `${socket.datagrams.length} datagrams`,
    inFlight: [],
    holders,
    travels: 0,
  };
}

/** `2:3 4:5`: pid and descriptor. */
export function holdersText(row: SocketRow): string {
  const held = row.holders.map(({ process, fd }) => `${process.pid}:${fd}`);
  if (row.travels > 0) held.push(`${row.travels} in flight`);
  return held.join(' ');
}

/** The sockets, their holders and what lies in their queues as a graph in Graphviz's language. */
export function socketGraph(kernel: Kernel, nameOfFile: (file: OpenFile) => string): string {
  const rows = socketRows(kernel);
  const lines = ['digraph sockets {', '  rankdir=LR;', '  node [fontname="monospace", fontsize=10];'];
  const processes = new Set(rows.flatMap(({ holders }) => holders.map(({ process }) => process)));
  for (const { pid, name } of processes) {
    lines.push(`  p${pid} [shape=box, label=${dotText(`${pid} ${name}`)}];`);
  }
  for (const row of rows) {
    const label = [`${row.type} ${row.inode}`, row.state, row.name, row.queued].filter((part) => part !== '');
    lines.push(`  s${row.inode} [shape=ellipse, label=${dotText(label.join('\n'))}];`);
  }
  const inodes = new Set(rows.map(({ inode }) => inode));
  let files = 0;
  for (const row of rows) {
    for (const { process, fd } of row.holders) {
      lines.push(`  p${process.pid} -> s${row.inode} [label="${fd}"];`);
    }
    if (row.peer !== undefined && inodes.has(row.peer)) {
      lines.push(`  s${row.inode} -> s${row.peer} [style=bold, arrowhead=open];`);
    }
    for (const file of row.inFlight) {
      const inode = file.descriptor.inode.ino;
      const isSocket = inodes.has(inode) && describeSocket(file) !== undefined;
      const node = isSocket ? `s${inode}` : `f${++files}`;
      if (!isSocket) lines.push(`  ${node} [shape=note, label=${dotText(nameOfFile(file))}];`);
      lines.push(`  s${row.inode} -> ${node} [style=dashed, label="in flight"];`);
    }
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function dotText(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
