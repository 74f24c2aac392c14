// The command line: which commands there are, and what becomes of errors and statuses.
// Commands are imported when they are called, so that starting a guest loads nothing it does not need.
import { Command, CommanderError } from 'commander';
import {
  addDebugOptions,
  addScriptOptions,
  DEBUG_HELP,
  HISTORY_MEMORY,
  withGdbOptions,
} from './debug-flags.ts';
import { addExploreOptions, EXPLORE_HELP } from './explore-flags.ts';
import { report, STATUS_FAILED, usageHint } from './failure.ts';
import { writeAll } from './node-host.ts';
import type { ReplayDebugOptions } from './replay.ts';
import { addRunOptions, readRunOptions } from './run-options.ts';
import { addTestOptions, TEST_HELP } from './test-flags.ts';
import { addTraceOptions, noLetters } from './trace-flags.ts';

const VERSION = '0.1.0';

function makeProgram(finish: (status: number) => void): Command {
  const program = new Command('rivulet')
    .description('Runs riscv64 Linux programs on a machine and a kernel of its own.')
    .version(VERSION)
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => void writeAll(1, Buffer.from(text)),
      writeErr: (text) => void writeAll(2, Buffer.from(text)),
      outputError: outputError(undefined),
    })
    .addHelpText(
      'after',
      `
Examples:
  rivulet run ./hello world                     run a static riscv64 program of this directory
  rivulet run --root debian-rv64 sh -c 'ls /'   run a program of a root directory; the directory is never written
  rivulet trace ./server                        every system call, as strace shows them
  rivulet explore ./server                      a thousand schedules: does it ever deadlock?
  rivulet test tests/                           run programs and compare with what is expected of them
  rivulet debug ./server                        step through it, forward and back
  rivulet info ./hello                          what is in an ELF file
  rivulet syscalls                              what the kernel implements`,
    )
    .exitOverride();

  addRunOptions(program.command('run'))
    .description('run a program; its exit status becomes ours')
    .argument(
      '<prog>',
      'a riscv64 ELF program or a script: a host path, or with --root a path or name inside the root',
    )
    .argument('[args...]', 'arguments of the program, passed on untouched')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Without --root the guest has a small root in memory and sees the current directory at its own path. Whatever it
changes stays in memory, except below --mount …:rw.

Status: the program's own; 128 + n when signal n killed it; 127 not found, 126 not executable, 125 our own failure.

Examples:
  rivulet run ./hello --its-own-option
  rivulet run --mount /srv/data:/data:rw --timeout 10 ./job /data
  rivulet run --root debian-rv64 --uid 1000 --env LANG=C.UTF-8 bash -l
  rivulet run --seed 1 --virtual-time ./server      the same run every time`,
    )
    .action(async (prog: string, args: string[], options) => {
      const settings = readRunOptions(options);
      if (settings.strace) {
        const { traceSession } = await import('./trace.ts');
        finish(await traceSession(prog, args, settings, {}));
        return;
      }
      const { runSession } = await import('./session.ts');
      finish(await runSession(prog, args, settings));
    });

  const counts = noLetters();
  addTraceOptions(addRunOptions(program.command('trace')), counts)
    .description('run a program and show its system calls and signals in the format of strace')
    .argument('<prog>', 'as for run')
    .argument('[args...]', 'arguments of the program, passed on untouched')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Processes and threads are followed. Lines go to stderr; the status is the program's own.

Examples:
  rivulet trace ./server
  rivulet trace -e %network -yy ./server             calls about sockets, with what each descriptor is
  rivulet trace -e trace=openat,read -P /etc/passwd ./id
  rivulet trace -e inject=connect:error=ECONNREFUSED:when=2 ./client
  rivulet trace --why -Z ./server                    failed calls, each with the rule that made it fail
  rivulet trace -c ./job                             a table of counts and times`,
    )
    .action(async (prog: string, args: string[], options) => {
      const { traceSession } = await import('./trace.ts');
      finish(await traceSession(prog, args, readRunOptions(options), options, counts));
    });

  addDebugOptions(addRunOptions(program.command('debug')))
    .description('run a program step by step, forward and back, at a prompt with the commands of gdb')
    .argument('<prog>', 'as for run')
    .argument('[args...]', 'arguments of the program, passed on untouched')
    .passThroughOptions()
    .addHelpText('after', DEBUG_HELP)
    .action(async (prog: string, args: string[], options) => {
      const settings = readRunOptions(options);
      if (options.gdb !== undefined) {
        const { gdbSession } = await import('./gdb.ts');
        const { spareBytes } = await import('./spare-bytes.ts');
        finish(await gdbSession(prog, args, settings, options.gdb, spareBytes(settings, options)));
        return;
      }
      const { debugSession } = await import('./debug.ts');
      finish(await debugSession(prog, args, settings, options));
    });

  addExploreOptions(addRunOptions(program.command('explore')))
    .description('run a program under many schedules and say which ends differ')
    .argument('<prog>', 'as for run')
    .argument('[args...]', 'arguments of the program, passed on untouched')
    .passThroughOptions()
    .addHelpText('after', EXPLORE_HELP)
    .action(async (prog: string, args: string[], options) => {
      const { exploreCommand } = await import('./explore.ts');
      finish(await exploreCommand(prog, args, readRunOptions(options), options));
    });

  addTestOptions(addRunOptions(program.command('test')))
    .description('run a directory of programs and compare what they do with what is expected')
    .argument('<dir>', 'host directory of the programs, or one program')
    .argument('[names...]', 'only programs with one of these in their name')
    .addHelpText('after', TEST_HELP)
    .action(async (directory: string, names: string[], options) => {
      const { testCommand } = await import('./test.ts');
      finish(await testCommand(directory, names, options, VERSION));
    });

  addRunOptions(program.command('record'))
    .description('run a program and keep all that came from outside, so that the run can be repeated exactly')
    .argument('<prog>', 'as for run')
    .argument('[args...]', 'arguments of the program, passed on untouched')
    .requiredOption('-o, --output <file>', 'where the recording goes')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
