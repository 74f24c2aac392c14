// The prompt in optimised code: inlined functions, values that move, breakpoints with several places.
// guest-programs/debug/optimized.c is the program. What gdb prints for the same is compared in system-tests/gdb-alike.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const PROGRAM = 'build/guests/riscv64/debug/optimized';
const VALUES = 'build/guests/riscv64/debug/values';
const why = existsSync(PROGRAM) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';
const SOURCE = readFileSync('guest-programs/debug/optimized.c', 'utf8');

const prompt = (): Prompt => promptOn(readFileSync(PROGRAM), { 'optimized.c': SOURCE });
const values = (): Prompt =>
  promptOn(readFileSync(VALUES), { 'values.c': readFileSync('guest-programs/debug/values.c', 'utf8') });

describe.skipIf(why !== '')(`inlined functions${why}`, () => {
  it('have frames of their own, with lines of the functions that they are in', async () => {
    const { run } = prompt();
    await run('break square', 'c');
    expect(await run('bt')).toMatch(
      /^#0 .* in square \(x=.*\) at .*:13\n#1 {2}sum_of_squares \(.*\) at .*:20\n#2 {2}distance \(count=3, .*\) at .*:33\n#3 .* in main \(.*\) at .*:47\n$/,
    );
    expect(await run('up', 'info locals')).toMatch(
      /^#1 {2}sum_of_squares .*\n20\t.*\nleft = .*\nright = .*\n$/,
    );
    expect(await run('p total')).toBe('No symbol "total" in current context.\n');
    expect(await run('up', 'p i', 'p distance::count')).toMatch(/\n\$1 = 0\n\$2 = 3\n$/);
  });

  it('have a breakpoint at each copy, of which some may be switched off', async () => {
    const { run } = prompt();
    expect(await run('break square')).toMatch(/^Breakpoint 1 at 0x[0-9a-f]+: square\. \(2 locations\)\n$/);
    expect(await run('disable 1.1', 'info break')).toMatch(
      /^1 .*<MULTIPLE>.*\n1\.1 +n .*\n1\.2 +y .* in square at .*:13\n$/m,
    );
    expect(await run('c')).toMatch(/^\nBreakpoint 1\.2, /);
    expect(await run('disable 1.3')).toBe("Bad breakpoint location number '3'\n");
  });

  it('are stepped into, over, and out of', async () => {
    const { run } = prompt();
    await run('break distance', 'c');
    const over = await run('next', 'next', 'next', 'next');
    expect(over).not.toMatch(/(?:square|sum_of_squares) \(\w+=/);
    const into = await run('kill', 'run', 'step', 'step', 'step');
    expect(into).toMatch(/^(?:0x[0-9a-f]+ in )?(?:square|sum_of_squares) \(/m);
    await run('delete', 'kill', 'break square', 'run');
    expect(await run('finish')).toMatch(
      /^Run till exit from #0 .*square.*\n0x[0-9a-f]+ in (?:distance|sum_of_squares) \(/,
    );
  });

  it('complete where a function is typed, though no symbol is left of them', () => {
    const { engine } = prompt();
    engine.debugging.prepare();
    expect(engine.completions('break squ')[0]).toEqual(['square']);
    expect(engine.completions('break optimized.c')[0]).toEqual(['optimized.c:']);
  });
});

describe.skipIf(why !== '')(`values of optimised code${why}`, () => {
  it('are those of registers, of callers, of pieces, or gone', async () => {
    const { run } = prompt();
    await run('break gone', 'c');
    expect(await run('bt 1')).toMatch(/^#0 {2}gone \(used=used@entry=1, dead=7\) at .*:41\n/);
    expect(await run('set var used = 5', 'p used', 'p $a0', 'p &used')).toBe(
      '$1 = 5\n$2 = 5\nAddress requested for identifier "used" which is in register $a0\n',
    );
    await run('kill', 'break distance', 'run');
    expect(
      await run('p label', 'p *label', 'p label[4]', 'p unused', 'p unused + 1', 'p sizeof(unused)'),
    ).toBe(
      "$3 = <synthetic pointer>\n$4 = 108 'l'\n$5 = 108 'l'\n$6 = <optimized out>\nvalue has been optimized out\n$7 = 4\n",
    );
  });
});

describe.skipIf(why !== '')(`the program's values${why}`, () => {
  it('are changed, also bit-fields, and going back undoes it', async () => {
    const { run } = values();
    await run('break mean', 'c', 'when');
    expect(
      await run('set var outer.bits.low = 2', 'p outer.bits', 'p outer.bits.tiny = -1', 'p outer.bits'),
    ).toBe(
      '$1 = {low = 2, high = 17, tiny = -3, colour = BLUE}\n$2 = -1\n$3 = {low = 2, high = 17, tiny = -1, colour = BLUE}\n',
    );
    expect(
      await run('p first.name = 0', 'p counter += 2', 'p tenth = 2.5', 'p matrix[1][2]++', 'p matrix'),
    ).toBe('$4 = 0x0\n$5 = 43\n$6 = 2.5\n$7 = 6\n$8 = {{1, 2, 3}, {4, 5, 7}}\n');
    await run('rsi');
    expect(await run('p counter', 'p outer.bits.low')).toBe('$9 = 41\n$10 = 5\n');
  });

  it('count hits, ignore some, and are printed by commands', async () => {
    const { run } = values();
    await run('break 112', 'ignore 1 2');
    expect(await run('c', 'p node->value', 'info break')).toMatch(
      /\$1 = 3\nNum[\s\S]*breakpoint already hit 3 times\n$/,
    );
    expect(await run('rc', 'p node->value')).toContain('$2 = 2\n');
    expect(await run('ignore 1 0', 'ignore 1', 'ignore 7 1')).toBe(
      'Will stop next time breakpoint 1 is reached.\nSecond argument (specified ignore-count) is missing.\nNo breakpoint number 7.\n',
    );
    expect(await run('printf "%s=%d\\n", node->name, node->value', 'output node->value', 'echo \\n')).toBe(
      'middle=2\n2\n',
    );
  });

  it('are given back by functions, when they end and when they are left', async () => {
    const { run } = values();
    await run('break mean', 'break copy_of', 'c');
    expect(await run('finish')).toMatch(
      /Value returned is \$1 = \{value = 10, name = 0x[0-9a-f]+ "first", next = 0x[0-9a-f]+ <middle>\}\n$/,
    );
    await run('c');
    expect(await run('return 7.5')).toMatch(/^#0 {2}0x[0-9a-f]+ in main \(.*\) at .*:113\n113\t/);
    expect(await run('next', 'p average')).toContain('$2 = 7.5\n');
    expect(await run('return 1')).toBe('Can not force return here: what called the function is not known.\n');
  });

  it('are members that Tab knows, and names of settings', async () => {
    const { run, engine } = values();
    await run('break mean', 'c');
    expect(engine.completions('p outer.bi')[0]).toEqual(['outer.bits']);
    expect(engine.completions('p first.next->na')[0]).toEqual(['first.next->name']);
    expect(engine.completions('p 1+valu')[0]).toEqual(['1+values']);
    expect(engine.completions('p (struct no')[0]).toContain('node');
    expect(engine.completions('set print pr')[0]).toEqual(['pretty']);
    expect(engine.completions('info li')[0]).toEqual(['line']);
    expect(engine.completions('info registers s1')[0]).toEqual(['s1', 's10', 's11']);
    expect(engine.completions('info threads ')[0]).toEqual([]);
    expect(engine.completions('p 1+$p')[0]).toEqual(['1+$pc']);
    expect(engine.completions('advance main_')[0]).toEqual(['main_arena']);
    expect(engine.completions('info scope main_')[0]).toEqual(['main_arena']);
  });

  it('are shown as settings want them', async () => {
    const { run } = values();
    await run('break mean', 'c');
    expect(await run('set print pretty on', 'p outer.bits', 'show print pretty')).toBe(
      '$1 = {\n  low = 5,\n  high = 17,\n  tiny = -3,\n  colour = BLUE\n}\nPretty formatting of structures is on.\n',
    );
    expect(await run('set print elements 3', 'p table', 'p text')).toBe('$2 = {1, 2, 3...}\n$3 = "hel"...\n');
    expect(await run('set print elements x', 'set print pretty 7', 'show nothing')).toBe(
      'integer or "unlimited" expected.\n"on" or "off" expected.\nUndefined show command: "nothing".  Try "help show".\n',
    );
    expect(await run('set $n = 3', 'show convenience', 'show values')).toMatch(/^\$n = 3\n\$1 = \{/);
  });
});
