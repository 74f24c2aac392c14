// `info`: its subjects, each a row with its own help.
// engine.ts lists the command; info-machine.ts, info-program.ts and info-frame.ts say what there is.
// Subjects may be abbreviated as commands are. Nothing here changes the run.
import { comparePositions } from '../../../kernel/stepper.ts';
import { waitLines } from '../../inspect/wait-text.ts';
import { breakpointLines } from '../breakpoint-table.ts';
import { type Command, namesOf, numberOf } from '../command.ts';
import { expressionWords, locationWords, REGISTERS } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { virtualTables } from '../dynamic-types.ts';
import { variableLines } from '../frame-text.ts';
import { positionText } from '../positions.ts';
import { PromptError } from '../prompt-error.ts';
import { signalNames, signalsOf } from '../signal-handling.ts';
import { auxv } from './info-auxv.ts';
import { frame, registers } from './info-frame.ts';
import { allProcesses, fds, mappings, processes, signals, sockets, threads } from './info-machine.ts';
import {
  functions,
  libraries,
  line,
  scopeOf,
  source,
  sources,
  symbol,
  symbolAddress,
  types,
  variables,
} from './info-program.ts';
import { skipLines } from './skip.ts';
import { backtrace } from './stack.ts';

interface Subject {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  /** What may stand behind it. */
  readonly complete?: Command['complete'];
  run(debugging: Debugger, argument: string): void;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'processes',
    aliases: ['inferiors', 'proc', 'process'],
    help: 'all processes, how they stand; info proc mappings, exe, cwd, cmdline: of the one that is looked at',
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
  {
    name: 'sockets',
    help: 'all sockets; --graph as a graph for Graphviz; info sockets FD: one, with its peer and messages',
    run: sockets,
  },
  { name: 'mem', aliases: ['memory', 'mappings'], help: 'mapped memory of the process', run: mappings },
  {
    name: 'signals',
    aliases: ['handlers'],
    help: 'pending, blocked and handled signals of the thread; info signals SIG: what the debugger does then',
    complete: signalNames,
    run(debugging, argument) {
      if (argument === '') signals(debugging);
      else tellAll(debugging, debugging.signals.table(argument.split(/\s+/).flatMap(signalsOf)));
    },
  },
  {
    name: 'handle',
    help: 'what the debugger does at each signal; info handle SIG',
    complete: signalNames,
    run: (debugging, argument) =>
      tellAll(
        debugging,
        debugging.signals.table(
          argument
            .split(/\s+/)
            .filter((word) => word !== '')
            .flatMap(signalsOf),
        ),
      ),
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
    complete: () => REGISTERS,
    run: registers,
  },
  {
    name: 'all-registers',
    help: 'registers with those for floating point',
    complete: () => REGISTERS,
    run: (debugging, argument) => registers(debugging, argument === '' ? 'all' : argument),
  },
  {
    name: 'float',
    help: 'registers for floating point',
    run: (debugging) => registers(debugging, 'float'),
  },
  {
    name: 'vector',
    help: 'registers for vectors',
    run: (debugging) => debugging.print('No vector information'),
  },
  {
    name: 'breakpoints',
    aliases: ['b', 'break', 'catchpoints'],
    help: 'stop points',
    run: (debugging) => tellAll(debugging, breakpointLines(debugging)),
  },
  {
    name: 'watchpoints',
    help: 'watchpoints alone',
    run: (debugging) => tellAll(debugging, breakpointLines(debugging, true)),
  },
  { name: 'skip', help: 'what `step` passes over', run: skipLines },
  { name: 'stack', aliases: ['s'], help: 'the call stack, as backtrace shows it', run: backtrace },
  { name: 'checkpoints', help: 'moments that were kept', run: checkpoints },
  { name: 'auxv', help: 'what the kernel told the program when it began', run: auxv },
  { name: 'symbol', help: 'what symbol is at an address', complete: expressionWords, run: symbol },
  { name: 'address', help: 'where a symbol is', complete: expressionWords, run: symbolAddress },
  { name: 'line', help: 'which addresses a line of source has', complete: locationWords, run: line },
  { name: 'sources', help: 'source files of the program; info sources REGEXP', run: sources },
  { name: 'source', help: 'the source file of the selected frame', run: source },
  { name: 'scope', help: 'variables that are known at a location', complete: locationWords, run: scopeOf },
  { name: 'frame', aliases: ['f'], help: 'the selected frame', run: frame },
  {
    name: 'locals',
    help: 'local variables of the selected frame',
    run: (debugging) => tellAll(debugging, variableLines(debugging, 'locals')),
  },
  {
    name: 'args',
    help: 'arguments of the selected frame',
    run: (debugging) => tellAll(debugging, variableLines(debugging, 'arguments')),
  },
  { name: 'program', help: 'where the machine stands', run: program },
  { name: 'syscalls', aliases: ['calls'], help: 'the calls that ended last; info syscalls N', run: calls },
  { name: 'functions', help: 'functions by name: info functions REGEXP', run: functions },
  { name: 'variables', help: 'variables of file scope: info variables REGEXP', run: variables },
  { name: 'vtbl', help: 'tables of virtual functions: info vtbl OBJECT', run: virtualTables },
  { name: 'types', help: 'types by name: info types REGEXP', run: types },
  {
    name: 'sharedlibrary',
    aliases: ['dll'],
    help: 'libraries that are loaded',
    run: libraries,
  },
];

