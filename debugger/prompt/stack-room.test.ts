// Stops where a stack is used up. guest-programs/debug/deep.cpp is the program.
import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.test-support.ts';
import { promptOn } from './prompt.test-support.ts';

const program = compiled('deep.cpp', '-O0');
const crashing = compiled('classes.cpp', '-O0');
const why = program === undefined || crashing === undefined ? ' [skipped: needs g++-riscv64-linux-gnu]' : '';

describe.skipIf(why !== '')(`a stack that is used up${why}`, () => {
  it('is named where the signal would end the process', async () => {
    if (program === undefined) return;
    const { run } = promptOn(program.bytes);
    expect(await run('continue')).toMatch(
      /\n\[pid 2\] ends by it: \{si_signo=SIGSEGV.*\n\[pid 2\] has used up its stack, which ends at 0x[0-9a-f]+000\n0x/,
    );
  });

  it('is that of the thread, down to the page that guards it', async () => {
    if (program === undefined) return;
    const { run } = promptOn(program.bytes);
    await run('break main', 'continue', 'set var argc = 2');
    expect(await run('continue')).toMatch(
      /\n\[pid 3\] has used up its stack, which ends at 0x[0-9a-f]+000\n/,
    );
  });

  it('is not named when another address was bad', async () => {
    if (crashing === undefined) return;
    const { run } = promptOn(crashing.bytes);
    await run('break main', 'continue', 'set var $pc = 16');
    const stopped = await run('continue');
    expect(stopped).toContain('ends by it: {si_signo=SIGSEGV');
    expect(stopped).not.toContain('used up');
  });
});
