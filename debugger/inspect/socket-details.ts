// All that the kernel keeps of one AF_UNIX socket: state, name, both ends, whose credentials SO_PEERCRED gives, options,
// and each message that waits, with its bytes, descriptors and sender.
// `info sockets FD` prints it. Nothing is changed by asking.
import { quoteLimited } from '../../kernel/abi/kinds/format.ts';
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { SocketSettings } from '../../kernel/net/socket-core.ts';
import type { Message } from '../../kernel/net/unix/message-queue.ts';
import { peerOf } from '../../kernel/net/unix/states.ts';
import type { UnixSocket } from '../../kernel/net/unix/unix-socket.ts';
import { holdersOf, socketTypeText, unixNameText, unixStateText } from './socket-table.ts';

/** Messages shown one by one. */
const MOST_MESSAGES = 10;
const MOST_BYTES = 32;

/** Lines `label  text`. */
export function socketDetails(
  kernel: Kernel,
  socket: UnixSocket,
  nameOf: (file: OpenFile) => string,
): string[] {
  const { settings, queue, listener } = socket;
  const state = unixStateText(socket);
  const rows: [label: string, text: string][] = [
    ['socket', `UNIX ${socketTypeText(socket.type)} ${socket.inode.ino}, ${state}`],
    ['name', unixNameText(socket.address) || '-'],
    ['held by', holdersText(kernel, socket)],
  ];
  const peer = peerOf(socket);
  if (peer !== undefined) rows.push(['peer', `${peer.inode.ino}, held by ${holdersText(kernel, peer)}`]);
  if (listener !== undefined)
    rows.push(['waits at', `${listener.inode.ino} ${unixNameText(listener.address)}`]);
  const whose = socket.peerCredentials;
  if (whose !== undefined)
    rows.push(['SO_PEERCRED', `pid ${whose.pid}, uid ${whose.uid}, gid ${whose.gid}${ofWhen(socket)}`]);
  rows.push([
    'send buffer',
    `${socket.outstanding} of ${settings.sendBuffer} B in messages that nobody has read`,
  ]);
  const options = optionsText(settings);
  if (options !== '') rows.push(['options', options]);
  if (socket.pendingError !== 0) rows.push(['SO_ERROR', String(socket.pendingError)]);
  if (socket.state?.kind === 'unix-listener') {
    const { pending, backlog } = socket.state;
    rows.push(['backlog', `${pending.length} connections wait to be accepted, room for ${backlog + 1}`]);
  } else rows.push(['queue', `${queue.count} messages, ${queue.byteCount} B unread`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return [...rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`), ...messageLines(socket, nameOf)];
}

/** Credentials are those of a moment: what the process does later changes nothing (unix(7), SO_PEERCRED). */
function ofWhen(socket: UnixSocket): string {
  if (socket.state?.kind === 'unix-listener') return ', its own: as of listen';
  return ', as of connect, listen or socketpair';
}

function holdersText(kernel: Kernel, socket: UnixSocket): string {
  const holders = socket.file === undefined ? [] : (holdersOf(kernel).get(socket.file) ?? []);
  const texts = holders.map(({ process, fd }) => `fd ${fd} of pid ${process.pid} (${process.name})`);
  const travels = [...(socket.holders?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  if (travels > 0) texts.push(`${travels} message${travels === 1 ? '' : 's'} in flight`);
  return texts.join(', ') || 'nobody';
}

function optionsText(settings: SocketSettings): string {
  const seconds = (ns: number): string => `${ns / 1e9} s`;
  return [
    settings.passCredentials ? 'SO_PASSCRED' : '',
    settings.passPidfd ? 'SO_PASSPIDFD' : '',
    settings.passSecurity ? 'SO_PASSSEC' : '',
    settings.passRights ? '' : 'SO_PASSRIGHTS off',
    settings.peekOffset >= 0 ? `SO_PEEK_OFF ${settings.peekOffset}` : '',
    Number.isFinite(settings.receiveTimeoutNs) ? `SO_RCVTIMEO ${seconds(settings.receiveTimeoutNs)}` : '',
    Number.isFinite(settings.sendTimeoutNs) ? `SO_SNDTIMEO ${seconds(settings.sendTimeoutNs)}` : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

function messageLines({ queue }: UnixSocket, nameOf: (file: OpenFile) => string): string[] {
  const lines: string[] = [];
  let count = 0;
  for (let message = queue.first; message !== undefined; message = message.next) {
    count++;
    if (count > MOST_MESSAGES) continue;
    lines.push(`  ${count}: ${messageText(message, nameOf, (at) => queue.ring.byteAt(at))}`);
  }
  if (count > MOST_MESSAGES) lines.push(`  and ${count - MOST_MESSAGES} more`);
  return lines;
}

function messageText(
  { start, length, credentials, rights, sender }: Message,
  nameOf: (file: OpenFile) => string,
  byteAt: (position: number) => number,
): string {
  const shown = Math.min(length, MOST_BYTES);
  const bytes = Uint8Array.from({ length: shown }, (_, at) => byteAt(start + at));
  const parts = [`${length} B ${quoteLimited(bytes, MOST_BYTES, length <= MOST_BYTES)}`];
  parts.push(`from ${sender.inode.ino}`);
  if (credentials !== undefined)
    parts.push(`pid ${credentials.pid}, uid ${credentials.uid}, gid ${credentials.gid}`);
  if (rights !== undefined) parts.push(`with ${rights.files.map(nameOf).join(', ')}`);
  return parts.join('; ');
}
