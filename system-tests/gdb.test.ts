// gdb-multiarch attached to the built command line: what a person does with it, in batch mode, compared by what gdb prints.
// Needs gdb-multiarch and the cross compiler's programs; without them the tests are skipped and say so.
import { existsSync } from 'node:fs';
import net from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { serveGdb } from './gdb-server.ts';
import { notBuilt, rivulet } from './rivulet.ts';

const GDB = '/usr/bin/gdb-multiarch';
const PROGRAMS = resolve('build/guests/riscv64/debug');

const missing =
  notBuilt ??
  (existsSync(GDB) ? undefined : 'gdb-multiarch is not installed') ??
  (existsSync(`${PROGRAMS}/steps`) ? undefined : 'guest programs are not compiled: npm test does it');
const why = missing ? ` [skipped: ${missing}]` : '';

/** What gdb prints for `commands` on `program`, and what the program did. */
async function gdb(
  program: string,
  commands: readonly string[],
): Promise<{ said: string; status: number; stdout: string }> {
  const { port, ended } = await serveGdb(`${PROGRAMS}/${program}`);
  const all = ['set pagination off', 'set width 0', 'set sysroot /', `target remote :${port}`, ...commands];
  const { stdout, stderr } = await run(
    GDB,
    ['-nx', '-q', '-batch', ...all.flatMap((command) => ['-ex', command]), `${PROGRAMS}/${program}`],
    { timeoutMs: HANG_MS },
  );
  const outcome = await ended;
  return { said: `${stdout}\n--- stderr\n${stderr}`, status: outcome.status, stdout: outcome.stdout };
}

/** All of these are in the text, in this order. */
function expectInOrder(text: string, patterns: readonly RegExp[]): void {
  let at = 0;
  for (const pattern of patterns) {
    const found = pattern.exec(text.slice(at));
    expect(found, `${pattern} after:\n${text.slice(0, at)}\n=== in:\n${text.slice(at)}`).not.toBeNull();
    at += (found?.index ?? 0) + (found?.[0].length ?? 0);
  }
}

