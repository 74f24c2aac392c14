import { describe, expect, it } from 'vitest';
import { CLONE_CHILD_CLEARTID } from './clone-flags.ts';
import { DATA, type Script, STACK_TOP, scriptMachine } from './script-machine.test-support.ts';

const THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000;
const clone = 220;
const futex = 98;
const WAIT = 128;
const WAKE = 129;
const CMP_REQUEUE = 132;
const LOCK_PI = 134;
const UNLOCK_PI = 135;
const yieldNow = 124;

function logOf(build: (script: Script) => void): string[] {
  const { run, log } = scriptMachine(build);
  expect(run()).toEqual({ kind: 'finished' });
  return log;
}

describe('futexes', () => {
  it('a wait compares the word first, and times out', () => {
    const log = logOf((p) => {
      p.call(futex, DATA, WAIT, 1, 0)
        .show('differs')
        .do(({ memory }) => memory.writeU64(DATA + 24, 1000n))
        .call(futex, DATA, WAIT, 0, DATA + 16)
        .show('timeout')
        .call(futex, DATA + 2, WAIT, 0, 0)
        .show('misaligned')
        .exit();
    });
    expect(log).toEqual(['differs=-11', 'timeout=-110', 'misaligned=-22']);
  });

  it('a wake returns how many it woke, requeue moves the others', () => {
    const log = logOf((p) => {
      for (const n of [1, 2, 3]) {
        p.call(clone, THREAD, STACK_TOP - n * 1024, 0, 0, 0).when(({ a0 }) => a0 === 0, 'waiter');
      }
      p.call(yieldNow)
        .call(futex, DATA, CMP_REQUEUE, 1, 5, DATA + 8, 0)
        .show('requeue')
        .call(futex, DATA, WAKE, 9)
        .show('first')
        .call(futex, DATA + 8, WAKE, 9)
        .show('second')
        .call(93, 0)
        .label('waiter')
        .call(futex, DATA, WAIT, 0, 0)
        .show('woken')
        .call(93, 0);
    });
    expect(log).toEqual(['requeue=3', 'first=0', 'second=2', 'woken=0', 'woken=0', 'woken=0']);
  });

  it('a thread that ends clears its tid word and wakes who joins it', () => {
    const log = logOf((p) => {
      p.do(({ memory }) => memory.setU32(DATA, 77))
        .call(clone, THREAD | CLONE_CHILD_CLEARTID, STACK_TOP - 1024, 0, 0, DATA)
        .when(({ a0 }) => a0 === 0, 'thread')
        .call(futex, DATA, 0, 77, 0)
        .show('joined')
        .do(({ memory }) => p.log.push(`word ${memory.u32(DATA)}`))
        .exit()
        .label('thread')
        .call(yieldNow)
        .call(93, 0);
    });
    expect(log).toEqual(['joined=0', 'word 0']);
  });

  it('a PI lock goes to the waiter at unlock, and cannot be taken twice', () => {
    const log = logOf((p) => {
      p.call(futex, DATA, LOCK_PI, 0, 0)
        .show('lock')
        .call(futex, DATA, LOCK_PI, 0, 0)
        .show('again')
        .call(clone, THREAD, STACK_TOP - 1024, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'thread')
        .call(yieldNow)
        .call(futex, DATA, UNLOCK_PI, 0, 0)
        .do(({ memory }) => p.log.push(`owner ${memory.u32(DATA)}`))
        .call(futex, DATA, UNLOCK_PI, 0, 0)
        .show('not mine')
        .call(93, 0)
        .label('thread')
        .call(futex, DATA, LOCK_PI, 0, 0)
        .show('inherited')
        .call(futex, DATA, UNLOCK_PI, 0, 0)
        .do(({ memory }) => p.log.push(`owner ${memory.u32(DATA)}`))
        .call(93, 0);
    });
    expect(log).toEqual(['lock=0', 'again=-35', 'owner 3', 'not mine=-1', 'inherited=0', 'owner 0']);
  });

  it('a robust lock of a dead thread says so and wakes one waiter', () => {
    const log = logOf((p) => {
      p.call(clone, THREAD, STACK_TOP - 1024, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'thread')
        .call(yieldNow)
        .call(futex, DATA + 40, 0, 0x8000_0003, 0)
        .show('woken')
        .do(({ memory }) => p.log.push(`word ${memory.u32(DATA + 40).toString(16)}`))
        .exit()
        .label('thread')
        .do(({ memory }) => {
          memory.writeU64Number(DATA, DATA + 32); // list: one entry
          memory.writeU64Number(DATA + 8, 8); // futex_offset
          memory.writeU64Number(DATA + 32, DATA); // back to the head
          memory.setU32(DATA + 40, 0x8000_0003);
        })
        .call(99, DATA, 24)
        .call(yieldNow)
        .call(93, 0);
    });
    expect(log).toEqual(['woken=0', 'word c0000000']);
  });
});
