// Thread-local variables at the prompt: each thread has its own, of the program and of the C library.
// guest-programs/debug/thread-locals.c is the program; gcc 12 writes no locations for them.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const PROGRAM = 'build/guests/riscv64/debug/thread-locals';
const why = existsSync(PROGRAM) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';
const SOURCE = readFileSync('guest-programs/debug/thread-locals.c', 'utf8');
const LINE = SOURCE.split('\n').findIndex((line) => line.includes('thread-locals: around')) + 1;

const prompt = (): Prompt => promptOn(readFileSync(PROGRAM), { 'thread-locals.c': SOURCE });

describe.skipIf(why !== '')(`thread-local variables${why}`, () => {
  it('are those of the thread that is looked at', async () => {
    const { run } = prompt();
    await run(`break thread-locals.c:${LINE}`, 'c 2');
    expect(await run('p name', 'p rounds', 'p step', 'p errno')).toBe(
      '$1 = "First\\000\\000"\n$2 = 14\n$3 = 4\n$4 = 9\n',
    );
    await run('thread 2');
    expect(await run('p name', 'p rounds', 'p around::step', 'p errno')).toBe(
      '$5 = "first\\000\\000"\n$6 = 14\n$7 = 4\n$8 = 0\n',
    );
  });

  it('have addresses, which can be watched and stored to', async () => {
    const { run } = prompt();
    await run(`break thread-locals.c:${LINE}`, 'c', 'watch rounds', 'set var name[1] = 65');
    expect(await run('p name', 'p *&rounds', 'p &rounds')).toMatch(
      /^\$1 = "fArst\\000\\000"\n\$2 = 14\n\$3 = \(long \*\) 0x[0-9a-f]+\n$/,
    );
    // the other thread's copy changes without a stop
    expect(await run('c')).toMatch(/Thread 3 .*hit Breakpoint 1, around \(\)/);
    expect(await run('c')).toContain('14 114 fArst\n');
  });

  it('are not there before the program has made them', async () => {
    const { run } = prompt();
    expect(await run('p rounds')).toBe('Thread 2 has no thread-local storage for it.\n');
    expect(await run('p nothing')).toBe('No symbol "nothing" in current context.\n');
  });
});
