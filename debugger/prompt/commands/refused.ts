// Commands of gdb that have no place here: each says why, and what does the same.
// engine.ts asks when it knows no command of that name.
// So a person or a script that is used to gdb learns more than "Undefined command".

const TRACEPOINTS = 'Tracepoints are not supported: dprintf prints at a place without stopping.';
const PROGRAMS = 'The program is named on the command line: rivulet debug PROG ARGS...';
const ALWAYS = 'Every run can go back: reverse-continue, reverse-step, goto.';
const LANGUAGES = 'Scripts are gdb commands here: define, if, while, printf.  See `help define`.';
const SHELL = 'The debugger runs no commands of this computer.';

const REFUSED: Readonly<Record<string, string>> = {
  ...of(TRACEPOINTS, 'trace tp tr tra trac ftrace strace tstart tstop tstatus tfind tsave tdump tvariable'),
  ...of(TRACEPOINTS, 'actions collect teval passcount while-stepping stepping ws'),
  ...of(PROGRAMS, 'file exec-file attach target core-file core load'),
  ...of(PROGRAMS, 'add-inferior clone-inferior remove-inferiors disconnect'),
  ...of(
    "Symbols come from the program's files, and from separate ones that are found by build ID or beside them.",
    'symbol-file add-symbol-file remove-symbol-file sharedlibrary nosharedlibrary',
  ),
  ...of(ALWAYS, 'record rec'),
  ...of(LANGUAGES, 'python py python-interactive pi guile gu guile-repl gr compile'),
  ...of(SHELL, 'shell ! make pipe | cd pwd edit'),
  ...of('Memory is not copied from and to files: generate-core-file saves all of it.', 'dump append restore'),
  ...of('Preprocessor macros are not known here.', 'macro'),
  ...of('`rivulet debug --gdb PORT` serves gdb itself.', 'monitor mon maintenance maint mt flushregs'),
  ...of(
    "The program's input is a file: rivulet debug --stdin FILE; its output is shown here.",
    'tty inferior-tty',
  ),
  ...of(
    'The panels have no windows to choose: panels on, off, source, instructions.',
    'focus fs winheight refresh wh winname',
  ),
};

function of(why: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, why]));
}

/** Why there is no command `word`, which gdb has; undefined when gdb has none either. */
export function refusal(word: string): string | undefined {
  return Object.hasOwn(REFUSED, word) ? REFUSED[word] : undefined;
}
