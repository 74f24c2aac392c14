// The debugger says what gdb says: gdb-multiarch on our gdb server and `rivulet debug` get the same commands on the same
// program, and print the same lines, word for word.
// Left out are what the machine itself tells (ends of processes) and numbers of values, which errors shift in gdb.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { SKIPS, VALUES } from './gdb-expressions.ts';
import { notBuilt, rivulet } from './rivulet.ts';

const GDB = '/usr/bin/gdb-multiarch';
const PROGRAMS = resolve('build/guests/riscv64/debug');
const DIST = resolve('dist/rivulet.js');

const missing =
  notBuilt ??
  (existsSync(GDB) ? undefined : 'gdb-multiarch is not installed') ??
  (existsSync(`${PROGRAMS}/values`) ? undefined : 'guest programs are not compiled: npm test does it');
const why = missing ? ` [skipped: ${missing}]` : '';

/** A port at which `program` waits for gdb. */
function serve(program: string): Promise<{ port: string; end: () => void }> {
  const child = spawn(process.execPath, [DIST, 'debug', '--gdb', '0', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: HANG_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  return new Promise((found, failed) => {
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      const port = /target remote .*:(\d+)\n/.exec(stderr)?.[1];
      if (port !== undefined) found({ port, end: () => child.kill('SIGKILL') });
    });
    child.on('close', () => failed(new Error(`it did not wait for gdb: ${stderr}`)));
  });
}

const commandLine = (commands: readonly string[]): string[] =>
  commands.flatMap((command) => ['-ex', `echo >>> ${command.replaceAll('\\', '\\\\')}\\n`, '-ex', command]);

async function saidByGdb(program: string, commands: readonly string[]): Promise<string> {
  const { port, end } = await serve(program);
  const before = [
    'set pagination off',
    'set width 0',
    'set confirm off',
    'set sysroot /',
    `target remote :${port}`,
  ];
  // its messages of errors belong between the others
  const { stdout } = await run(
    '/bin/sh',
    [
      '-c',
      'exec "$@" 2>&1',
      'sh',
      GDB,
      '-nx',
      '-q',
      '-batch',
      ...before.flatMap((line) => ['-ex', line]),
      ...commandLine(commands),
      program,
    ],
    { timeoutMs: HANG_MS, env: { LC_ALL: 'C' } },
  );
  end();
  return stdout;
}

