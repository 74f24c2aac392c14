import { describe, expect, it } from 'vitest';
import { SIGALRM, SIGVTALRM } from '../abi/signal.ts';
import { DATA, type Script, scriptMachine } from '../task/script-machine.test-support.ts';

const setitimer = 103;
const getitimer = 102;
const timerCreate = 107;
const timerSettime = 110;
const timerGetoverrun = 109;
const sigtimedwait = 137;
const nanosleep = 101;
const clockGettime = 113;
const sigsuspend = 133;

function logOf(build: (script: Script) => void): string[] {
  const { run, log } = scriptMachine(build);
  expect(run()).toEqual({ kind: 'finished' });
  return log;
}

/** Four 64-bit words from DATA + 256 on. */
function words(p: Script, ...values: number[]): Script {
  return p.do(({ memory }) => {
    for (const [i, value] of values.entries()) memory.writeU64Number(DATA + 256 + 8 * i, value);
  });
}

describe('timers', () => {
  it('a real interval timer sends SIGALRM again and again', () => {
    let count = 0;
    const log = logOf((p) => {
      p.handle(SIGALRM, 'handler');
      words(p, 0, 1000, 0, 5000)
        .call(setitimer, 0, DATA + 256, 0)
        .label('again')
        .call(sigsuspend, DATA + 512, 8)
        .show('suspend')
        .when(() => count < 3, 'again')
        .call(getitimer, 0, DATA + 256)
        .do(({ memory }) => p.log.push(`interval ${memory.u32(DATA + 264)}`))
        .exit()
        .label('handler')
        .do(() => count++)
        .ret();
    });
    expect(log).toEqual(['suspend=-4', 'suspend=-4', 'suspend=-4', 'interval 1000']);
  });

  it('a CPU interval timer fires while the program computes', () => {
    let done = false;
    const log = logOf((p) => {
      p.handle(SIGVTALRM, 'handler');
      words(p, 0, 0, 0, 3000)
        .call(setitimer, 1, DATA + 256, 0)
        .label('spin')
        .when(() => !done, 'spin')
        .note('fired')
        .exit()
        .label('handler')
        .do(() => (done = true))
        .ret();
    });
    expect(log).toEqual(['fired']);
  });

  it('a POSIX timer queues one signal and counts what it missed as overrun', () => {
    const log = logOf((p) => {
      p.mask(0, 1n << 33n)
        .do(({ memory }) => {
          memory.writeU64(DATA + 1024, 0x55n);
          memory.setU32(DATA + 1032, 34);
          memory.setU32(DATA + 1036, 0);
        })
        .call(timerCreate, 1, DATA + 1024, DATA + 1100)
        .show('create');
      words(p, 0, 1_000_000, 0, 1_000_000)
        .call(timerSettime, 0, 0, DATA + 256, 0)
        .show('set');
      words(p, 0, 10_500_000)
        .call(nanosleep, DATA + 256, 0)
        .do(({ memory }) => memory.writeU64(DATA, 1n << 33n))
        .call(sigtimedwait, DATA, DATA + 128, 0, 8)
        .show('signal')
        .do(({ memory }) => p.log.push(`value ${memory.u32(DATA + 152)}, overrun ${memory.u32(DATA + 148)}`))
        .call(timerGetoverrun, 0)
        .show('overrun')
        .exit();
    });
    expect(log).toEqual(['create=0', 'set=0', 'signal=34', 'value 85, overrun 9', 'overrun=9']);
  });

  it('an absolute real-time timer follows the clock when it is set', () => {
    const log = logOf((p) => {
      p.mask(0, 1n << 13n)
        .call(timerCreate, 0, 0, DATA + 1100)
        .show('create');
      words(p, 0, 0, 1_700_001_000, 0)
        .call(timerSettime, 0, 1, DATA + 256, 0)
        .show('set');
      words(p, 1_700_000_999, 0)
        .call(112, 0, DATA + 256)
        .show('clock');
      words(p, 10, 0)
        .do(({ memory }) => memory.writeU64(DATA, 1n << 13n))
        .call(sigtimedwait, DATA, 0, DATA + 256, 8)
        .show('signal')
        .exit();
    });
    expect(log).toEqual(['create=0', 'set=0', 'clock=0', 'signal=14']);
  });

  it('setting the real-time clock moves an absolute sleep, and clock_gettime reads both clocks', () => {
    const log = logOf((p) => {
      words(p, 2_000_000_000, 0)
        .call(112, 0, DATA + 256)
        .show('settime')
        .call(clockGettime, 0, DATA + 512)
        .do(({ memory }) => p.log.push(`${memory.readU64Number(DATA + 512)}`))
        .call(clockGettime, 77, DATA + 512)
        .show('no such clock');
      words(p, 1_999_999_999, 0)
        .call(115, 0, 1, DATA + 256, 0)
        .show('past')
        .exit();
    });
    expect(log).toEqual(['settime=0', '2000000000', 'no such clock=-22', 'past=0']);
  });
});
