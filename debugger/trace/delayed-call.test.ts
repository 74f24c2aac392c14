import { describe, expect, it } from 'vitest';
import { EAGAIN } from '../../kernel/errno.ts';
import { syscall } from '../../kernel/syscalls/syscall.ts';
import { callOf, type Thread } from '../../kernel/task/thread.ts';
import { isWait, WOULD_BLOCK } from '../../kernel/wait.ts';
import { delayCall } from './delayed-call.ts';

describe('a delayed call', () => {
  it('that would block is over after its delay, and does not wait for anything else', () => {
    let nowNs = 5;
    const thread = { kernel: { clock: { monotonicNs: () => nowNs } } } as unknown as Thread;
    let tries = 0;
    const row = syscall('read', {}, () => {
      tries++;
      return WOULD_BLOCK;
    });
    const call = callOf(row, {});
    delayCall(call, 0, 100, undefined);
    const attempt = () => call.syscall.handler(thread, {});
    const first = attempt();
    expect(isWait(first) && first.deadlineNs).toBe(105);
    nowNs = 105;
    expect(attempt()).toBe(-EAGAIN);
    expect(tries).toBe(1);
  });
});
