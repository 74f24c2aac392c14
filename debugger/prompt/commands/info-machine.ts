// What `info` says of the machine: processes, threads, descriptors, sockets, memory, signals.
// commands/info.ts lists the subjects.
// All of it is the kernel's own; nothing here changes the run.
import { O_APPEND, O_NONBLOCK } from '../../../kernel/abi/fcntl.ts';
import { signalName, signalSetText } from '../../../kernel/abi/kinds/signal-text.ts';
import { NSIG } from '../../../kernel/abi/signal.ts';
import { absolutePath } from '../../../kernel/fs/resolve.ts';
import { mapsLine, mapsRows } from '../../../kernel/mm/maps-text.ts';
import { unixSocketOf } from '../../../kernel/net/unix/unix-file.ts';
import type { UnixSocket } from '../../../kernel/net/unix/unix-socket.ts';
import type { Process } from '../../../kernel/task/process.ts';
import type { Thread } from '../../../kernel/task/thread.ts';
import { waitStatusText } from '../../inspect/exit-text.ts';
import { readable, shownFile } from '../../inspect/readable.ts';
import { socketDetails } from '../../inspect/socket-details.ts';
import { holdersText, socketGraph, socketRows } from '../../inspect/socket-table.ts';
import { numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';

/** Columns as wide as their widest cell, two spaces apart. */
function table(debugging: Debugger, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of rows) {
    debugging.print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

export function allProcesses(debugging: Debugger): Process[] {
  return [...debugging.kernel.processes].filter(({ isInit }) => !isInit).sort((a, b) => a.pid - b.pid);
}

function stateText(debugging: Debugger, process: Process): string {
  const { leader } = process;
  if (leader === undefined) return `zombie, ${waitStatusText(process.waitStatus)}`;
  const { call, state } = leader;
  if (process.threads.size > 1) return `${process.threads.size} threads`;
  if (state === 'blocked') return `sleeps in ${call?.syscall.name ?? 'a call'}`;
  if (state === 'stopped') return 'stopped';
  if (leader === debugging.session.thread) return call === undefined ? 'runs' : `in ${call.syscall.name}`;
  return call === undefined ? 'ready' : `ready, in ${call.syscall.name}`;
}

export function processes(debugging: Debugger, argument = ''): void {
  if (/^[a-z]/.test(argument)) {
    processDetails(debugging, argument);
    return;
  }
  const rows = allProcesses(debugging).map((process) => [
    process === debugging.anyThread?.process ? '*' : ' ',
    String(process.pid),
    String(process.parent?.pid ?? 0),
    process.name,
    stateText(debugging, process),
    process.commandLine.join(' '),
  ]);
  if (rows.length === 0) throw new PromptError('No processes.');
  table(debugging, [[' ', 'PID', 'PARENT', 'NAME', 'STATE', 'COMMAND LINE'], ...rows]);
}

/** `info proc mappings`, `exe`, `cwd`, `cmdline`, `all`: of the process that is looked at. */
function processDetails(debugging: Debugger, argument: string): void {
  const { thread } = debugging;
  const { process } = thread;
  const wanted = (word: string): boolean => argument === 'all' || word.startsWith(argument);
  const known = ['mappings', 'exe', 'cwd', 'cmdline', 'all'];
  if (!known.some((word) => word.startsWith(argument)))
    throw new PromptError(`info proc ${known.join(', ')}`);
  debugging.print(`process ${process.pid}`);
  if (wanted('cmdline')) debugging.print(`cmdline = '${readable(process.commandLine.join(' '))}'`);
  if (wanted('cwd')) debugging.print(`cwd = '${readable(absolutePath(thread, thread.fs.cwd))}'`);
  if (wanted('exe')) {
    const path = process.executable?.path;
    debugging.print(`exe = '${path === undefined ? '' : readable(absolutePath(thread, path))}'`);
  }
  if (wanted('mappings')) {
    debugging.print('Mapped address spaces:');
    debugging.print();
    debugging.print(
      `${'Start Addr'.padStart(20)} ${'End Addr'.padStart(18)} ${'Size'.padStart(10)} ${'Offset'.padStart(10)}  Perms  objfile`,
    );
    for (const row of mapsRows(thread.mm)) {
      const hex = (value: number, width: number): string => `0x${value.toString(16)}`.padStart(width);
      const name = row.path === undefined ? row.label : readable(absolutePath(thread, row.path));
      debugging.print(
        `${hex(row.start, 20)} ${hex(row.end, 18)} ${hex(row.end - row.start, 10)} ${hex(row.offset, 10)}  ${row.permissions}   ${name}`.trimEnd(),
      );
    }
  }
}

export function threads(debugging: Debugger): void {
  const rows: string[][] = [];
  for (const process of allProcesses(debugging)) {
    for (const thread of process.threads.values()) {
      const { call, hart } = thread;
      const at = `0x${hart.pc.toString(16)}${placeText(debugging, thread, hart.pc)}`;
      rows.push([
        thread === debugging.anyThread ? '*' : ' ',
        String(thread.tid),
        String(process.pid),
        thread.name,
        thread.state,
        call === undefined ? at : `${at} in ${call.syscall.name}`,
      ]);
    }
  }
  if (rows.length === 0) throw new PromptError('No threads.');
  table(debugging, [[' ', 'TID', 'PID', 'NAME', 'STATE', 'PLACE'], ...rows]);
}

/** ` <main+16> at steps.c:20`, of a thread's own program. */
function placeText(debugging: Debugger, thread: Thread, address: number): string {
  const { symbols } = debugging.session;
  const place = symbols.place(thread, address);
  const name =
    place?.symbol === undefined ? '' : ` <${place.symbol}${place.offset === 0 ? '' : `+${place.offset}`}>`;
  const line = symbols.sources.lineAt(thread, address);
  return line === undefined ? name : `${name} at ${line.file.split('/').pop()}:${line.line}`;
}

const ACCESS_MODES = ['r', 'w', 'rw', '?'];

export function fds(debugging: Debugger, argument: string): void {
  let { thread } = debugging;
  if (argument !== '') {
    const leader = debugging.kernel.pids.process(numberOf(argument, 'process'))?.leader;
    if (leader === undefined) throw new PromptError(`No process ${argument}.`);
    thread = leader;
  }
  const rows = [...thread.files.entries()].map(([fd, file]) => {
    const flags = [
      ACCESS_MODES[file.flags & 3] ?? '',
      (file.flags & O_APPEND) !== 0 ? 'append' : '',
      (file.flags & O_NONBLOCK) !== 0 ? 'nonblock' : '',
      thread.files.closeOnExec(fd) ? 'cloexec' : '',
    ].filter((word) => word !== '');
    const position = file.descriptor.seekable ? String(file.position) : '-';
    const shared =
      file.inFlight > 0 ? `${file.references}, ${file.inFlight} in flight` : String(file.references);
    return [String(fd), flags.join(','), position, shared, shownFile(thread, file)];
  });
  if (rows.length === 0) throw new PromptError('No open descriptors.');
  table(debugging, [['FD', 'MODE', 'POSITION', 'REFERENCES', 'FILE'], ...rows]);
}

export function sockets(debugging: Debugger, argument: string): void {
  const { kernel, anyThread } = debugging;
  const nameOf = (file: Parameters<typeof shownFile>[1]): string =>
    anyThread === undefined ? file.descriptor.kind : shownFile(anyThread, file);
  if (/^--?graph$|^-g$/.test(argument)) {
    debugging.surroundings.print(socketGraph(kernel, nameOf));
    return;
  }
  if (argument !== '') {
    for (const line of socketDetails(kernel, socketNamed(debugging, argument), nameOf)) debugging.print(line);
    return;
  }
  const rows = socketRows(kernel).map((row) => [
    String(row.inode),
    row.type,
    row.state,
    row.peer === undefined ? '-' : String(row.peer),
    row.queued,
    row.inFlight.map(nameOf).join(' ') || '-',
    holdersText(row) || '-',
    row.name || '-',
  ]);
  if (rows.length === 0) {
    debugging.print('No sockets.');
    return;
  }
  table(debugging, [['INODE', 'TYPE', 'STATE', 'PEER', 'QUEUED', 'IN FLIGHT', 'HELD BY', 'NAME'], ...rows]);
}

/** By the descriptor of the process that is looked at, or by inode. */
function socketNamed({ kernel, anyThread }: Debugger, argument: string): UnixSocket {
  if (!/^\d+$/.test(argument)) throw new PromptError('info sockets [--graph | FD | INODE]');
  const file = anyThread?.files.lookup(Number(argument));
  const own = file === undefined ? undefined : unixSocketOf(file);
  const found = own ?? [...kernel.net.unixSockets].find(({ inode }) => inode.ino === Number(argument));
  if (found !== undefined) return found;
  throw new PromptError(
    file === undefined
      ? `There is no AF_UNIX socket ${argument}: neither a descriptor here nor an inode.`
      : `fd ${argument} is no AF_UNIX socket but ${shownFile(anyThread as Thread, file)}.`,
  );
}

export function mappings(debugging: Debugger): void {
  const { thread } = debugging;
  for (const row of mapsRows(thread.mm)) {
    debugging.print(
      mapsLine(row, row.path === undefined ? row.label : readable(absolutePath(thread, row.path))),
    );
  }
}

export function signals(debugging: Debugger): void {
  const { thread } = debugging;
  const { process } = thread;
  debugging.print(`blocked  ${signalSetText(thread.signals.blocked)}`);
  debugging.print(
    `pending  ${signalSetText(thread.signals.pending.set)} for this thread, ${signalSetText(process.signals.pending.set)} for the process`,
  );
  for (let signo = 1; signo <= NSIG; signo++) {
    const { handler, flags } = process.signals.actions.get(signo);
    if (handler === 0) continue;
    const text =
      handler === 1
        ? 'ignored'
        : `handled by 0x${handler.toString(16)}${nearText(debugging.symbolText(handler))}`;
    debugging.print(
      `${signalName(signo).padEnd(10)} ${text}${flags === 0 ? '' : `, flags 0x${(flags >>> 0).toString(16)}`}`,
    );
  }
}

function nearText(symbol: string | undefined): string {
  return symbol === undefined ? '' : ` <${symbol}>`;
}
