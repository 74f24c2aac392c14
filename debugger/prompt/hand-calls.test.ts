// Functions of the program called from expressions: how arguments and results travel, and that going back undoes the calls.
// What gdb prints of the same is compared in system-tests/gdb-alike.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { promptOn } from './prompt.test-support.ts';

const PROGRAM = 'build/guests/riscv64/debug/calls';
const why = existsSync(PROGRAM) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';
const SOURCE = existsSync(PROGRAM) ? readFileSync('guest-programs/debug/calls.c', 'utf8') : '';
const LINE = SOURCE.split('\n').findIndex((line) => line.includes('calls: here')) + 1;

describe.skipIf(why !== '')(`functions that are called by hand${why}`, () => {
  it('are part of the run: going back undoes what they did, going forward again repeats it', async () => {
    const { run } = promptOn(readFileSync(PROGRAM), { 'calls.c': SOURCE });
    await run(`break ${LINE}`, 'continue');
    expect(await run('p total', 'p count(3)', 'p total')).toBe('$1 = 0\n$2 = 3\n$3 = 3\n');
    const before = (await run('when')).trim();
    const position = /Position (\S+),/.exec(before)?.[1];
    await run('call count(4)', 'call count(5)');
    expect(await run('p total')).toBe('$6 = 12\n');
    expect(await run(`goto ${position}`, 'p total')).toContain('$7 = 3\n');
    expect(await run('p count(1)', 'next', 'p total')).toMatch(/\$8 = 4\n[^$]*\$9 = 4\n/);
    expect(await run('goto 0', `tbreak ${LINE}`, 'delete 1', 'continue', 'p total')).toMatch(/\$10 = 0\n$/);
  });

  it('evaluate what stands before a call once, and leave frames and registers as they were', async () => {
    const { run } = promptOn(readFileSync(PROGRAM), { 'calls.c': SOURCE });
    await run('break fact if n == 2', 'continue', 'up 2');
    expect(await run('p $i = 3', 'p $i++ + count(2) + count(3)', 'p $i')).toBe('$1 = 3\n$2 = 10\n$3 = 4\n');
    expect(await run('frame')).toMatch(/^#2 .* fact \(n=4\)/);
    expect(await run('p (total = 7) + count(1)', 'p total')).toBe('$4 = 15\n$5 = 8\n');
    expect(await run('p text_length("four")', 'p $_strlen("four")')).toBe('$6 = 4\n$7 = 4\n');
  });

  it('are left where something stops them, and end silently later', async () => {
    const { run } = promptOn(readFileSync(PROGRAM), { 'calls.c': SOURCE });
    await run(`break ${LINE}`, 'continue', 'tbreak count');
    expect(await run('p count(3) + 1')).toContain(
      'The program being debugged stopped while in a function called from GDB.\n' +
        'Evaluation of the expression containing the function\n(count) will be abandoned.\n',
    );
    expect(await run('bt')).toMatch(
      /^#0 {2}count \(n=3\) at .*\n#1 {2}<function called from gdb>\n#2 {2}main \(\) at/,
    );
    expect(await run('continue')).toBe('');
    expect(await run('bt')).toMatch(/^#0 {2}main \(\) at/);
    expect(await run('p total')).toBe('$1 = 3\n');
  });

  it('that were stopped are forgotten when one goes back to before them', async () => {
    const { run, engine } = promptOn(readFileSync(PROGRAM), { 'calls.c': SOURCE });
    await run(`break ${LINE}`, 'continue', 'tbreak count');
    await run('p count(3)');
    const internal = () => engine.debugging.session.points.all.filter(({ id }) => id < 0).length;
    expect(internal()).toBe(1);
    expect(await run('rc', 'bt', 'p total')).toMatch(/#0 {2}main \(\) at[^#]*\$1 = 0\n$/);
    expect(internal()).toBe(0);
  });

  it('cannot be called in conditions, in system calls, or when they are none', async () => {
    const { run } = promptOn(readFileSync(PROGRAM), { 'calls.c': SOURCE });
    expect(await run(`break ${LINE} if count(1) == 1`, 'continue')).toContain(
      `Error in testing condition \`count(1) == 1': Functions of the program cannot be called here.\n`,
    );
    expect(await run('p fact()', 'p total(1)', 'p nosuch(1)')).toBe(
      'Too few arguments in function call.\nInvalid data type for function to be called.\nNo symbol "nosuch" in current context.\n',
    );
    expect(await run('ptype fact(3)', 'p sizeof(make(1))', 'p total')).toBe('type = int\n$1 = 8\n$2 = 0\n');
  });
});
