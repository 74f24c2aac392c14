// `info`: its subjects, each a row with its own help; processes, files, sockets and the wait graph are the kernel's own.
// engine.ts lists the command. Subjects may be abbreviated as commands are.
// Nothing here changes the run.
import { F_NAMES, X_NAMES } from '../../../emulator/isa/disassemble.ts';
import { signalName, signalSetText } from '../../../kernel/abi/kinds/signal-text.ts';
import { NSIG } from '../../../kernel/abi/signal.ts';
import { absolutePath } from '../../../kernel/fs/resolve.ts';
import { glanceAt } from '../../../kernel/mm/glance.ts';
import { mapsLine, mapsRows } from '../../../kernel/mm/maps-text.ts';
import type { Process } from '../../../kernel/task/process.ts';
import type { Thread } from '../../../kernel/task/thread.ts';
import { waitStatusText } from '../../inspect/exit-text.ts';
import { holdersText, socketGraph, socketRows } from '../../inspect/socket-table.ts';
import { waitLines } from '../../inspect/wait-text.ts';
import type { StopPoint, WatchedFor } from '../../session/breakpoints.ts';
import { describeFile } from '../../trace/describe-fd.ts';
import { type Command, namesOf, numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { variableLines } from '../locals.ts';
import { resolveLocation } from '../locations.ts';
import { positionText } from '../positions.ts';
import { PromptError } from '../prompt-error.ts';
import { addressOf, scalarText } from '../values.ts';
import { symbolNames } from './stops.ts';

interface Subject {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  run(debugging: Debugger, argument: string): void;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'processes',
    aliases: ['inferiors', 'proc', 'process'],
    help: 'all processes, how they stand',
    run: processes,
  },
  { name: 'threads', help: 'all threads, what they do', run: threads },
  { name: 'display', help: 'expressions that are shown at every stop', run: displays },
  {
    name: 'fds',
    aliases: ['files', 'descriptors'],
    help: 'descriptors of the process, or of another: info fds PID',
    run: fds,
  },
  { name: 'sockets', help: 'all sockets; --graph as a graph for Graphviz', run: sockets },
  { name: 'mem', aliases: ['memory', 'mappings'], help: 'mapped memory of the process', run: mappings },
  {
    name: 'signals',
    aliases: ['handlers'],
    help: 'pending, blocked and handled signals of the thread',
    run: signals,
  },
  {
    name: 'wait',
    aliases: ['deadlock'],
    help: 'who waits for whom',
    run: (debugging) => {
      for (const line of waitLines(debugging.kernel, debugging.session.symbols)) debugging.print(line);
    },
  },
  {
    name: 'registers',
    aliases: ['r', 'reg'],
    help: 'registers of the thread; info registers a0 pc',
    run: registers,
  },
  {
    name: 'all-registers',
    aliases: ['float'],
    help: 'registers with those for floating point',
    run: (debugging) => registers(debugging, [...X_NAMES.slice(1), 'pc', ...F_NAMES, 'fcsr'].join(' ')),
  },
  {
    name: 'breakpoints',
    aliases: ['b', 'break', 'watchpoints', 'catchpoints'],
    help: 'stop points',
    run: breakpoints,
  },
  { name: 'symbol', help: 'what symbol is at an address', run: symbol },
  { name: 'address', help: 'where a symbol is', run: symbolAddress },
  { name: 'line', help: 'which addresses a line of source has', run: line },
  {
    name: 'frame',
    help: 'the selected frame',
    run: (debugging) => debugging.print(debugging.frames.text(debugging.frames.level)),
  },
  {
    name: 'locals',
    help: 'local variables of the selected frame',
    run: (debugging) => variables(debugging, 'locals'),
  },
  {
    name: 'args',
    help: 'arguments of the selected frame',
    run: (debugging) => variables(debugging, 'parameters'),
  },
  { name: 'program', help: 'where the machine stands', run: program },
  { name: 'syscalls', aliases: ['calls'], help: 'the calls that ended last; info syscalls N', run: calls },
  { name: 'functions', help: 'functions by name: info functions REGEXP', run: functions },
];

export const INFO_COMMANDS: readonly Command[] = [
  {
    name: 'info',
    aliases: ['i', 'inf'],
    group: 'machine',
    usage: 'info SUBJECT [ARGUMENT]',
    help: `Show what there is.\n${SUBJECTS.map(({ name, help }) => `${name.padEnd(14)} ${help}`).join('\n')}`,
    repeats: 'same',
    complete: (debugging, words) => (words.length <= 1 ? SUBJECTS.flatMap(namesOf) : symbolNames(debugging)),
    run(debugging, argument) {
      const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      findSubject(word).run(debugging, rest);
    },
  },
];

