// `info wait` on requests of io_uring that wait, which no sleeping thread shows.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Prompt, promptOn } from '../prompt/prompt.test-support.ts';

const PROGRAMS = 'build/guests/riscv64/uring';
const whySkipped = existsSync(PROGRAMS) ? '' : ' [skipped: not compiled: npm run guests]';

/** Goes on from one end of io_uring_enter to the next until `info wait` matches; what it said there. */
async function until({ run }: Prompt, pattern: RegExp): Promise<string> {
  for (let i = 0; i < 200; i++) {
    await run('c');
    const text = await run('info wait');
    if (pattern.test(text)) return text;
  }
  return 'never';
}

it.skipIf(whySkipped !== '')(`a futex that a request waits for, until it is woken${whySkipped}`, async () => {
  const prompt = promptOn(readFileSync(`${PROGRAMS}/waiting`));
  await prompt.run('catch syscall io_uring_enter');
  expect(await until(prompt, /FUTEX/)).toBe(
    'No thread sleeps.\nio_uring request of pid 2 (program) (user data 1): FUTEX_WAIT waits for futex\n',
  );
  expect(await until(prompt, /^No thread sleeps.\n$/)).not.toBe('never');
  const three = await until(prompt, /user data 2/);
  expect(three.match(/\(user data \d\): FUTEX_WAIT waits for futex/g)).toHaveLength(3);
});

it.skipIf(whySkipped !== '')(`the file that a request waits for${whySkipped}`, async () => {
  const prompt = promptOn(readFileSync(`${PROGRAMS}/sockets`));
  await prompt.run('catch syscall io_uring_enter');
  expect(await until(prompt, /on fd/)).toBe(
    'No thread sleeps.\nio_uring request of pid 2 (program) (user data 1): RECV on fd 4 waits for data on a socket\n',
  );
});

const ENDS = 'build/guests/riscv64/debug/ends-on-the-way';

it.skipIf(!existsSync(ENDS))(
  'an end that waits to be accepted or received is up to who can do so',
  async () => {
    const { run } = promptOn(readFileSync(ENDS));
    await run('catch syscall accept', 'c');
    const text = await run('info wait');
    expect(text).toMatch(/^pid 3 .* waits for data on fd \d+ \(.*\), which is up to pid 2$/m);
    expect(text).toMatch(/^pid 4 .* waits for data on fd \d+ \(.*\), which is up to pid 2$/m);
  },
);

it.skipIf(!existsSync(ENDS))('who waits for a time alone waits until then', async () => {
  const { run } = promptOn(readFileSync(ENDS));
  await run('catch syscall read', 'c');
  expect(await run('info wait')).toMatch(
    /^pid 2 .* sleeps in clock_nanosleep: waits until 0\.\d+ s from now$/m,
  );
});
