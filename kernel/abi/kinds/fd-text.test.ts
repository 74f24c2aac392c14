// Descriptors as strace -y writes them.
import { expect, it } from 'vitest';
import type { PrintContext } from '../kind.ts';
import { printFd } from './fd-text.ts';

it('a file that has no name any more is (deleted) behind its bracket, as strace has it', () => {
  const show = (text: string | undefined): string =>
    printFd(3, { decodeFds: 1, describeFd: () => text } as unknown as PrintContext);
  expect(show('/tmp/x')).toBe('3</tmp/x>');
  expect(show('/tmp/x (deleted)')).toBe('3</tmp/x>(deleted)');
  expect(show(undefined)).toBe('3');
});