function findSubject(word: string): Subject {
  const list = SUBJECTS.map(({ name }) => name).join(', ');
  if (word === '') throw new PromptError(`info wants a subject: ${list}.`);
  const exact = SUBJECTS.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
  if (exact !== undefined) return exact;
  const matching = SUBJECTS.filter(({ name }) => name.startsWith(word));
  const [only] = matching;
  if (only === undefined) throw new PromptError(`Undefined info command: "${word}".  There are: ${list}.`);
  if (matching.length > 1)
    throw new PromptError(
      `Ambiguous info command "${word}": ${matching.map(({ name }) => name).join(', ')}.`,
    );
  return only;
}

/** Columns as wide as their widest cell, two spaces apart. */
/** `below`: lines under each row. */
function table(
  debugging: Debugger,
  rows: readonly (readonly string[])[],
  below: readonly (readonly string[])[] = [],
): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const [index, row] of rows.entries()) {
    debugging.print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    for (const line of below[index] ?? []) debugging.print(line);
  }
}

function all(debugging: Debugger): Process[] {
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

function processes(debugging: Debugger): void {
  const rows = all(debugging).map((process) => [
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

function threads(debugging: Debugger): void {
  const rows: string[][] = [];
  for (const process of all(debugging)) {
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
const O_APPEND = 0o2000;
const O_NONBLOCK = 0o4000;

function fds(debugging: Debugger, argument: string): void {
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
    return [String(fd), flags.join(','), position, shared, describeFile(thread, file, 2)];
  });
  if (rows.length === 0) throw new PromptError('No open descriptors.');
  table(debugging, [['FD', 'MODE', 'POSITION', 'REFERENCES', 'FILE'], ...rows]);
}

function sockets(debugging: Debugger, argument: string): void {
  const { kernel, anyThread } = debugging;
  const nameOf = (file: Parameters<typeof describeFile>[1]): string =>
    anyThread === undefined ? file.descriptor.kind : describeFile(anyThread, file, 2);
  if (/^--?graph$|^-g$/.test(argument)) {
    debugging.surroundings.print(socketGraph(kernel, nameOf));
    return;
  }
  if (argument !== '') throw new PromptError('info sockets [--graph]');
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

function mappings(debugging: Debugger): void {
  const { thread } = debugging;
  for (const row of mapsRows(thread.mm)) {
    debugging.print(mapsLine(row, row.path === undefined ? row.label : absolutePath(thread, row.path)));
  }
}

function signals(debugging: Debugger): void {
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
      handler === 1 ? 'ignored' : `handled by 0x${handler.toString(16)}${nearText(debugging, handler)}`;
    debugging.print(
      `${signalName(signo).padEnd(10)} ${text}${flags === 0 ? '' : `, flags 0x${(flags >>> 0).toString(16)}`}`,
    );
  }
}

function nearText(debugging: Debugger, address: number): string {
  const text = debugging.symbolText(address);
  return text === undefined ? '' : ` <${text}>`;
}

function registers(debugging: Debugger, argument: string): void {
  const names =
    argument === ''
      ? [...X_NAMES.slice(1), 'pc']
      : argument.split(/[\s,]+/).map((name) => name.replace(/^\$/, ''));
  const symbolOf = (address: number): string | undefined => debugging.symbolText(address);
  for (const name of names) {
    const value = debugging.scope.dollar(name);
    if (value.place?.kind !== 'register') throw new PromptError(`Invalid register \`${name}'`);
    const hex =
      typeof value.content === 'bigint' ? `0x${BigInt.asUintN(64, value.content).toString(16)}` : '';
    debugging.print(
      `${name.padEnd(8)}${hex.padEnd(20)}${scalarText(value, undefined, symbolOf).replace(/^\([^)]*\) /, '')}`,
    );
  }
}

function displays(debugging: Debugger): void {
  const { all } = debugging.displays;
  if (all.length === 0) debugging.print('There are no auto-display expressions now.');
  for (const { id, text } of all) debugging.print(`${id}:  ${text}`);
}

function variables(debugging: Debugger, which: 'locals' | 'parameters'): void {
  for (const line of variableLines(debugging, which)) debugging.print(line);
}

function breakpoints(debugging: Debugger): void {
  const points = debugging.session.points.all.filter(({ id }) => id > 0);
  if (points.length === 0) {
    debugging.print('No breakpoints, watchpoints or catchpoints.');
    return;
  }
  const rows = points.map((point) => [
    String(point.id),
    KINDS[point.kind],
    point.isTemporary ? 'del' : 'keep',
    point.isDisabled === true ? 'n' : 'y',
    String(point.hits),
    whatText(debugging, point),
  ]);
  const commands = points.map(({ id }) =>
    debugging.stopCommands.linesOf(id).map((line) => `        ${line}`),
  );
  table(debugging, [['Num', 'Type', 'Disp', 'Enb', 'Hits', 'What'], ...rows], [[], ...commands]);
}

const KINDS: Readonly<Record<StopPoint['kind'], string>> = {
  break: 'breakpoint',
  pending: 'breakpoint',
  watch: 'watchpoint',
  'catch-syscall': 'catchpoint',
  'catch-signal': 'catchpoint',
  'catch-fork': 'catchpoint',
  'catch-exec': 'catchpoint',
};

const WATCHED_FOR: Readonly<Record<WatchedFor, string>> = {
  change: '',
  read: 'reads of ',
  access: 'any access to ',
};

function conditionText({ condition }: { readonly condition: string | undefined }): string {
  return condition === undefined ? '' : `, stop only if ${condition}`;
}

function whatText(debugging: Debugger, point: StopPoint): string {
  switch (point.kind) {
    case 'pending':
      return `<PENDING> ${point.text}${conditionText(point)}`;
    case 'break': {
      return `0x${point.address.toString(16)}${nearText(debugging, point.address)} ${point.text}${conditionText(point)}`;
    }
    case 'watch':
      return `${WATCHED_FOR[point.watchedFor]}${point.length} bytes at 0x${point.address.toString(16)} of pid ${point.pid}`;
    case 'catch-syscall':
      if (point.subject !== undefined) return `calls about ${point.subject}`;
      return point.names.size === 0 ? 'any syscall' : `syscall ${[...point.names].join(', ')}`;
    case 'catch-signal':
      return point.signals === undefined
        ? 'any signal'
        : [...point.signals].map((signo) => signalName(signo)).join(', ');
    default:
      return point.kind.replace('catch-', '');
  }
}

function symbol(debugging: Debugger, argument: string): void {
  if (argument === '') throw new PromptError('Argument required (address).');
  const address = addressOf(debugging.evaluate(argument));
  const place = debugging.session.symbols.place(debugging.thread, address);
  if (place === undefined) throw new PromptError(`Nothing is mapped at 0x${address.toString(16)}.`);
  if (place.symbol === undefined) debugging.print(`No symbol matches ${argument}; it is in ${place.file}.`);
  else debugging.print(`${place.symbol}${place.offset === 0 ? '' : ` + ${place.offset}`} of ${place.file}`);
}

function symbolAddress(debugging: Debugger, argument: string): void {
  const { address, isFunction, size } = debugging.scope.symbol(argument);
  debugging.print(
    `Symbol "${argument}" is ${isFunction ? 'a function' : 'data'} at 0x${address.toString(16)}, ${size} bytes.`,
  );
}

function line(debugging: Debugger, argument: string): void {
  const { frames } = debugging;
  const address = argument === '' ? frames.selected.address : resolveLocation(debugging, argument).address;
  const found = frames.line(address);
  if (found === undefined)
    throw new PromptError(
      `No line number information available for address 0x${address.toString(16)}${nearText(debugging, address)}`,
    );
  debugging.print(
    `Line ${found.line} of "${found.file}" starts at address 0x${found.start.toString(16)}${nearText(debugging, found.start)} and ends at 0x${found.end.toString(16)}${nearText(debugging, found.end)}.`,
  );
}

function program(debugging: Debugger): void {
  const { session } = debugging;
  debugging.print(
    `Position ${positionText(session.position)}, after ${session.log.count} system calls; ${all(debugging).length} processes.`,
  );
}

const CALLS_SHOWN = 10;

function calls(debugging: Debugger, argument: string): void {
  const count = argument === '' ? CALLS_SHOWN : numberOf(argument, 'count');
  const past = debugging.history.last(count);
  if (past.length === 0) debugging.print('No system call has ended yet.');
  for (const { tick, tid, text } of past) debugging.print(`${tick}: [pid ${tid}] ${text}`);
}

const MOST_FUNCTIONS = 1000;

function functions(debugging: Debugger, argument: string): void {
  let pattern: RegExp;
  try {
    pattern = new RegExp(argument);
  } catch {
    throw new PromptError(`${argument}: no regular expression`);
  }
  const { thread, session } = debugging;
  const names = glanceAt(thread.mm, () => session.symbols.names(thread)).filter((name) => pattern.test(name));
  for (const name of names.slice(0, MOST_FUNCTIONS)) {
    const found = session.symbols.find(thread, name);
    if (found?.isFunction === true) debugging.print(`0x${found.address.toString(16)}  ${name}`);
  }
}