The recording holds the program, the files it read, what was typed, and the clocks: it is the whole bug report.
It is written when the run ends, also when a signal ends us (but for SIGKILL); until then an older FILE stays as it is.
The status is the program's own.

Examples:
  rivulet record -o bug.rec ./server
  rivulet replay bug.rec`,
    )
    .action(async (prog: string, args: string[], options) => {
      const { recordCommand } = await import('./record.ts');
      finish(await recordCommand(prog, args, readRunOptions(options), options.output));
    });

  addScriptOptions(program.command('replay'))
    .description('repeat a recorded run, to the instruction')
    .argument('<file>', 'what `record` wrote')
    .option('--no-jit', 'interpret everything; the run is the same')
    .option('--debug', 'open the debugger on the run, at a prompt or with -x and -ex: see debug')
    .option(
      '--gdb <port>',
      'let gdb go through the run, forwards and back: a port of this computer, or host:port',
    )
    .option(...HISTORY_MEMORY)
    .addHelpText(
      'after',
      `
Output and status are those of the recorded run. A run that went another way is an error (125).

Examples:
  rivulet replay bug.rec
  rivulet replay --no-jit bug.rec
  rivulet replay --debug bug.rec
  rivulet replay --gdb 1234 bug.rec`,
    )
    .action(async (file: string, options: ReplayDebugOptions & { debug?: boolean }) => {
      const { replayCommand, replayForDebugger } = await import('./replay.ts');
      const isSteppedThrough = options.debug === true || options.gdb !== undefined;
      finish(isSteppedThrough ? await replayForDebugger(file, options) : replayCommand(file, options));
    });

  program
    .command('syscalls')
    .description('list the system calls the kernel implements, and how far')
    .option('--json', 'as a JSON array')
    .option('--partial', 'only those that are not complete')
    .addHelpText(
      'after',
      '\nExamples:\n  rivulet syscalls\n  rivulet syscalls --partial\n  rivulet syscalls --json | jq length',
    )
    .action(async (options) => {
      const { listSyscalls } = await import('./syscalls.ts');
      listSyscalls(options);
    });

  program
    .command('info')
    .description('show what is in an ELF file: headers, libraries, sections, symbols')
    .argument('<file>', 'host path of an ELF file')
    .option('--symbols', 'list the symbols too')
    .option('--json', 'as a JSON object')
    .addHelpText('after', '\nExamples:\n  rivulet info ./hello\n  rivulet info --symbols ./hello')
    .action(async (file: string, options) => {
      const { showInfo } = await import('./info.ts');
      await showInfo(file, options);
    });

  for (const command of program.commands)
    command.configureOutput({ outputError: outputError(command.name()) });
  return program;
}

function outputError(command: string | undefined) {
  return (text: string, write: (line: string) => void): void =>
    write(`rivulet: ${oneLine(text)} ${usageHint(command)}\n`);
}

/** commander's message without its prefix, suggestions on the same line. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

async function main(): Promise<void> {
  let status = 0;
  const [node = '', script = '', name, ...words] = process.argv;
  const program = makeProgram((result) => {
    status = result;
  });
  const command = program.commands.find((each) => each.name() === name);
  try {
    const isDebugger = command !== undefined && ['debug', 'replay'].includes(command.name());
    await program.parseAsync(
      isDebugger ? [node, script, command.name(), ...withGdbOptions(words, command)] : process.argv,
    );
  } catch (error) {
    if (error instanceof CommanderError) status = error.exitCode === 0 ? 0 : STATUS_FAILED;
    else status = report(error, command?.name());
  }
  // Output is written synchronously, so nothing is lost; open handles (stdin, timers) must not keep us here.
  process.exit(status);
}

process.on('uncaughtException', (error) => process.exit(report(error)));
void main();
