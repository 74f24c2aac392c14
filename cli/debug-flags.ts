// The options of `debug` besides those of `run`, and its help.
// main.ts declares them without loading what they are for; debug.ts reads them.
import type { Command } from 'commander';
import type { RawOptions } from './run-options.ts';

/** What commander hands over. */
export interface RawDebugOptions extends RawOptions {
  command?: CommandSource[];
  ex?: CommandSource[];
  batch?: boolean;
  panels?: boolean;
  stdin?: string;
  gdb?: string;
  historyMemory?: string;
}

export const HISTORY_MEMORY = [
  '--history-memory <size>',
  'for going back fast: what machines at earlier moments may take (512M; 0 = none)',
] as const;

/** A script (-x) or a command (-ex); they run in the order they are given in. */
export interface CommandSource {
  readonly kind: 'file' | 'line';
  readonly text: string;
}

/** Declares the options on `command`. */
export function addDebugOptions(command: Command): Command {
  return addScriptOptions(command)
    .option('--gdb <port>', 'no prompt: wait for gdb at a port of this computer, or host:port')
    .option('--stdin <file>', "the program's input; empty when absent")
    .option(...HISTORY_MEMORY);
}

/** Those that say where commands come from. */
export function addScriptOptions(command: Command): Command {
  const sources: CommandSource[] = [];
  const collect =
    (kind: CommandSource['kind']) =>
    (text: string): CommandSource[] => {
      sources.push({ kind, text });
      return sources;
    };
  return command
    .option('-x, --command <file>', 'run the commands of a file first; may be repeated', collect('file'))
    .option('-e, --ex <line>', 'run one command first, also as -ex; may be repeated', collect('line'))
    .option('--batch', 'end after the commands of -x and -ex instead of prompting')
    .option(
      '--no-panels',
      'plain lines on a terminal too, without code, registers and calls above the prompt',
    );
}

const OF_GDB: Readonly<Record<string, string>> = {
  '-ex': '--ex',
  '--eval-command': '--ex',
  '-eval-command': '--ex',
  '-command': '--command',
  '-batch': '--batch',
};

/** Puts our spelling in place of gdb's, which option parsers do not know. `words`: those behind `command`. */
export function withGdbOptions(words: readonly string[], command: Command): string[] {
  const ours = [...words];
  for (let at = 0; at < ours.length; at++) {
    const word = OF_GDB[ours[at] ?? ''] ?? ours[at] ?? '';
    if (word === '--' || !word.startsWith('-')) break; // the program, and what is its own
    ours[at] = word;
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (option?.required === true) at++;
  }
  return ours;
}

export const DEBUG_HELP = `
The program stands before its first instruction; \`help\` at the prompt lists the commands. They are gdb's, and more:
syscall (sc) runs to the next system call's entry or end and shows what it changed, return EMFILE makes it fail,
reverse-stepi, reverse-syscall and reverse-continue go back in time, info sockets shows both ends of each.

With --gdb the program waits for gdb's \`target remote :PORT\` instead, and runs on to its end when gdb has gone.

Every run is the same: virtual time, seed 0 (or --seed), pipes for the program's output. Commands come from the
terminal, or line by line from stdin when that is none. The guest sees its own input with --stdin.

Status: that of quit; else 1 when the last command of -x, -ex or stdin failed, 0 when not.

Examples:
  rivulet debug ./server
  rivulet debug -x script.gdb --batch ./client
  rivulet debug --gdb 1234 ./server      gdb-multiarch ./server -ex 'target remote :1234' -ex 'break main'
  rivulet debug -ex 'catch syscall sendmsg' -ex continue -ex 'info sockets' --batch ./rights`;