export const INFO_COMMANDS: readonly Command[] = [
  {
    name: 'info',
    aliases: ['i', 'inf'],
    group: 'machine',
    usage: 'info SUBJECT [ARGUMENT]',
    help: `Show what there is.\n${SUBJECTS.map(({ name, help }) => `${name.padEnd(14)} ${help}`).join('\n')}`,
    repeats: 'same',
    complete: (debugging, words) =>
      words.length <= 1
        ? SUBJECTS.flatMap(namesOf)
        : (findSubject(words[0] ?? '').complete?.(debugging, words.slice(1)) ?? []),
    run(debugging, argument) {
      const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      findSubject(word).run(debugging, rest);
    },
  },
];

/** Subjects of gdb that are found under other names here, or not at all. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  os: 'What `info os` asks of a system is known of this machine: info processes, threads, fds, sockets.',
  tracepoints: 'Tracepoints are not supported: dprintf prints at a place without stopping.',
  tp: 'Tracepoints are not supported: dprintf prints at a place without stopping.',
  target: 'The program runs on the machine of this debugger: info program, info mem.',
  macro: 'Preprocessor macros are not known here.',
  macros: 'Preprocessor macros are not known here.',
  record: 'Every run can go back: reverse-continue, reverse-step, goto.  See `when` for the position.',
};

function findSubject(word: string): Subject {
  const list = SUBJECTS.map(({ name }) => name).join(', ');
  if (word === '') throw new PromptError(`info wants a subject: ${list}.`);
  const exact = SUBJECTS.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
  if (exact !== undefined) return exact;
  const matching = SUBJECTS.filter(({ name }) => name.startsWith(word));
  const [only] = matching;
  if (only === undefined)
    throw new PromptError(ELSEWHERE[word] ?? `Undefined info command: "${word}".  Try "help info".`);
  if (matching.length > 1)
    throw new PromptError(
      `Ambiguous info command "${word}": ${matching.map(({ name }) => name).join(', ')}.`,
    );
  return only;
}

function tellAll(debugging: Debugger, lines: readonly string[]): void {
  for (const line of lines) debugging.print(line);
}

function displays(debugging: Debugger): void {
  const { all } = debugging.displays;
  if (all.length === 0) {
    debugging.print('There are no auto-display expressions now.');
    return;
  }
  debugging.print('Auto-display expressions now in effect:');
  debugging.print('Num Enb Expression');
  for (const { id, isDisabled, text } of all) debugging.print(`${id}:   ${isDisabled ? 'n' : 'y'}  ${text}`);
}

function program(debugging: Debugger): void {
  const { session } = debugging;
  debugging.print(
    `Position ${positionText(session.position)}, after ${session.log.count} system calls; ${allProcesses(debugging).length} processes.`,
  );
}

function checkpoints(debugging: Debugger): void {
  const { all } = debugging.checkpoints;
  if (all.length === 0) debugging.print('No checkpoints.');
  for (const { id, position, place } of all) {
    const isHere = comparePositions(position, debugging.session.position) === 0;
    debugging.print(`${isHere ? '*' : ' '} ${id} Position ${positionText(position)}, ${place}`);
  }
}

const CALLS_SHOWN = 10;

function calls(debugging: Debugger, argument: string): void {
  const count = argument === '' ? CALLS_SHOWN : numberOf(argument, 'count');
  const past = debugging.history.last(count);
  if (past.length === 0) debugging.print('No system call has ended yet.');
  for (const { tick, tid, text } of past) debugging.print(`${tick}: [pid ${tid}] ${text}`);
}
