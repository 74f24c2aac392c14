import { describe, expect, it } from 'vitest';
import { CLONE_NEWUTS, CLONE_VFORK, CLONE_VM } from './clone-flags.ts';
import { DATA, STACK_TOP, scriptMachine } from './script-machine.test-support.ts';

const SIGCHLD = 17;
const clone = 220;
const wait4 = 260;
const getppid = 173;

describe('processes', () => {
  it('fork returns twice, and wait4 gives the exit code of the child', () => {
    const { run, log } = scriptMachine((p) => {
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .show('child')
        .call(wait4, -1, DATA, 0, 0)
        .show('waited')
        .do(({ memory }) => log.push(`status ${memory.u32(DATA)}`))
        .call(wait4, -1, DATA, 0, 0)
        .show('again')
        .exit(3)
        .label('child')
        .call(getppid)
        .show('parent')
        .exit(7);
    });
    expect(run()).toEqual({ kind: 'finished' });
    expect(log).toEqual(['child=3', 'parent=2', 'waited=3', 'status 1792', 'again=-10']);
  });

  it('a child of a fork has its own copy of memory, a vfork child its parent’s, and the parent waits', () => {
    const { run, log } = scriptMachine((p) => {
      p.call(clone, SIGCHLD | CLONE_VM | CLONE_VFORK, STACK_TOP - 512, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .do(({ memory }) => log.push(`sees ${memory.u32(DATA)}`))
        .call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'fork')
        .call(wait4, -1, 0, 0, 0)
        .call(wait4, -1, 0, 0, 0)
        .do(({ memory }) => log.push(`sees ${memory.u32(DATA)}`))
        .exit()
        .label('child')
        .do(({ memory }) => memory.setU32(DATA, 5))
        .exit()
        .label('fork')
        .do(({ memory }) => memory.setU32(DATA, 6))
        .exit();
    });
    run();
    expect(log).toEqual(['sees 5', 'sees 5']);
  });

  it('the first program is a child of process 1, and a group of its own', () => {
    const getpgid = 155;
    const { run, log, kernel } = scriptMachine((p) => {
      p.call(getppid).show('parent').call(getpgid, 0).show('group').exit();
    });
    run();
    expect(log).toEqual(['parent=1', 'group=2']);
    expect(kernel.init.children.size).toBe(0);
  });

  it('the namespaces of process 1, which has no thread, are entered by its pidfd', () => {
    const pidfdOpen = 434;
    const setns = 268;
    const { run, log } = scriptMachine((p) => {
      p.call(pidfdOpen, 1, 0).show('pidfd').call(setns, 0, CLONE_NEWUTS).show('entered').exit();
    });
    run();
    expect(log).toEqual(['pidfd=0', 'entered=0']);
  });

  it('orphans become children of process 1, and getppid says so', () => {
    const { run, log, kernel } = scriptMachine((p) => {
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .exit()
        .label('child')
        .call(124) // sched_yield: the parent ends
        .call(getppid)
        .show('parent')
        .exit();
    });
    expect(run()).toEqual({ kind: 'finished' });
    expect(log).toEqual(['parent=1']);
    expect(kernel.pids.processCount).toBe(1);
  });

  it('a subreaper gets its grandchildren', () => {
    const { run, log } = scriptMachine((p) => {
      p.call(167, 36, 1, 0, 0, 0)
        .call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'child')
        .call(wait4, -1, 0, 0, 0)
        .show('first')
        .call(wait4, -1, 0, 0, 0)
        .show('second')
        .exit()
        .label('child')
        .call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'grandchild')
        .exit()
        .label('grandchild')
        .call(124)
        .call(124)
        .call(getppid)
        .show('parent')
        .exit();
    });
    run();
    expect(log).toEqual(['first=3', 'parent=2', 'second=4']);
  });

  it('the limit of processes is EAGAIN and one line for the person', () => {
    const { run, log } = scriptMachine(
      (p) => {
        p.label('again')
          .call(clone, SIGCHLD, 0, 0, 0, 0)
          .when(({ a0 }) => a0 === 0, 'child')
          .when(({ a0 }) => a0 > 0, 'again')
          .show('fork')
          .call(129, 0, 9)
          .label('child')
          .call(133, DATA, 8);
      },
      { maxProcesses: 8 },
    );
    run();
    expect(log.filter((line) => line.startsWith('warning'))).toHaveLength(1);
    expect(log).toContain('fork=-11');
  });

  it('threads share the process, and exit_group ends them all', () => {
    const thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000;
    const { run, log, process } = scriptMachine((p) => {
      p.call(clone, thread, STACK_TOP - 1024, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'thread')
        .show('tid')
        .call(101, 0, 0) // nanosleep of a bad address: EFAULT, no wait
        .label('spin')
        .when(() => true, 'spin')
        .label('thread')
        .call(172)
        .show('pid')
        .call(178)
        .show('tid')
        .exit(9);
    });
    run();
    expect(log).toEqual(['tid=3', 'pid=2', 'tid=3']);
    expect(process.waitStatus).toBe(9 << 8);
  });

  it('a process ends when its last thread does, with the status of that one', () => {
    const thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000;
    const { run, process } = scriptMachine((p) => {
      p.call(clone, thread, STACK_TOP - 1024, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'thread')
        .call(93, 4)
        .label('thread')
        .call(124)
        .call(93, 5);
    });
    expect(run()).toEqual({ kind: 'finished' });
    expect(process.waitStatus).toBe(5 << 8);
  });
});
