// `catch`: stop at system calls, calls about a descriptor or a socket, signals, new processes and programs.
// stops.ts lists it beside the other stop points.
// A catchpoint holds in every process.
import { quoteText } from '../../../kernel/abi/kinds/format.ts';
import { signalName } from '../../../kernel/abi/kinds/signal-text.ts';
import { allSyscalls, syscallRow } from '../../../kernel/syscalls/table.ts';
import { readable } from '../../inspect/readable.ts';
import { classMembers, knownNames } from '../../trace/classes.ts';
import { describeFd } from '../../trace/describe-fd.ts';
import { concernsFd, concernsSocket } from '../call-subjects.ts';
import { type Command, numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';
import { signalNames, signalsOf } from '../signal-handling.ts';
import { addExceptionCatch } from './add-breakpoint.ts';

const EVENTS = [
  'syscall',
  'fd',
  'socket',
  'signal',
  'fork',
  'vfork',
  'thread',
  'exec',
  'throw',
  'catch',
  'rethrow',
];

function catchCommand(name: string, aliases: string[], isTemporary: boolean, help: string): Command {
  return {
    name,
    aliases,
    group: 'stops',
    usage: `${name} syscall [NAME | NUMBER | group:NAME]... | fd N | socket PATH | signal [SIG...] | fork | vfork | thread | exec | throw | catch | rethrow`,
    help,
    repeats: 'no',
    complete: (_debugging, words) => {
      if (words.length === 1) return EVENTS;
      if (words[0] === 'syscall') return Object.values(allSyscalls()).map((row) => row?.name ?? '');
      return words[0] === 'signal' ? signalNames() : [];
    },
    run: (debugging, argument) => catchEvents(debugging, argument, isTemporary),
  };
}

export const CATCH_COMMANDS: readonly Command[] = [
  catchCommand(
    'catch',
    ['cat'],
    false,
    'Stop at system calls (entry and end), those about a descriptor or a socket path, at signals that are delivered, new processes (fork, vfork) and threads, programs that are executed, exceptions of C++.\nIn any process.',
  ),
  catchCommand('tcatch', [], true, 'As catch, once.'),
];

function catchEvents(debugging: Debugger, argument: string, isTemporary: boolean): void {
  const [what = '', ...words] = argument.split(/[\s,]+/).filter((word) => word !== '');
  const { points } = debugging.session;
  const common = { isTemporary };
  const made = (id: number, text: string): void => debugging.print(`Catchpoint ${id} (${text})`);
  switch (what) {
    case 'syscall': {
      const names = new Set(words.flatMap(syscallNames));
      const { id } = points.add({ kind: 'catch-syscall', names, ...common });
      made(id, names.size === 0 ? 'any syscall' : `syscall ${[...names].join(', ')}`);
      return;
    }
    case 'fd': {
      const fd = numberOf(words[0] ?? '', 'descriptor');
      const { id } = points.add({
        kind: 'catch-syscall',
        names: new Set(),
        concerns: (_thread, call) => concernsFd(call, fd),
        subject: `fd ${fd}`,
        ...common,
      });
      const text = describeFd(debugging.thread, fd, 2);
      made(id, `calls about fd ${fd}${text === undefined ? '' : `, now ${readable(text)}`}`);
      return;
    }
    case 'socket': {
      const name = argument.replace(/^socket\s*/, '');
      if (name === '') throw new PromptError('catch socket PATH, or @NAME for an abstract one');
      const { id } = points.add({
        kind: 'catch-syscall',
        names: new Set(),
        concerns: (thread, call) => concernsSocket(thread, call, name),
        subject: `the socket ${quoteText(name)}`,
        ...common,
      });
      made(id, `calls about the socket ${quoteText(name)}`);
      return;
    }
    case 'signal': {
      const signals =
        words.length === 0 || words[0] === 'all' ? undefined : new Set(words.flatMap(caughtSignals));
      const { id } = points.add({
        kind: 'catch-signal',
        ...(signals === undefined ? {} : { signals }),
        ...common,
      });
      made(
        id,
        signals === undefined
          ? 'any signal'
          : `signal${signals.size > 1 ? 's' : ''} ${[...signals].map((signo) => signalName(signo)).join(' ')}`,
      );
      return;
    }
    case 'fork':
    case 'vfork':
    case 'thread':
    case 'exec': {
      const { id } = points.add({ kind: `catch-${what}`, ...common });
      made(id, what);
      return;
    }
    case '':
      throw new PromptError(
        'catch syscall [NAME...], fd N, socket PATH, signal [SIG...], fork, vfork, thread, exec, throw, catch or rethrow',
      );
    case 'load':
    case 'unload':
      throw new PromptError(
        'Libraries are mapped: catch syscall mmap munmap.  A breakpoint may wait for one: set breakpoint pending on.',
      );
    case 'throw':
    case 'catch':
    case 'rethrow':
      if (words.length > 0) throw new PromptError(`Types of exceptions cannot be chosen: catch ${what}.`);
      addExceptionCatch(debugging, what, isTemporary);
      return;
    default:
      throw new PromptError(`Undefined catch command: "${what}".  Try "help catch".`);
  }
}

function caughtSignals(word: string): number[] {
  try {
    return signalsOf(word);
  } catch (error) {
    throw error instanceof PromptError ? new PromptError(`Unknown signal name '${word}'.`) : error;
  }
}

/** Of a call by name or number, or of a group: `group:network`, `g:file`. */
function syscallNames(word: string): string[] {
  const group = /^g(?:roup)?:(.*)$/.exec(word)?.[1];
  if (group !== undefined) {
    const known = knownNames();
    const members = [...(classMembers(group) ?? [])].filter((name) => known.has(name));
    if (members.length === 0) throw new PromptError(`Unknown syscall group '${group}'.`);
    return members;
  }
  const row = /^\d+$/.test(word)
    ? syscallRow(Number(word))
    : allSyscalls().find((each) => each?.name === word);
  if (row === undefined) throw new PromptError(`Unknown syscall name '${word}'.`);
  return [row.name];
}
