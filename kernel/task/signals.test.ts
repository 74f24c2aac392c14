import { describe, expect, it } from 'vitest';
import { TrapCause } from '../../emulator/cpu/trap.ts';
import {
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  signalSet,
} from '../abi/signal.ts';
import { nextSignal, PendingSignals } from './pending-signals.ts';
import { DATA, type Script, STACK_TOP, scriptMachine } from './script-machine.test-support.ts';

const clone = 220;
const kill = 129;
const tgkill = 131;
const sigsuspend = 133;
const sigtimedwait = 137;
const wait4 = 260;
const waitid = 95;
const nanosleep = 101;
const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

function logOf(build: (script: Script) => void): string[] {
  const { run, log } = scriptMachine(build);
  run();
  return log;
}

/** A handler that notes its signal. */
function noting(p: Script, label: string): Script {
  return p.label(label).show(label).ret();
}

describe('signals', () => {
  it('the lowest number goes first, and faults before all others', () => {
    expect(nextSignal(signalSet(SIGUSR2, SIGTERM, 40))).toBe(SIGUSR2);
    expect(nextSignal(signalSet(1, 11))).toBe(11);
    expect(nextSignal(signalSet(64))).toBe(64);
    expect(nextSignal(signalSet(32, 33))).toBe(32);
  });

  it('standard signals coalesce, real-time signals queue', () => {
    const pending = new PendingSignals();
    for (const signo of [40, 40, 10]) pending.add({ info: { signo, code: 0 }, uncharge: undefined });
    pending.take(40);
    expect(pending.has(40)).toBe(true);
    pending.take(40);
    expect(pending.has(40)).toBe(false);
  });

  it('a handler runs with its signal in a0, and everything is as before afterwards', () => {
    const log = logOf((p) => {
      p.handle(SIGUSR1, 'handler')
        .do(({ hart }) => {
          hart.setXNumber(9, 1234);
          hart.setF(8, 0x3ff0_0000_0000_0000n);
          hart.fcsr = 0x21;
        })
        .call(kill, 2, SIGUSR1)
        .show('kill')
        .do(({ hart }) =>
          p.log.push(
            `${hart.x(9)} ${hart.f(8).toString(16)} ${hart.fcsr} ${Number(hart.x(2)) === STACK_TOP}`,
          ),
        )
        .exit();
      noting(
        p.label('handler').do(({ hart }) => {
          hart.setXNumber(9, 0);
          hart.setF(8, 0n);
          hart.fcsr = 0;
        }),
        'inside',
      );
    });
    expect(log).toEqual(['inside=10', 'kill=0', '1234 3ff0000000000000 33 true']);
  });

  it('further signals stack on top: the last one delivered runs first', () => {
    const log = logOf((p) => {
      p.handle(SIGUSR1, 'one')
        .handle(SIGUSR2, 'two')
        .mask(SIG_BLOCK, signalSet(SIGUSR1, SIGUSR2))
        .call(kill, 2, SIGUSR2)
        .call(kill, 2, SIGUSR1)
        .mask(SIG_UNBLOCK, signalSet(SIGUSR1, SIGUSR2))
        .exit();
      noting(p, 'one');
      noting(p, 'two');
    });
    expect(log).toEqual(['two=12', 'one=10']);
  });

  it('a signal is blocked while its handler runs, unless SA_NODEFER says otherwise', () => {
    const nested = (flags: number) =>
      logOf((p) => {
        let depth = 0;
        p.handle(SIGUSR1, 'handler', flags)
          .call(kill, 2, SIGUSR1)
          .exit()
          .label('handler')
          .note('in')
          .when(() => depth++ > 0, 'out')
          .call(kill, 2, SIGUSR1)
          .label('out')
          .note('out')
          .ret();
      });
    expect(nested(0)).toEqual(['in', 'out', 'in', 'out']);
    expect(nested(SA_NODEFER)).toEqual(['in', 'in', 'out', 'out']);
  });

  it('SA_RESETHAND lets the second signal kill', () => {
    const { run, process } = scriptMachine((p) => {
      p.handle(SIGUSR1, 'handler', SA_RESETHAND).call(kill, 2, SIGUSR1).call(kill, 2, SIGUSR1).exit();
      noting(p, 'handler');
    });
    run();
    expect(process.waitStatus).toBe(SIGUSR1);
  });

  it('wait4 is EINTR after a handler, and starts again with SA_RESTART', () => {
    const interrupted = (flags: number) =>
      logOf((p) => {
        p.handle(SIGUSR1, 'handler', flags)
          .call(clone, SIGCHLD, 0, 0, 0, 0)
          .when(({ a0 }) => a0 === 0, 'child')
          .call(wait4, -1, 0, 0, 0)
          .show('wait')
          .exit()
          .label('child')
          .call(kill, 2, SIGUSR1)
          .call(124)
          .call(124)
          .exit();
        noting(p, 'handler');
      });
    expect(interrupted(0)).toEqual(['handler=10', 'wait=-4']);
    expect(interrupted(SA_RESTART)).toEqual(['handler=10', 'wait=3']);
  });

  it('sigsuspend waits with its own mask, returns EINTR and restores the old one', () => {
    const log = logOf((p) => {
      p.handle(SIGUSR1, 'handler')
        .mask(SIG_SETMASK, signalSet(SIGUSR1))
        .call(kill, 2, SIGUSR1)
        .do(({ memory }) => memory.writeU64(DATA, 0n))
        .call(sigsuspend, DATA, 8)
        .show('suspend')
        .call(135, 0, 0, DATA, 8)
        .do(({ memory }) => p.log.push(`mask ${memory.readU64(DATA)}`))
        .exit();
      noting(p, 'handler');
    });
    expect(log).toEqual(['handler=10', 'suspend=-4', `mask ${signalSet(SIGUSR1)}`]);
  });

  it('sigtimedwait takes a blocked signal, and times out with EAGAIN', () => {
    const log = logOf((p) => {
      p.mask(SIG_BLOCK, signalSet(SIGUSR1))
        .call(kill, 2, SIGUSR1)
        .do(({ memory }) => {
          memory.writeU64(DATA, signalSet(SIGUSR1));
          memory.writeU64(DATA + 8, 0n);
          memory.writeU64(DATA + 16, 1000n);
        })
        .call(sigtimedwait, DATA, 0, DATA + 8, 8)
        .show('first')
        .call(sigtimedwait, DATA, 0, DATA + 8, 8)
        .show('second')
        .exit();
    });
    expect(log).toEqual(['first=10', 'second=-11']);
  });

  it('a fault in a blocked or ignored signal kills', () => {
    const { run, process } = scriptMachine((p) => {
      p.mask(SIG_BLOCK, signalSet(4)).trap(TrapCause.IllegalInstruction).exit();
    });
    run();
    expect(process.waitStatus).toBe(4);
  });

  it('SIGKILL ends a thread that sleeps for ever', () => {
    const log = logOf((p) => {
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .call(124)
        .call(kill, 3, SIGKILL)
        .call(wait4, 3, DATA, 0, 0)
        .do(({ memory }) => p.log.push(`status ${memory.u32(DATA)}`))
        .exit()
        .label('child')
        .call(sigsuspend, DATA + 512, 8)
        .note('never')
        .exit();
    });
    expect(log).toEqual(['status 9']);
  });

  it('stopping and continuing is reported to wait4 once each, and a sleep goes on', () => {
    const log = logOf((p) => {
      const show = (text: string) =>
        p.do(({ memory, a0 }) => p.log.push(`${text} ${a0} ${memory.u32(DATA).toString(16)}`));
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .call(124)
        .call(kill, 3, SIGSTOP)
        .call(wait4, 3, DATA, 2, 0);
      show('stopped');
      p.call(wait4, 3, DATA, 3, 0).show('again').call(kill, 3, SIGCONT).call(wait4, 3, DATA, 8, 0);
      show('continued');
      p.call(wait4, 3, DATA, 0, 0);
      show('ended');
      p.exit()
        .label('child')
        .do(({ memory }) => {
          memory.writeU64(DATA + 1024, 0n);
          memory.writeU64(DATA + 1032, 1000n);
        })
        .call(nanosleep, DATA + 1024, 0)
        .show('slept')
        .exit(5);
    });
    expect(log).toEqual(['stopped 3 137f', 'again=0', 'continued 3 ffff', 'slept=0', 'ended 3 500']);
  });

  it('waitid with WNOWAIT leaves the child to be waited for', () => {
    const log = logOf((p) => {
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .call(waitid, 0, 0, DATA, 4 | 0x0100_0000, 0)
        .do(({ memory }) =>
          p.log.push(`${memory.u32(DATA)} ${memory.u32(DATA + 8)} ${memory.u32(DATA + 24)}`),
        )
        .call(wait4, -1, 0, 0, 0)
        .show('wait')
        .exit()
        .label('child')
        .exit(6);
    });
    expect(log).toEqual(['17 1 6', 'wait=3']);
  });

  it('a process signal goes to a thread that does not block it', () => {
    const thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000;
    const log = logOf((p) => {
      p.handle(SIGUSR1, 'handler')
        .call(clone, thread, STACK_TOP - 4096, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'thread')
        .call(124)
        .mask(SIG_BLOCK, signalSet(SIGUSR1))
        .call(kill, 2, SIGUSR1)
        .call(124)
        .call(124)
        .call(tgkill, 2, 99, 0)
        .show('tgkill')
        .exit()
        .label('thread')
        .do(({ memory }) => memory.writeU64(DATA + 2048, 0n))
        .call(sigsuspend, DATA + 2048, 8)
        .show('suspend')
        .call(93, 0)
        .label('handler')
        .call(178)
        .show('tid')
        .ret();
    });
    expect(log).toEqual(['tid=3', 'suspend=-4', 'tgkill=-3']);
  });

  it('kill checks existence, then the signal number, then permission', () => {
    const { run, log } = scriptMachine(
      (p) => {
        p.call(kill, 999, 100)
          .show('absent')
          .call(kill, 2, 100)
          .show('number')
          .call(kill, 1, 0)
          .show('init')
          .exit();
      },
      { uid: 1000 },
    );
    run();
    expect(log).toEqual(['absent=-3', 'number=-22', 'init=-1']);
  });
});