/** Without what the guest prints and the machine tells, and without numbers of values. */
function comparable(text: string): string[] {
  const parts = text
    .slice(text.indexOf('>>> '))
    .replace(
      /^(?:\[pid |warning: Source file is more recent|To change this behavior |Can't kill process).*\n/gm,
      '',
    );
  return (
    parts
      // gdb is silent about these in batch mode
      .replace(
        /^(?:Run till exit from |Will (?:ignore|stop) |Breakpoint \d+ now unconditional|Signal {8}Stop|SIG\w+\s+(?:Yes|No)\t).*\n/gm,
        '',
      )
      .replace(/^\$\d+ = /gm, '$N = ')
      .replace(/^Value returned is \$\d+ = /gm, 'Value returned is $N = ')
      .replace(/\t(c\.)?addi?\t/g, '\tadd\t') // binutils' choice of alias
      .split('\n')
      .map((line) => line.trimEnd())
  );
}

async function compare(name: string, commands: readonly string[]): Promise<void> {
  const program = `${PROGRAMS}/${name}`;
  const [gdb, ours] = await Promise.all([
    saidByGdb(program, commands),
    rivulet(['debug', '--batch', ...commandLine(commands), program], { timeoutMs: HANG_MS }),
  ]);
  expect(ours.stderr).toBe('');
  expect(comparable(ours.stdout)).toEqual(comparable(gdb));
}

const wrong = [
  'p nosuch',
  'p table[',
  'p 1 +',
  'p first.nosuch',
  'p *counter',
  'p counter.x',
  'ptype struct nosuch',

  'frame 7',
  'up 5',
  'up',
  'down 9',
  'down',
  'undisplay 9',
  'info registers nosuch',
  'info line nosuch',
  'info line 5000',
  'list 5000',
  'show nosuch',
  'info nosuch',
  'nosuch',
];

describe.skipIf(missing)(`the debugger and gdb${why}`, () => {
  test('print values of all types alike, in all formats', async () => {
    const formats = [
      'p/x table',
      'p/x outer.bits',
      'p/x counter',
      'p/t counter',
      'p/o counter',
      'p/c counter',
      'p/d letter',
      'p/u minus',
      'p/z counter',
      'p/a 0x10690',
      'p/f third',
      'p/f 1',
      'p/s text',
      'p/x text',
      'p/x third',
      'p/c table',
      'p/x first',
      'p/x pointer',
      'p/d colour',
      'p/x big',
      'output counter',
      'output/x counter',
      'printf "%d %s %c %5.2f %lx\\n", counter, message, letter, tenth, big',
      'printf "%%|%5d|%-5d|%05d|%p|%s\\n", 1, 2, 3, pointer, text',
      'echo \\ttab\\n',
    ];
    await compare('values', ['break mean', 'continue', ...VALUES.map((value) => `p ${value}`), ...formats]);
  });

  test('describe types alike', async () => {
    const types = [
      'first',
      'Node',
      'struct outer',
      'outer',
      '&outer',
      'struct node *',
      'outer.point',
      'operations',
      'operation',
      'add',
      'main',
      'enum colour',
      'colour',
      'unsigned long',
      'long unsigned int',
      'uint',
      'names',
      'row',
      'matrix',
      'matrix[0]',
      'twice',
      '1+2',
      '1+2L',
      "'a'",
      '1.0',
      '1.0f',
      'letter + letter',
      'pointer - table',
      '"abc"',
      '&add',
      '$pc',
      '$a0',
      '$sp',
      'outer.bits.low',
      'find',
      'truth',
      'message',
      'values',
      'struct bits',
      'total',
      '*pointer@2',
      'int (*)[3]',
      'char *(*)(int)',
    ];
    await compare('values', [
      'break mean',
      'continue',
      ...types.flatMap((type) => [`ptype ${type}`, `whatis ${type}`]),
      ...['struct outer', 'outer', '&outer', 'struct bits', 'union number', 'Node', 'counter'].map(
        (type) => `ptype/o ${type}`,
      ),
    ]);
  });

  test('follow settings and options of print alike', async () => {
    const shown = [
      'p first',
      'p matrix',
      'p names',
      'p table',
      'p zeros',
      'p outer',
      'p tail',
      'p &table',
      'p add',
    ];
    const settings = [
      'print pretty on',
      'print array on',
      'print array-indexes on',
      'print union off',
      'print repeats 3',
      'print null-stop on',
      'print max-depth 1',
      'print elements 3',
      'print symbol off',
    ];
    const off = [
      'print pretty off',
      'print array off',
      'print array-indexes off',
      'print union on',
      'print repeats 10',
      'print null-stop off',
      'print max-depth 20',
      'print elements 200',
      'print symbol on',
    ];
    await compare('values', [
      'break mean',
      'continue',
      ...settings.flatMap((each, at) => [`set ${each}`, ...shown, `set ${off[at]}`]),
      'p -elements 3 -- table',
      'p -pretty -- first',
      'p -array on -- matrix',
      'p -elements 2 -pretty -- first',
      'with print pretty on -- p first',
      'p $_caller_is("main")',
      'p $_caller_is("main", 0)',
      'p $_any_caller_matches("ma")',
      'p $_as_string(RED)',
      'p $_gdb_setting("print elements")',
      'p $_gdb_setting_str("print elements")',
      'p $bpnum',
      'p $$2',
      'x/2wx 0x3ffffffe',
      'x/s 0',
      'x/i 0',
      'info float',
      'info auxv',
      'info variables ^count',
      'info checkpoints',
      'frame apply all p $pc',
      'faas info locals',
      'frame address 0',
      'enable once 1',
      'info breakpoints',
      'enable count 3 1',
      'ignore 1 2',
      'info breakpoints',
      'delete 9',
      'set',
      'set print nothing',
      'catch nothing',
    ]);
  });

  test('show the stack, lines, symbols, memory and mistakes alike', async () => {
    await compare('values', [
      'break mean',
      'info breakpoints',
      'continue',
      'bt',
      'info frame',
      'info args',
      'frame 1',
      'info frame',
      'info locals',
      'p copy',
      'p *found',
      'frame function mean',
      'info source',
      'info line add',
      'info line 100',
      'info line',
      'info symbol add',
      'info symbol &table[2]',
      'info symbol $sp',
      'info address add',
      'info address table',
      'info address values',
      'info scope mean',
      'info address printf',
      'info registers pc sp a0 ra',
      'info registers fa0',
      'x/4i $pc',
      'x/s message',
      'x/8xg $sp',
      'x/4dw table',
      'x/4xb text',
      'x/3c text',
      'x/2s text',
      'x/a $sp',
      'x/2a $sp',
      'x/f &tenth',
      'x/fw &third',
      'x/3uh table',
      'x/2t table',
      'x/2wx &counter',
      'x',
      'p $_',
      'p $__',
      'disassemble add',
      'disassemble /r add',
      'disassemble /s add',
      'disassemble 0x10632,+8',
      'list mean',
      'list 1,3',
      'list add,subtract',
      'list add,+3',
      'list values.c:20,25',
      'list main,',
      'list 10,',
      'list ,20',
      'list values.c:30',
      'list find',
      'list',
      'list -',
      'list -',
      'show listsize',
      'show print elements',
      ...wrong,
    ]);
  });

  test('step, break, count and finish alike', async () => {
    await compare('values', [
      'break values.c:112 if node->value == 2',
      'tbreak find',
      'info breakpoints',
      'continue',
      'bt',
      'finish',
      'next',
      'step',
      'bt',
      'next 3',
      'up',
      'finish',
      'next',
      'stepi',
      'nexti',
      'continue',
      'info locals',
      'step',
      'bt',
      'finish',
      'set var counter = 100',
      'p counter',
      'set var outer.bits.high = 3',
      'p outer.bits',
      'ignore 1 2',
      'info breakpoints',
      'condition 1',
      'ignore 1 0',
      'delete',
      'info breakpoints',
      'advance mean',
      'p find::depth',
      'until',
      'until',
      'next',
      'next',
      'until',
      'until',
      'finish',
      'watch counter',
      'rwatch counter',
      'info breakpoints',
      'p sum',
      'p average',
    ]);
  });

  test('find their way through optimised code alike', async () => {
    await compare('optimized', [
      'break square',
      'break distance',
      'break consume',
      'break gone',
      'tbreak main',
      'info breakpoints',
      'continue',
      'info frame',
      'bt',
      'info args',
      'continue',
      'bt',
      'info args',
      'info scope distance',
      'info address count',
      'info address total',
      'info scope consume',
      'info locals',
      'p count',
      'p total',
      'p *label',
      'p label[2]',
      'p pair',
      'continue',
      'bt',
      'info args',
      'info frame',
      'up',
      'info args',
      'p total',
      'p left',
      'up',
      'info locals',
      'info args',
      'info frame',
      'frame 0',
      'delete 1',
      'continue',
      'bt',
      'p value',
      'p pair.first',
      'p &pair',
      'up',
      'info locals',
      'p unused',
      'p label',
      'down',
      'finish',
      'info locals',
      'continue',
      'bt',
      'info args',
      'step',
      'next',
      'finish',
      'info line',
      'list distance',
      'p argc',
      'p unused + 1',
    ]);
  });

  test('pass over functions, hide addresses and list sources alike', async () => {
    await compare('steps', SKIPS);
  });

  test('show the signal that arrived alike', async () => {
    await compare('signals', [
      'handle SIGUSR1 stop print',
      'set disassemble-next-line off',
      'continue',
      'p $_siginfo',
      'p $_siginfo._sifields._sigfault',
      'p/x $_siginfo.si_signo',
      'whatis $_siginfo',
      'whatis $_siginfo._sifields._rt.si_sigval',
      'p sizeof($_siginfo)',
    ]);
  });

  test('call functions of the program alike', async () => {
    await compare('calls', [
      'break 71',
      'continue',
      ...[
        'count(3)',
        'fact(5)',
        'nothing()',
        'total',
        'make(7)',
        'make(7).y',
        'mix(m, 3)',
        'swapped(t)',
        'larger(l, 2)',
        'larger(l, 2).all[4]',
        'weighed(1,2,3,4,5,6,7,8,9,10)',
        'weighed(1,2,3,4,5,6,7,8,9)',
        'takes(p, "hello", 1.5)',
        'takes(p, name(1), half(5))',
        'text_length("four")',
        'name(0)',
        '*name(1)@3',
        'half(9)',
        'half(9) * 2 + fact(3)',
        'sum(1.25, 2)',
        'sum(1, 2.5f)',
        'product(3, 4)',
        'product(1.5, 2)',
        'up(255)',
        'down(-128)',
        'same(-1)',
        'truth()',
        'next(RED)',
        'next(1)',
        'load(&total)',
        'fact(fact(3))',
        'fact',
        '*fact',
        '&fact',
        'fact()',
        'fact(1,2)',
        'sizeof(fact(3))',
        'strlen("hello")',
        '(int)strlen("hello")',
        '((unsigned long (*)(const char *))strlen)("hello")',
        'total++ + count(1)',
        'total',
        '$i = count(1)',
        '$i++ + fact(3)',
        '$i',
        '(char)fact(4)',
        '$_streq(name(1), "yes")',
        '$_strlen("four")',
        '$_regex(name(1), "y.s")',
        '$_memeq(name(0), name(0), 2)',
        '$_isvoid(nothing())',
        'nosuch(1)',
      ].map((each) => `p ${each}`),
      'call nothing()',
      'call fact(3)',
      'ptype make(3)',
      'whatis half(3)',
      'x/s name(1)',
      'output fact(4)',
      'printf "%d %s\\n", fact(4), name(1)',
      'set var total = fact(3) + total',
      'p total',
      'info registers pc',
      'break fact if n == 2',
      'p fact(3)',
      'bt',
      'finish',
      'continue',
      'bt',
      'p load(0)',
      'bt',
    ]);
  });
});
