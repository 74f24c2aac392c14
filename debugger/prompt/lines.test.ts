// The prompt on a program with debug information: lines, functions, the stack, and back over them.
// guest-programs/debug/steps.c is the program; the numbers are its lines.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const PROGRAM = 'build/guests/riscv64/debug/steps';
const why = existsSync(PROGRAM) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';
const SOURCE = readFileSync('guest-programs/debug/steps.c', 'utf8');
const MAIN = 18;
const LOOP = 19;
const ADD = 15;
const TWICE = 10;
const WRITE = 21;
const PRINT = 23;

const FILE = 'guest-programs/debug/steps.c';

const prompt = (): Prompt => promptOn(readFileSync(PROGRAM), { 'steps.c': SOURCE });
const lineOf = (number: number): string => `${number}\t${SOURCE.split('\n')[number - 1]}\n`;

describe.skipIf(why !== '')(`lines of source${why}`, () => {
  it('are listed around main, around a function, on and back', async () => {
    const { run } = prompt();
    const main = await run('list');
    expect(main.startsWith(lineOf(MAIN - 5))).toBe(true);
    expect(main).toContain(lineOf(MAIN));
    expect(main.split('\n')).toHaveLength(11);
    expect(await run('list')).toContain(lineOf(PRINT));
    expect(await run('list twice', 'list -')).toContain(lineOf(1));
    expect(await run('list -')).toMatch(/^Already at the start of .*steps\.c\.\n$/);
    expect(await run('list 999')).toContain('Line number 994 out of range');
  });

  it('are still there when the program has ended, as symbols, functions and types are', async () => {
    const { run } = prompt();
    const listed = await run('list twice');
    const lines = await run('info line main');
    expect(lines).toMatch(/^Line 18 of ".*steps\.c" starts at address 0x[0-9a-f]+ <main> and ends at /);
    const address = await run('info address main');
    const type = await run('ptype twice');
    expect(await run('c')).toContain('The program has ended.');
    expect(await run('list')).toContain(lineOf(MAIN));
    expect(await run('list twice')).toBe(listed);
    expect(await run('list steps.c:3,4')).toBe(`${lineOf(3)}${lineOf(4)}`);
    expect(await run('info line main')).toBe(lines);
    expect(await run('info symbol main')).toBe('main in section .text\n');
    expect(await run('info address main')).toBe(address);
    expect(await run('ptype twice')).toBe(type);
    expect(await run('info functions twice')).toContain('static int twice(int);');
    expect(await run('p total')).toBe('$1 = 0\n');
    expect(await run('p/x *(int *)twice')).toMatch(/^\$2 = 0x[0-9a-f]+\n$/);
    expect(await run('p $pc', 'set var total = 1')).toBe(
      'No registers.\nCannot access memory at address 0x773f8\n',
    );
    expect(await run('break twice')).toMatch(/^Breakpoint 1 at 0x/);
    expect(await run('run', 'delete', 'list twice')).toContain(listed);
  });

  it('are stepped through, into functions and over them', async () => {
    const { run } = prompt();
    expect(await run('start')).toMatch(
      /^Temporary breakpoint 1 at 0x[0-9a-f]+: file .*steps\.c, line 19\.\n\nTemporary breakpoint 1, main \(\) at .*steps\.c:19\n/,
    );
    expect(await run('step', 'step')).toBe(`${lineOf(20)}add (n=1) at ${FILE}:${ADD}\n${lineOf(ADD)}`);
    expect(await run('step')).toBe(`twice (n=1) at ${FILE}:${TWICE}\n${lineOf(TWICE)}`);
    expect(await run('finish')).toMatch(
      /^Run till exit from #0 {2}twice \(n=1\) at .*\n0x[0-9a-f]{16} in add \(n=1\) at .*steps\.c:15\n15\t.*\nValue returned is \$1 = 2\n$/,
    );
    expect(await run('next')).toBe('16\t}\n');
    expect(await run('next')).toBe(`main () at ${FILE}:${LOOP}\n${lineOf(LOOP)}`);
    expect(await run('next 2')).toBe(lineOf(LOOP));
    expect(await run('stepi')).toMatch(/^(?:0x[0-9a-f]{16}\t)?\d+\t.*\n$/);
    // out of the loop, not to its next round
    expect(await run('next', 'until', 'until')).toContain(lineOf(WRITE));
    expect(await run(`advance ${PRINT}`)).toBe(`added\nmain () at ${FILE}:${PRINT}\n${lineOf(PRINT)}`);
  });

  it('are stepped back through, over functions, into them, and to the call', async () => {
    const { run } = prompt();
    await run(`break steps.c:${WRITE}`, 'c');
    expect(await run('reverse-next')).toBe(lineOf(LOOP));
    expect(await run('reverse-next')).toBe(lineOf(20));
    await run('next');
    expect(await run('reverse-step')).toContain(`add (n=3) at ${FILE}:16\n`);
    await run('reverse-step', 'reverse-step');
    const called = await run('reverse-finish');
    expect(called).toMatch(
      /^Run back to call of #0 .*twice \(n=3\) at .*steps\.c:\d+\n0x[0-9a-f]+ in add \(n=3\) at .*steps\.c:15\n/,
    );
    expect(await run('step')).toContain(`twice (n=3) at ${FILE}:${TWICE}\n`);
  });

  it('are where breakpoints stand, going forward and back', async () => {
    const { run } = prompt();
    expect(await run(`break steps.c:${ADD}`)).toMatch(
      /^Breakpoint 1 at 0x[0-9a-f]+: file guest-programs\/debug\/steps\.c, line 15\.\n$/,
    );
    expect(await run('break 3')).toMatch(/steps\.c, line 10\.\n$/); // the next line with code
    expect(await run('break 500')).toMatch(/^No line 500 in the current file\.\nMake break/);
    expect(await run('delete 2', 'tbreak twice if $a0 > 2', 'c')).toContain(
      `\nBreakpoint 1, add (n=1) at ${FILE}:${ADD}\n`,
    );
    expect(await run('p total', 'c', 'p total')).toContain('$2 = 2\n');
    expect(await run('info break')).toMatch(
      /^1 {7}breakpoint {5}keep y {3}0x[0-9a-f]{16} in add at guest-programs\/debug\/steps\.c:15\n\tbreakpoint already hit 2 times$/m,
    );
    expect(await run('rc', 'p total')).toContain(
      `\nBreakpoint 1, add (n=1) at ${FILE}:${ADD}\n${lineOf(ADD)}$3 = 0\n`,
    );
  });

  it('stand in the stack, and each frame is looked at', async () => {
    const { run } = prompt();
    await run('break twice', 'c');
    expect(await run('bt')).toMatch(
      /^#0 {2}twice \(n=1\) at .*steps\.c:10\n#1 {2}0x[0-9a-f]{16} in add \(n=1\) at .*steps\.c:15\n#2 {2}0x[0-9a-f]{16} in main \(\) at .*steps\.c:20\n$/,
    );
    // through the C library, whose functions have no tables here, to the first instruction
    expect(await run('set backtrace past-main on', 'bt')).toMatch(/\n#5 {2}0x[0-9a-f]{16} in _start \(\)\n$/);
    expect(await run('bt 1', 'bt -1')).toMatch(
      /^#0 .*\n\(More stack frames follow\.\.\.\)\n#5 .*_start \(\)\n$/,
    );
    expect(await run('bt full 1')).toMatch(/^#0 .*\n {8}result = \d+\n/);
    expect(await run('up 2')).toContain(lineOf(20));
    expect(await run('info line')).toMatch(
      /^Line 20 of ".*steps\.c" starts at address 0x[0-9a-f]+ <main\+\d+> and ends at/,
    );
    expect(await run('down')).toContain(lineOf(ADD));
    expect(await run('info threads')).toMatch(
      /^\* +2 +2 .*runnable +0x[0-9a-f]+ <twice\+\d+> at steps\.c:10$/m,
    );
    expect(await run('thread apply all bt 1')).toMatch(
      /^\nThread 2 of process 2 \(program\):\n#0 .*\n\(More stack/,
    );
  });

  it('come with expressions that are displayed at every stop', async () => {
    const { run } = prompt();
    expect(await run('display total', 'display/x $a0', 'display/i $pc')).toMatch(
      /^1: total = 0\n2: \/x \$a0 = 0x0\n3: x\/i \$pc\n=> 0x[0-9a-f]+ <_start>:\t/,
    );
    expect(await run('display nothing')).toContain('nothing');
    expect(await run('undisplay 2', 'info display')).toBe(
      'Auto-display expressions now in effect:\nNum Enb Expression\n1:   y  total\n3:   y  /1bi $pc\n',
    );
    expect(await run('break add', 'c', 'c')).toContain(`${lineOf(ADD)}1: total = 2\n3: x/i $pc\n=> 0x`);
    expect(await run('undisplay', 'c')).not.toContain('total =');
  });

  it('have breakpoints that are made after the end and found in the next run', async () => {
    const { run } = prompt();
    await run('c');
    expect(await run('break add', 'tbreak steps.c:23 if total > 1')).toMatch(
      /^Breakpoint 1 at 0x\w+: file .*, line 15\.\nTemporary breakpoint 2 at 0x\w+: file .*, line 23\.\n$/,
    );
    expect(await run('run')).toContain(`\nBreakpoint 1, add (n=1) at ${FILE}:${ADD}\n`);
    expect(await run('delete 1', 'c')).toContain(`\nTemporary breakpoint 2, main () at ${FILE}:${PRINT}\n`);
  });

  it('have breakpoints with commands, which may go on, and stop going on', async () => {
    const { run } = prompt();
    await run(
      'break add',
      'commands',
      'silent',
      'p total',
      'c',
      'end',
      'break 23',
      'commands 2',
      'p total + 1',
      'end',
    );
    expect(await run('info break')).toMatch(
      /^1 .*\n {8}silent\n {8}p total\n {8}c\n2 .*\n {8}p total \+ 1\n$/m,
    );
    expect(await run('c')).toBe(
      `$1 = 0\n$2 = 2\n$3 = 6\nadded\n\nBreakpoint 2, main () at ${FILE}:${PRINT}\n${lineOf(PRINT)}$4 = 13\n`,
    );
    // what is left of a list is not done after its program has gone on, nor after a mistake
    await run('commands 1', 'c', 'p 99', 'end', 'commands 2', 'p nothing', 'p 98', 'end');
    const again = await run('run');
    expect(again).toContain('No symbol "nothing" in current context.\n');
    expect(again).not.toMatch(/= 9[89]/);
    expect(await run('commands 1', 'end', 'commands 7')).toBe('No breakpoint number 7.\n');
    expect(await run('info break')).not.toContain('p 99');
  });

  it('come with watched variables', async () => {
    const { run } = prompt();
    const text = await run('watch total', 'c', 'c', 'rc');
    expect(text).toContain('\n\nHardware watchpoint 1: total\n\nOld value = 0\nNew value = 2\n');
    expect(text).toContain('Old value = 2\nNew value = 6\n');
    expect(await run('p total')).toBe('$1 = 2\n');
    expect(await run('watch total thread 9', 'info watchpoints')).toContain(
      'total thread 9\n\tstop only in thread 9\n',
    );
    // the end of the process is no change
    expect(await run('c 2', 'c')).toMatch(/exited with 12\]\nThe program has ended\.\n$/);
  });

  it('come with variables of which each access is watched, forward and back', async () => {
    const { run } = prompt();
    const title = /^\nHardware access \(read\/write\) watchpoint 1: total\n/;
    const load = await run('awatch total', 'c');
    expect(load).toMatch(/watchpoint 1: total\n\nValue = 0\n.* in add /s);
    const store = await run('c');
    expect(store).toMatch(title);
    expect(store).toContain('Old value = 0\nNew value = 2\n');
    await run('c', 'c');
    expect(await run('rc')).toContain('Value = 2\n');
    expect(await run('rc')).toMatch(title);
    expect(await run('info break')).toMatch(/^1 {7}acc watchpoint keep y +total$/m);
    // what the kernel does with the memory, or another variable of the page, is no access
    const reads = await run('delete', 'rwatch total', 'c', 'c', 'c', 'c');
    expect(reads.match(/^Hardware read watchpoint 2: total\n\nValue = \d+$/gm)).toHaveLength(4);
    expect(reads).toMatch(/Value = 12\n.*main \(\) at .*steps\.c:23/);
    expect(await run('p total', 'c')).toMatch(/^\$1 = 12\ntotal 12\n/);
  });
});

describe.skipIf(why !== '')(`a deadly signal${why}`, () => {
  const crashing = (): Prompt => promptOn(readFileSync('build/guests/riscv64/debug/signals'));

  it('stops the program before it acts, once, and is found going back', async () => {
    const { run } = crashing();
    const stopped = await run('c');
    expect(stopped).toContain(
      '\nProgram received signal SIGSEGV, Segmentation fault.\n[pid 2] ends by it: {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}\n',
    );
    expect(await run('p $_siginfo.si_signo', 'p $_siginfo._sifields._sigfault.si_addr')).toBe(
      '$1 = 11\n$2 = (void *) 0x0\n',
    );
    expect(await run('bt')).toMatch(/^#0 .* in crash \(.*\) at .*signals\.c:\d+\n#1 .* in main \(/);
    expect(await run('c')).toBe('[pid 2 (program) killed by SIGSEGV]\nThe program has ended.\n');
    expect(await run('rc', 'bt')).toMatch(/received signal SIGSEGV[\s\S]*#0 .* in crash \(/);
  });

  it('that has a handler is passed on, unless it is caught', async () => {
    const { run } = crashing();
    expect(await run('catch signal SIGUSR1', 'c')).toContain('Catchpoint 1 (signal SIGUSR1), pid 2');
    expect(await run('c')).toContain('received signal SIGSEGV');
  });
});

describe.skipIf(why !== '')(`handle${why}`, () => {
  it('stops at signals, says what is set, and takes none away', async () => {
    const { run } = promptOn(readFileSync('build/guests/riscv64/debug/signals'));
    expect(await run('handle SIGUSR1 stop', 'info signals 12')).toBe(
      'Signal        Stop\tPrint\tPass to program\tDescription\nSIGUSR1       Yes\tYes\tYes\t\tUser defined signal 1\nSignal        Stop\tPrint\tPass to program\tDescription\nSIGUSR2       No\tNo\tYes\t\tUser defined signal 2\n',
    );
    expect(await run('info break')).toBe('No breakpoints or watchpoints.\n');
    expect(await run('c')).toContain('\nProgram received signal SIGUSR1, User defined signal 1.\n');
    expect(await run('bt')).toMatch(/^#0 .* in .*kill.*\n(.*\n)*#\d+ .* in main \(\) at .*signals\.c/);
    expect(await run('handle SIGNOT stop', 'handle')).toBe(
      'Unrecognized or ambiguous flag word: "SIGNOT".\nArgument required (signal to handle).\n',
    );
    await run('handle SIGUSR1 nostop noprint');
    expect(await run('run')).not.toContain('SIGUSR1');
  });

  it('tells of signals on the way, and keeps them from the program: going back undoes that', async () => {
    const { run } = promptOn(readFileSync('build/guests/riscv64/debug/signals'));
    await run('handle SIGUSR1 print nostop nopass');
    expect(await run('c')).toMatch(
      /^\nProgram received signal SIGUSR1, User defined signal 1\.\nhandled 0\n\nProgram received signal SIGSEGV/,
    );
    await run('handle SIGUSR1 pass');
    expect(await run('goto 0', 'c')).toMatch(/received signal SIGUSR1[\s\S]*handled 10\n/);
    expect(await run('handle SIGSEGV nopass', 'c')).toContain('received signal SIGSEGV');
    expect(await run('handle SIGSEGV pass', 'c')).toContain('killed by SIGSEGV');
  });

  it('stops before the handler, which another signal or none may be put in the place of', async () => {
    const { run } = promptOn(readFileSync('build/guests/riscv64/debug/signals'));
    await run('handle SIGUSR1 stop', 'break on_signal');
    expect(await run('c', 'signal 0')).toMatch(/Continuing with no signal\.\nhandled 0\n/);
    await run('run');
    expect(await run('c')).toContain('on_signal (signal=10)');
    expect(await run('bt')).toMatch(
      /^#0 .*on_signal \(.*\n#1 {2}<signal handler called>\n#2 .*kill[\s\S]* main \(\) at/,
    );
    expect(await run('up', 'info locals', 'down')).toContain('No symbol table info available.\n');
    await run('run');
    expect(await run('queue-signal SIGTERM', 'c')).toContain('killed by SIGTERM');
  });
});

describe.skipIf(why !== '')(`a watchpoint on a variable of a function${why}`, () => {
  const watching = (): Prompt => promptOn(readFileSync('build/guests/riscv64/debug/steps'));

  it('ends with its frame, going forward and back, and as the condition says', async () => {
    const { run } = watching();
    await run('break twice', 'c', 'delete');
    expect(await run('watch result')).toBe('Hardware watchpoint 2: result\n');
    expect(await run('c')).toMatch(/^\nHardware watchpoint 2: result\n\nOld value = .*\nNew value = 2\n/);
    const ended =
      'Watchpoint 2 deleted because the program has left the block in\nwhich its expression is valid.\n';
    expect(await run('c')).toMatch(new RegExp(`^\\n${ended}0x\\w+ in add \\(n=1\\) at .*steps.c:15\\n`));
    expect(await run('info watchpoints')).toBe('No watchpoints.\n');
    await run('run', 'tbreak twice', 'run', 'watch result', 'c');
    expect(await run('rc')).toContain('No more reverse-execution history');
    await run('delete', 'break twice if n == 2', 'c', 'delete', 'watch result if result > 100');
    expect(await run('finish')).toMatch(/left the block in\n[\s\S]*Value returned is \$\d+ = 4\n/);
  });

  it('with -l watches the place', async () => {
    const { run } = watching();
    await run('break twice', 'c', 'delete');
    expect(await run('watch -l result', 'c', 'c')).toContain('Hardware watchpoint 2: -location result');
    expect(await run('info watchpoints')).toContain('-location result');
  });
});

describe.skipIf(why !== '')(`what one store changes${why}`, () => {
  it('stops all watchpoints on it at once, and the breakpoint behind it, forward and back', async () => {
    const { run } = promptOn(readFileSync(PROGRAM), { 'steps.c': SOURCE });
    await run('break add', 'c', 'watch total', 'watch *(char *)&total', 'break 16', 'c 1', 'delete 1');
    const hits = [
      '\nHardware watchpoint 2: total\n\nOld value = 2\nNew value = 6\n',
      "\nHardware watchpoint 3: *(char *)&total\n\nOld value = 2 '\\002'\nNew value = 6 '\\006'\n",
      '\nBreakpoint 4, add (n=2) at guest-programs/debug/steps.c:16\n16\t}\n',
    ].join('');
    expect(await run('c')).toBe(hits);
    const list = await run('info breakpoints');
    expect(list.match(/breakpoint already hit 2 times/g)).toHaveLength(3);
    await run('c');
    expect(await run('rc')).toBe(hits);
    await run('commands 2', 'silent', 'p 20', 'end', 'commands 3', 'silent', 'p 30', 'end', 'delete 4');
    expect(await run('rc', 'c')).toBe('$1 = 20\n$2 = 30\n$3 = 20\n$4 = 30\n');
  });
});

describe('a catchpoint', () => {
  it('made by tcatch stops once', async () => {
    const { run } = promptOn('hello');
    expect(await run('tcatch syscall write', 'c')).toContain('[pid 2] write(1, "hello');
    expect(await run('info break')).toBe('No breakpoints or watchpoints.\n');
    expect(await run('c')).toContain('The program has ended.');
  });

  it('has commands as a breakpoint has, whatever it catches', async () => {
    const { run } = promptOn('pair');
    await run(
      'catch fork',
      'commands',
      'p $_pid * 10',
      'c',
      'end',
      'catch syscall exit_group',
      'commands',
      'p 5',
      'end',
    );
    expect(await run('c')).toMatch(
      /^Catchpoint 1 \(forked process 3\).*\n\$1 = 30\nchild: .*\nCatchpoint 2 \(call to exit_group\)\n.*\n\$2 = 5\n$/m,
    );
  });

  it('is listed with what it is about', async () => {
    const { run } = promptOn('pair');
    const list = await run('catch fd 3', 'catch socket /run/x', 'catch fork', 'info break');
    expect(list).toMatch(/calls about fd 3$/m);
    expect(list).toMatch(/calls about the socket "\/run\/x"$/m);
    expect(await run('delete 1', 'c')).toMatch(/Catchpoint 3 \(forked process 3\), child of pid 2\n/);
  });
});

describe.skipIf(why !== '')(`catchpoints${why}`, () => {
  it('shows at the entry of clone3 what it is given, and at its end what it wrote', async () => {
    const { run } = promptOn(readFileSync('build/guests/riscv64/process/clone3'));
    const given = 'clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0}';
    expect(await run('catch syscall clone3', 'c')).toContain(`[pid 2] ${given} ...\n`);
    expect(await run('c')).toContain(`[pid 2] ${given}, 88) = 3\n`);
    let text = '';
    for (let stops = 0; stops < 60 && !text.includes('=> '); stops++) text = await run('c');
    expect(text).toMatch(/stack_size=0\} => \{pidfd=\[3\], parent_tid=\[\d+\]\}, 88\) = \d+\n/);
  });

  it('for forks does not stop at threads, nor one for threads at forks', async () => {
    const { run } = promptOn(readFileSync('build/guests/riscv64/debug/threads'));
    expect(await run('catch fork', 'catch vfork', 'tcatch thread', 'c')).toMatch(
      /\nTemporary catchpoint 3 \(new thread 3 of pid 2\)\n$/,
    );
    expect(await run('c')).toContain('all met\n');
    const forks = promptOn('pair');
    expect(await forks.run('catch thread', 'c')).toContain('The program has ended.');
  });
});

describe.skipIf(why !== '')(`without debug information${why}`, () => {
  it('the stack ends at main, in programs without debug information too', async () => {
    const nameless = readFileSync(PROGRAM, 'latin1').replaceAll('.debug_', '.nobug_');
    const { run } = promptOn(Buffer.from(nameless, 'latin1'));
    expect(await run('break write', 'c', 'bt')).toMatch(/\n#\d+ .* in main \(\)\n$/);
    expect(await run('set backtrace past-main on', 'bt')).toMatch(/ in main \(\)\n#\d+ .*_start/s);
  });
});
