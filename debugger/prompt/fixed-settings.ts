// Settings of gdb that have one value here: scripts may set them, and learn when the value is another.
// commands/settings.ts asks when settings.ts has no setting of the name.
// So .gdbinit files run, and nobody believes in what is not there.

interface Fixed {
  readonly value: string;
  /** What holds instead, for somebody who wants another value. */
  readonly why?: string;
}

const ALL_AT_ONCE = 'all processes and threads are debugged at once';
const REPEATABLE = 'every run is the same';

const FIXED: Readonly<Record<string, Fixed>> = {
  'detach-on-fork': { value: 'off', why: ALL_AT_ONCE },
  'follow-fork-mode': { value: 'parent', why: `${ALL_AT_ONCE}; process PID looks at one` },
  'follow-exec-mode': { value: 'same' },
  'schedule-multiple': { value: 'on', why: ALL_AT_ONCE },
  'scheduler-locking': { value: 'off', why: 'other threads run while one is stepped' },
  'non-stop': { value: 'off', why: 'the machine stops as a whole' },
  'disable-randomization': { value: 'on', why: REPEATABLE },
  'startup-with-shell': { value: 'off', why: 'no shell starts the program' },
  'exec-wrapper': { value: '', why: 'the program is started as it is' },
  'exec-direction': { value: 'forward', why: 'reverse-continue and the like go back' },
  'stop-on-solib-events': { value: '0', why: 'libraries are seen when they are mapped' },
  'auto-solib-add': { value: 'on' },
  'step-mode': { value: 'off', why: 'step passes functions without lines; stepi goes into them' },
  unwindonsignal: { value: 'off', why: 'going back undoes a call that was stopped' },
  'output-radix': { value: '10', why: 'print/x and the like show other bases' },
  'input-radix': { value: '10', why: 'numbers are written as in C: 0x10, 010' },
  radix: { value: '10', why: 'print/x and the like show other bases' },
  language: { value: 'c', why: 'expressions are those of C' },
  charset: { value: 'auto' },
  osabi: { value: 'GNU/Linux' },
  architecture: { value: 'riscv:rv64', why: 'programs are for riscv64' },
  endian: { value: 'little', why: 'programs are for riscv64' },
  'disassembly-flavor': { value: 'riscv', why: 'there is one way to write instructions' },
  prompt: { value: '(rivulet) ' },
  editing: { value: 'on' },
  'history save': { value: 'on' },
  'history filename': { value: '' },
  'history size': { value: '' },
  'history expansion': { value: 'off', why: 'the arrow keys and Ctrl-R find earlier lines' },
  'history remove-duplicates': { value: '' },
  'print static-members': { value: 'on' },
  'print vtbl': { value: 'off' },
  'print demangle': { value: 'on' },
  'print asm-demangle': { value: 'off' },
  'print sevenbit-strings': { value: 'on' },
  'print entry-values': { value: 'default' },
  'print frame-info': { value: 'auto' },
  'print finish': { value: 'on' },
  'print thread-events': { value: 'on' },
  'print inferior-events': { value: 'on' },
  'print symbol-filename': { value: 'off' },
  'print pascal_static-members': { value: 'on' },
  'print symbol-loading': { value: 'full' },
  'print raw-frame-arguments': { value: 'off' },
  'print raw-values': { value: 'off' },
  'print max-symbolic-offset': { value: 'unlimited' },
  'print type': { value: '' },
  'breakpoint auto-hw': { value: 'on' },
  'breakpoint always-inserted': { value: 'off' },
  'breakpoint condition-evaluation': { value: 'auto' },
  'max-value-size': { value: '65536' },
  'max-completions': { value: '' },
  'trace-commands': { value: 'off', why: 'commands are not shown again' },
  'auto-load': { value: '' },
  'debug-file-directory': { value: '/usr/lib/debug' },
  sysroot: { value: '', why: 'the guest has the root directory of --root' },
  'solib-search-path': { value: '' },
  'substitute-path': {
    value: '',
    why: 'source files are searched where the compiler found them, and below --source DIR',
  },
  remotetimeout: { value: '' },
  tcp: { value: '' },
  'debuginfod enabled': { value: 'off', why: 'nothing is downloaded' },
  debuginfod: { value: '' },
  'tui border-kind': { value: '' },
  tui: { value: '' },
  cp: { value: '' },
  'case-sensitive': { value: 'on', why: 'names are what they are' },
  'multiple-symbols': { value: 'all' },
  'python print-stack': { value: '' },
  python: { value: '' },
};

/** The setting that `text` begins with, by whole words, and the value behind it. */
export function fixedSetting(
  text: string,
): { name: string; value: string; typed: string; why?: string } | undefined {
  const words = text
    .trim()
    .replace(/^p(?:r|rint)?\s/, 'print ')
    .split(/\s+/);
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ');
    const found = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
    if (found !== undefined) return { name, typed: words.slice(count).join(' '), ...found };
  }
  return undefined;
}