describe.skipIf(missing)(`gdb${why}`, () => {
  test('breaks, steps by line and instruction, shows the stack with lines, and watches a variable', async () => {
    const { said, status, stdout } = await gdb('steps', [
      'break main',
      'continue',
      'next',
      'step',
      'backtrace',
      'stepi',
      'info registers pc sp',
      'watch total',
      'continue',
      'continue',
      'print total',
      'delete',
      'continue',
    ]);
    expectInOrder(said, [
      /Breakpoint 1, main \(\) at .*steps\.c:\d+/,
      /add\(i\);/,
      /add \(n=1\) at .*steps\.c:\d+\n.*steps: sum/,
      /#0 +add \(n=1\) at .*steps\.c:\d+\n#1 .* main \(\) at .*steps\.c:\d+/,
      /0x[0-9a-f]+\s.*steps: sum/,
      /pc +0x[0-9a-f]+\s+0x[0-9a-f]+ <add\+\d+>/,
      /Hardware watchpoint 2: total/,
      /Old value = 0\nNew value = 2\n/,
      /Old value = 2\nNew value = 6\n/,
      /\$1 = 6/,
      /exited with code 014\]/,
    ]);
    expect(status).toBe(12);
    expect(stdout).toBe('added\ntotal 12\n');
  });

  test('stops where a variable is read, and where it is read or written', async () => {
    const { said } = await gdb('steps', [
      'rwatch total',
      'continue',
      'backtrace 1',
      'delete',
      'awatch total',
      'continue',
      'continue',
    ]);
    expectInOrder(said, [
      /Hardware read watchpoint 1: total/,
      /Hardware read watchpoint 1: total\n\nValue = 0\n/,
      /#0 .*add \(n=1\) at .*steps\.c:\d+/,
      /Hardware access \(read\/write\) watchpoint 2: total/,
      /Hardware access \(read\/write\) watchpoint 2: total\n\nOld value = 0\nNew value = 2\n/,
      /Hardware access \(read\/write\) watchpoint 2: total\n\nValue = 2\n/,
    ]);
  });

  test('hears of all watchpoints that one store concerns', async () => {
    const { said } = await gdb('steps', [
      'watch *(int (*)[2])((char *)&total - 4)',
      'watch total',
      'continue',
    ]);
    expectInOrder(said, [
      /\nHardware watchpoint 1: .*\n\nOld/,
      /\nHardware watchpoint 2: total\n\nOld value = 0\nNew value = 2\n/,
    ]);
  });

  test('goes back by instruction, to a breakpoint, to a watchpoint, and to the beginning', async () => {
    const { said } = await gdb('steps', [
      'break 24',
      'continue',
      'print $pc',
      'stepi',
      'reverse-stepi',
      'print $pc',
      'watch total',
      'reverse-continue',
      'backtrace 1',
      'print total',
      'delete',
      'break twice',
      'reverse-continue',
      'reverse-continue',
      'reverse-continue',
      'finish',
      'monitor when',
      'reverse-finish',
      'delete',
      'reverse-continue',
      'continue',
    ]);
    expectInOrder(said, [
      /Breakpoint 1, main \(\)/,
      /\$1 = .* (0x[0-9a-f]+) <main\+\d+>/,
      /\$2 = .* 0x[0-9a-f]+ <main\+\d+>/,
      /Old value = 12\nNew value = 6\n/,
      /#0 .* add \(n=3\)/,
      /\$3 = 6/,
      /twice \(n=3\)/,
      /twice \(n=2\)/,
      /twice \(n=1\)/,
      /Value returned is \$4 = 2/,
      /No more reverse-execution history\.[\s\S]*?_start \(\)/,
      /exited with code 014\]/,
      /stderr[\s\S]*\n\d+\.\d+\n/,
    ]);
    const [, there, back] = /\$1 = .*? (0x\w+)[\s\S]*?\$2 = .*? (0x\w+)/.exec(said) ?? [];
    expect(there).toBeDefined();
    expect(back).toBe(there);
  });

  test('keeps parent and child of a fork, and lets only the chosen one run', async () => {
    const { said, status } = await gdb('forks', [
      'set detach-on-fork off',
      'break in_parent',
      'continue',
      'inferior 2',
      'break in_child',
      'continue',
      'backtrace',
      'info inferiors',
      'continue',
      'inferior 1',
      'delete',
      'continue',
    ]);
    expectInOrder(said, [
      /New inferior 2 \(process \d+\)/,
      /Thread 1\.1 .* hit Breakpoint 1.*in_parent \(child=\d+\)/,
      /Switching to inferior 2/,
      /Thread 2\.1 .* hit Breakpoint 2.*in_child \(\)/,
      /#0 +in_child \(\).*\n#1 .* main \(\)/,
      / 1 +process \d+ .*\n\* 2 +process \d+/,
      /Inferior 2 \(process \d+\) exited with code 07\]/,
      /Inferior 1 \(process \d+\) exited normally\]/,
    ]);
    expect(status).toBe(0);
  });

  test('follows the child of a fork while the parent runs on by itself', async () => {
    const { said, status, stdout } = await gdb('forks', [
      'set follow-fork-mode child',
      'break in_child',
      'continue',
      'next',
      'next',
      'print status',
      'continue',
    ]);
    expectInOrder(said, [
      /Attaching after .* fork to child/,
      /Detaching after fork from parent/,
      /hit Breakpoint 1, in_child \(\)/,
      /\$1 = 7/,
      /Inferior 2 \(process \d+\) exited with code 07\]/,
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'child ended with 7\n' });
  });

  test('stops at vfork and exec', async () => {
    const { said, stdout } = await gdb('spawns', [
      'set follow-fork-mode child',
      'catch vfork',
      'catch exec',
      'continue',
      'continue',
      'break again',
      'continue',
      'backtrace 1',
      'continue',
    ]);
    expectInOrder(said, [
      /Catchpoint 1 \(vforked process \d+\)/,
      /Catchpoint 2 \(exec'd .*spawns\)/,
      /hit Breakpoint 3, again \(\)/,
      /#0 +again \(\) at .*spawns\.c/,
      /exited with code 03\]/,
    ]);
    expect(stdout).toBe('again\nthe other one ended with 3\n');
  });

  test('lists threads with what they sleep in, and the stack of each', async () => {
    const { said, stdout } = await gdb('threads', [
      'break meet if number == 2',
      'continue',
      'info threads',
      'thread apply all backtrace',
      'thread 2',
      'frame function meet',
      'print number',
      'delete',
      'continue',
    ]);
    expectInOrder(said, [
      /hit Breakpoint 1, meet \(number=2\)/,
      / 1 +Thread .*sleeps in futex/,
      / 2 +Thread .*sleeps in futex/,
      /\* 3 +Thread .* meet \(number=2\)/,
      /Thread 3 [\s\S]*?meet \(number=2\)[\s\S]*?worker/,
      /Thread 2 [\s\S]*?meet \(number=1\)[\s\S]*?worker/,
      /Thread 1 [\s\S]*?meet \(number=0\)[\s\S]*?main \(\)/,
      /\$1 = 1/,
      /exited normally\]/,
    ]);
    expect(stdout).toBe('all met\n');
  });

  test('finds the thread-local variables of each thread', async () => {
    const { said, stdout } = await gdb('thread-locals', [
      'break around',
      'continue',
      'continue',
      'finish',
      'print (int)errno',
      'print (int)__libc_errno',
      'thread 1',
      'print (int)errno',
      'print *(char(*)[8])&name',
      'continue',
    ]);
    expectInOrder(said, [/\$1 = 14/, /\$2 = 9/, /\$3 = 9/, /\$4 = 0/, /\$5 = "first/]);
    expect(stdout).toBe('14 114 first\n');
  });

  test('shows signals before they act, and can keep one from the program', async () => {
    const { said, status, stdout } = await gdb('signals', [
      'continue',
      'print count',
      'signal 0',
      'backtrace 2',
      'print $_siginfo.si_signo',
      'continue',
    ]);
    expectInOrder(said, [
      /Program received signal SIGUSR1/,
      /\$1 = 0/,
      /Program received signal SIGSEGV/,
      /#0 .* crash \(nowhere=0x0\)[\s\S]*?main \(\)/,
      /\$2 = 11/,
      /Program terminated with signal SIGSEGV/,
    ]);
    expect({ status, stdout }).toEqual({ status: 139, stdout: 'handled 0\n' });
  });

  test('catches system calls, decoded, by a monitor command', async () => {
    const { said, status } = await gdb('steps', [
      'monitor help',
      'monitor catch syscall write',
      'continue',
      'continue',
      'monitor catch off',
      'monitor info processes',
      'kill',
    ]);
    const [console, monitored] = said.split('--- stderr') as [string, string];
    expectInOrder(console, [/ in write \(\)/, / in write \(\)/, /killed\]/]);
    expectInOrder(monitored, [
      /monitor goto TICK/,
      /Caught: write\./,
      /write\(1, "added\\n", 6 <unfinished \.\.\.>\n/,
      /write\(1, "added\\n", 6\) = 6\n/,
      /pid \d+ \(steps\): 1 thread/,
    ]);
    expect(status).toBe(137);
  });

  test('lets the program run on to its end when the connection goes away, whatever came over it', async () => {
    for (const bytes of ['', '$vCont;c#a8', '$?#00#$$}}\x03\xff$vFile:open:zz#00', '+$D;2#b1']) {
      const { port, ended } = await serveGdb(`${PROGRAMS}/steps`);
      const socket = net.connect(port, '127.0.0.1');
      await new Promise((ready) => socket.once('connect', ready));
      socket.write(bytes, 'latin1', () => socket.destroy());
      expect(await ended).toMatchObject({ status: 12, stdout: 'added\ntotal 12\n' });
    }
  });

  test('reads programs and libraries through the connection', async () => {
    const { port, ended } = await serveGdb(`${PROGRAMS}/steps`);
    const commands = [`target remote :${port}`, 'break add', 'continue', 'backtrace', 'info auxv', 'detach'];
    const { stdout } = await run(GDB, ['-nx', '-q', '-batch', ...commands.flatMap((each) => ['-ex', each])]);
    expectInOrder(stdout, [
      /Breakpoint 1, .*add \(n=1\)/,
      /#1 .* main \(\)/,
      /AT_ENTRY .*0x[0-9a-f]+/,
      /detached\]/,
    ]);
    expect(await ended).toMatchObject({ status: 12, stdout: 'added\ntotal 12\n' });
  });
});

describe.skipIf(notBuilt)('debug --gdb', () => {
  const hello = resolve('guest-programs/prebuilt/hello');

  test('says in one line that the port is in use', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => listener.once('listening', ready));
    const { port } = listener.address() as net.AddressInfo;
    const outcome = await rivulet(['debug', '--gdb', String(port), hello]);
    listener.close();
    expect(outcome).toMatchObject({
      status: 125,
      stderr: `rivulet: --gdb 127.0.0.1:${port}: the port is in use\n`,
    });
    expect(await rivulet(['debug', '--gdb', 'x', hello])).toMatchObject({
      stderr: expect.stringMatching(/^rivulet: --gdb x: must be a port.*\n$/),
    });
  });
});
