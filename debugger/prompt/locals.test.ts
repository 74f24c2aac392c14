// Variables by their types: info locals, info args, and names in expressions and conditions.
// guest-programs/debug/variables.c is the program.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const PROGRAM = 'build/guests/riscv64/debug/variables';
const why = existsSync(PROGRAM) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';
const SOURCE = readFileSync('guest-programs/debug/variables.c', 'utf8');
const INNER = SOURCE.split('\n').findIndex((line) => line.includes('variables: inner')) + 1;

const prompt = (): Prompt => promptOn(readFileSync(PROGRAM), { 'variables.c': SOURCE });

describe.skipIf(why !== '')(`variables of a program with debug information${why}`, () => {
  it('are listed, those of inner blocks first, and arguments apart', async () => {
    const { run } = prompt();
    await run(`break variables.c:${INNER}`, 'c');
    expect(await run('info locals')).toBe(
      [
        'sum = 77',
        'sum_of_squares = 5',
        'i = 2',
        'sum = 5',
        'zeros = {0 <repeats 32 times>}',
        'buffer = "abc\\000\\000\\000\\000"',
        'ratio = 1.10000002',
        "byte = 120 'x'",
        'grid = {{1, 2, 3}, {4, 5, 6}}',
        '',
      ].join('\n'),
    );
    expect(await run('info args')).toMatch(
      /^count = 4\nlabel = 0x[0-9a-f]+ "label"\nrecord = 0x[0-9a-f]+\np = \{x = 10, y = 20\}\n$/,
    );
  });

  it('of outer frames are found with their structures, unions, bit fields and pointers', async () => {
    const { run } = prompt();
    await run('break work', 'c', 'up');
    expect(await run('info locals')).toMatch(
      /^record = \{name = "rivulet\\000\\000\\000\\000\\000\\000\\000\\000", at = \{\{x = 1, y = 2\}, \{x = 3, y = -4\}\}, next = 0x0, colour = GREEN, low = 5, high = 17, tiny = -3, both = \{whole = 7, bytes = "\\a\\000\\000"\}, number = 2\.25, is_good = true, text = 0x[0-9a-f]+ "hi \\"there\\"", function = 0x[0-9a-f]+ <twice>\}\n$/,
    );
    expect(await run('info args')).toBe('No arguments.\n');
    expect(await run('frame 0', 'info locals')).toContain('sum = 0\n');
  });

  it('are names in expressions: values, elements, addresses, and where something is stored', async () => {
    const { run } = prompt();
    await run(`break variables.c:${INNER}`, 'c');
    expect(await run('p sum + count', 'p grid', 'p buffer[1]', 'p table[3]', 'p *label', 'p p')).toBe(
      "$1 = 81\n$2 = {{1, 2, 3}, {4, 5, 6}}\n$3 = 98 'b'\n$4 = 4\n$5 = 108 'l'\n$6 = {x = 10, y = 20}\n",
    );
    expect(await run('p ratio * 2', 'p *&count', 'set count = 3', 'p count', 'p/x sum')).toBe(
      '$7 = 2.20000005\n$8 = 4\n$9 = 3\n$10 = 0x4d\n',
    );
    expect(await run('p nothing')).toBe('No symbol "nothing" in current context.\n');
    expect(await run('watch sum_of_squares', 'rc')).toContain('Old value = 1\nNew value = 5\n');
  });

  it('are known to the condition of a breakpoint in their function', async () => {
    const { run } = prompt();
    expect(await run('break twice if n == 1', 'break work if colour == 1')).toMatch(
      /^Breakpoint 1 at .*\nNo symbol "colour" in current context\.\n$/,
    );
    expect(await run('c', 'p n')).toMatch(/Breakpoint 1, twice \(n=1\) at .*\n.*\n\$1 = 1\n$/s);
    await run('kill', 'run');
    expect(await run('condition 1 n == 2', 'c')).toContain('The program has ended.');
  });

  it('are not there in functions without information, which is said', async () => {
    const { run } = prompt();
    expect(await run('info locals')).toMatch(/^No symbol table info available\.\n$/);
    expect(await run('info args')).toMatch(/^No symbol table info available\./);
  });
});
