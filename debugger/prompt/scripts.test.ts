// Scripts of the prompt: blocks, defined commands, printing breakpoints, checkpoints, stop points that are kept.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { promptOn } from './prompt.test-support.ts';

const STEPS = readFileSync('build/guests/riscv64/debug/steps');

describe('scripts', () => {
  it('run the block that an if means, and loops until they are left', async () => {
    const { run } = promptOn('hello');
    expect(await run('if 1 > 2', 'p 1', 'else', 'if 1', 'p 2', 'end', 'end')).toBe('$1 = 2\n');
    expect(
      await run(
        'set $i = 0',
        'while 1',
        'set $i = $i + 1',
        'if $i == 2',
        'loop_continue',
        'end',
        'if $i > 3',
        'loop_break',
        'end',
        'p $i',
        'end',
      ),
    ).toBe('$2 = 1\n$3 = 3\n');
  });

  it('define commands with arguments, help and hooks', async () => {
    const { run } = promptOn('hello');
    await run('define both', 'p $arg0 + $arg1', 'p $argc', 'end', 'document both', 'Adds two.', 'end');
    expect(await run('both 2 3')).toBe('$1 = 5\n$2 = 2\n');
    expect(await run('help both')).toBe('Adds two.\n');
    expect(await run('show user both')).toBe('User command "both":\n  p $arg0 + $arg1\n  p $argc\n\n');
    await run('define hook-echo', 'printf "<"', 'end', 'define hookpost-echo', 'printf ">\\n"', 'end');
    expect(await run('echo x')).toBe('<x>\n');
    expect(await run('document nothing')).toBe('Undefined command: "nothing".  Try "help".\n');
    expect(await run('alias px = print/x', 'px 255')).toBe('$3 = 0xff\n');
  });

  it('stop a command that calls itself without end', async () => {
    const { run } = promptOn('hello');
    await run('define again', 'again', 'end');
    expect(await run('again')).toBe('Max user call depth exceeded -- command aborted.\n');
  });

  it('say in which line of which file they went wrong, through those that source each other', async () => {
    const { run } = promptOn('hello', { outer: 'p 1\nsource inner\np 3\n', inner: 'p nosuch\np 2\n' });
    expect(await run('source outer')).toBe(
      '$1 = 1\nouter:2: Error in sourced command file:\ninner:1: Error in sourced command file:\n' +
        'No symbol "nosuch" in current context.\n',
    );
    expect(await run('p nosuch')).toBe('No symbol "nosuch" in current context.\n');
  });

  it('run hook-stop at every stop', async () => {
    const { run } = promptOn('pair');
    await run('define hook-stop', 'echo stopped\\n', 'end');
    expect(await run('catch syscall socketpair', 'c')).toMatch(/socketpair\(.*\nstopped\n$/);
  });
});

describe('places without a stop', () => {
  it('dprintf prints and goes on, and is told nothing of on the way back', async () => {
    const { run } = promptOn(STEPS);
    await run('dprintf twice,"at %d\\n", n', 'catch syscall write');
    expect(await run('c')).toBe(
      'at 1\nat 2\nat 3\nCatchpoint 2 (call to write)\n[pid 2] write(1, "added\\n", 6 ...\n',
    );
    expect(await run('info breakpoints')).toMatch(/1 +dprintf .*\n.*\n +printf "at %d\\n", n\n/);
    expect(await run('rc')).toContain('No more reverse-execution history');
  });

  it('enable once and enable count disable a breakpoint when it has stopped', async () => {
    const { run } = promptOn(STEPS);
    await run('break twice', 'enable count 2 1');
    expect(await run('info breakpoints')).toMatch(/ dis +y .*\n\tdisable after next 2 hits\n/);
    await run('c', 'c');
    expect(await run('info breakpoints')).toMatch(/^1 .* n /m);
    await run('enable once 1');
    expect(await run('info breakpoints')).toMatch(/ dis +y /);
  });

  it('checkpoints are moments to come back to', async () => {
    const { run } = promptOn(STEPS);
    await run('break twice', 'c');
    expect(await run('checkpoint')).toMatch(/^Checkpoint 1: position /);
    const there = await run('when');
    await run('delete', 'c');
    expect(await run('restart 1')).toMatch(/^Switching to checkpoint 1\n/);
    expect(await run('when')).toBe(there);
    expect(await run('info checkpoints')).toMatch(/^\* 1 Position /);
    expect(await run('delete checkpoint 1', 'info checkpoints')).toBe('No checkpoints.\n');
  });

  it('jump goes on at another place', async () => {
    const { run } = promptOn(STEPS);
    await run('break 23', 'c');
    expect(await run('tbreak 20', 'jump 20')).toMatch(
      /^Temporary breakpoint 2 .*\nContinuing at 0x\w+\.\n\nTemporary breakpoint 2, main /,
    );
  });

  it('frame apply and faas run a command for frames', async () => {
    const { run } = promptOn(STEPS);
    await run('break twice', 'c');
    expect(await run('frame apply 2 p $sp == 0')).toMatch(
      /^#0 {2}twice .*\n\$1 = 0\n#1 {2}.* in add .*\n\$2 = 0\n$/,
    );
    expect(await run('faas p n')).toMatch(/^#0 {2}twice .*\n\$3 = 1\n#1 {2}.*add .*\n\$4 = 1\n$/);
  });

  it('a watchpoint that is made after the end finds the last change on the way back', async () => {
    const { run } = promptOn(STEPS);
    await run('c');
    expect(await run('watch total')).toBe('Hardware watchpoint 1: total\n');
    expect(await run('rc')).toMatch(
      /Hardware watchpoint 1: total\n\nOld value = 6\nNew value = 12\nadd \(n=3\)/,
    );
  });
});
