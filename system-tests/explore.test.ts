// explore finds what only some schedules show, shortens it, says why, and what it prints repeats it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, prebuilt, rivulet, whySkipped } from './rivulet.ts';

const guest = (name: string): string => resolve('build/guests/riscv64/explore', name);
/** Where it lies decides how many ticks it takes to start, and so which schedules show its end. */
const rareDeadlock = ['--root', resolve('build/guests/riscv64'), '/explore/rare-deadlock'];
const notCompiled = notBuilt !== undefined || !existsSync(guest('lost-wakeup'));
const skipped = notCompiled && notBuilt === undefined ? ' [skipped: no riscv64 compiler]' : whySkipped;

interface Found {
  readonly endCount: number;
  readonly unrepeatable?: number;
  readonly ends: readonly {
    readonly kind: string;
    readonly isUsual: boolean;
    readonly isGood: boolean;
    readonly notes: readonly string[];
    readonly explanation: readonly string[];
    readonly schedule: string;
    readonly output: string;
    readonly command: string;
    readonly recording: string | null;
  }[];
}

/** Goes through the recording to its end and back over so many calls, each with the stack. */
async function debugBack(recording: string, calls: number): Promise<string[]> {
  const back = Array.from({ length: calls }, () => ['-ex', 'reverse-syscall', '-ex', 'bt']).flat();
  const args = ['replay', '--debug', '--batch', '-ex', 'continue', ...back, recording];
  const { stdout, stderr } = await rivulet(args);
  expect(stderr).toBe('');
  return stdout.split('\n');
}

async function explore(args: readonly string[]): Promise<{ status: number; found: Found }> {
  const { status, stdout, stderr } = await rivulet(['explore', '--json', ...args]);
  expect(stderr).toBe('');
  return { status, found: JSON.parse(stdout) as Found };
}

describe.skipIf(notCompiled)(`rivulet explore${skipped}`, () => {
  test('finds the lost wake-up, leaves one delay, and names the calls', async () => {
    const { status, found } = await explore(['--seeds', '150', guest('lost-wakeup')]);
    expect(status).toBe(1);
    expect(found.unrepeatable).toBeUndefined();
    expect(found.ends.map(({ kind, isUsual, isGood }) => ({ kind, isUsual, isGood }))).toEqual([
      { kind: 'finished', isUsual: true, isGood: true },
      { kind: 'deadlock', isUsual: false, isGood: false },
    ]);
    const end = found.ends[1] as Found['ends'][number];
    expect(end.schedule.split(',')).toHaveLength(1);
    expect(end.notes).toHaveLength(3);
    expect(end.notes[2]).toBe('deadlock: pid 2 waits for pid 3, which waits for pid 2');
    expect(end.explanation.join()).toMatch(
      /^lost wake-up of pid 2 .*: sendto at produce\+.* of pid 3 .* recvfrom at drain\+.* slept in ppoll at consume\+/,
    );
    // the printed schedule repeats it: the run stands still and is killed; without the schedule it ends
    const again = await rivulet(['run', '--schedule', end.schedule, guest('lost-wakeup')]);
    expect(again.status).toBe(137);
    expect(again.stderr).toContain('rivulet: deadlock: pid 2 waits for pid 3, which waits for pid 2\n');
    const usual = await rivulet(['run', '--schedule', 'none', guest('lost-wakeup')]);
    expect(usual).toMatchObject({ status: 0, stdout: 'jobs: 1 posted, 1 done\n' });
    const traced = await rivulet([
      'trace',
      '--timeout',
      '1',
      '--schedule',
      end.schedule,
      guest('lost-wakeup'),
    ]);
    expect(traced.stderr).toMatch(
      /recvfrom\(3, "!", 16, MSG_DONTWAIT.*= 1\n[\s\S]*ppoll\(\[\{fd=3, events=POLLIN\}\], 1/,
    );
  });

  test('reverse-syscall leads from the deadlock to the call that lost it', async () => {
    await inDirectory(async (directory) => {
      const args = ['--seeds', '150', '--record', directory, guest('lost-wakeup')];
      const { found } = await explore(args);
      expect(found.ends.map(({ recording }) => recording)).toEqual([
        null,
        join(directory, '2-lost-wakeup.rec'),
      ]);
      const recording = found.ends[1]?.recording as string;
      const lines = await debugBack(recording, 4);
      expect(lines).toContain('Deadlock: pid 2 waits for pid 3, which waits for pid 2.');
      const cause = lines.findIndex((line) =>
        line.startsWith('after [pid 2] recvfrom(3, "!", 16, MSG_DONTWAIT'),
      );
      expect(cause).toBeGreaterThan(0);
      expect(lines.slice(cause).join('\n')).toMatch(/ in drain\b/);
      const replayed = await rivulet(['replay', recording]);
      expect(replayed.status).toBe(137);
      expect(replayed.stderr).toContain('rivulet: deadlock: pid 2 waits for pid 3, which waits for pid 2\n');
    });
  });

  test('finds nothing when the wake-up is not lost', async () => {
    const { status, found } = await explore(['--seeds', '150', guest('lost-wakeup'), 'right']);
    expect({ status, ends: found.endCount }).toEqual({ status: 0, ends: 1 });
  });

  test('finds the deadlock of one schedule in a thousand, and leaves the two delays it takes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rivulet-explore-'));
    const { status, found } = await explore([
      ...['--seeds', '12000', '--until-different', '--record', directory, ...rareDeadlock],
    ]);
    expect(status).toBe(1);
    const end = found.ends[1] as Found['ends'][number];
    expect(end.kind).toBe('deadlock');
    expect(end.notes[3]).toBe('deadlock: thread 3 waits for thread 4, which waits for thread 3');
    expect(end.schedule.split(',').length).toBeLessThanOrEqual(4);
    const again = await rivulet(['run', '--timeout', '1', '--schedule', end.schedule, ...rareDeadlock]);
    expect(again.status).toBe(137);
    // back over the calls in which the two went to sleep
    const lines = await debugBack(end.recording as string, 3);
    rmSync(directory, { recursive: true });
    expect(lines).toContain('Deadlock: thread 3 waits for thread 4, which waits for thread 3.');
    expect(lines.filter((line) => line.startsWith('[pid 4] futex('))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('[pid 3] futex('))).toHaveLength(1);
    // glibc's functions have no unwind tables; the stack goes through them nevertheless
    expect(lines.filter((line) => line.includes(' in transfer'))).toHaveLength(2);
    expect(lines).toContainEqual(
      expect.stringMatching(/^#\d +0x.* in spend \(unused=0x0\) at \S*rare-deadlock\.c:\d+$/),
    );
  });

  test('gives the same answer every time', async () => {
    const args = ['--seeds', '60', '--leaks', guest('lost-wakeup')];
    const [one, two] = [await explore(args), await explore(args)];
    expect(two.found.ends).toEqual(one.found.ends);
    expect(one.found.ends[0]?.notes[0]).toMatch(
      /^lost-wakeup left fd 3 \(UNIX-STREAM\) open, from socketpair at main/,
    );
  });
});

describe.skipIf(notCompiled)(`what sleeps for ever is explained${skipped}`, () => {
  test.each([
    ['signal', 'for a signal', 'SIGUSR1 from pid 2 was handled after its call'],
    ['futex', 'for a wake-up of the futex word', 'because that was 0; it is 1 now, and nobody has woken it'],
    ['edge', 'which nobody else can bring', 'but its edge (EPOLLET) was reported before'],
    ['oneshot', 'which nobody else can bring', 'but its one shot (EPOLLONESHOT) was reported'],
    [
      'pipe',
      'for data on fd 3 (pipe:[1003]), which nobody else can bring: the other end is its own fd 4',
      '',
    ],
    ['lock', 'for the lock gate, which it holds itself', ''],
    ['child', 'for a child, which is up to pid 3', ''],
  ])('%s', async (how, note, why) => {
    const { status, found } = await explore(['--seeds', '1', guest('stuck'), how]);
    expect(status).toBe(1);
    const [end] = found.ends;
    expect(end?.kind).toBe('deadlock');
    expect(end?.notes[0]).toContain(note);
    expect(end?.explanation.join()).toContain(why);
    if (why === '') expect(end?.explanation).toEqual([]);
  });

  test.each(['name', 'backlog', 'rights'])('a race about sockets: %s', async (race) => {
    const { status, found } = await explore([
      '--until-different',
      '--seeds',
      '200',
      guest('socket-races'),
      race,
    ]);
    expect({ status, ends: found.endCount }).toEqual({ status: 1, ends: 2 });
    expect(found.ends[1]?.schedule).toMatch(/^\d+@\d+[.+\d]*$/); // one delay is enough for each
  });

  test('a sleep that is taken for a promise, with --timers', async () => {
    const plain = await explore(['--seeds', '40', guest('stuck'), 'late']);
    expect(plain.found.endCount).toBe(1);
    const { stdout } = await rivulet(['explore', '--seeds', '1', guest('stuck'), 'late']);
    expect(stdout).toContain('--timers also finds what relies on sleeping long enough');
    const { status, found } = await explore(['--seeds', '300', '--timers', guest('stuck'), 'late']);
    expect({ status, ends: found.endCount, isRepeatable: found.unrepeatable === undefined }).toEqual({
      status: 1,
      ends: 2,
      isRepeatable: true,
    });
    const schedule = found.ends[1]?.schedule ?? '';
    expect(schedule).toMatch(/2@\d+~/);
    expect((await rivulet(['run', '--schedule', schedule, guest('stuck'), 'late'])).status).toBe(1);
    expect((await rivulet(['run', '--schedule', 'none', guest('stuck'), 'late'])).status).toBe(0);
  });

  test('processes that outlive the program', async () => {
    const { found } = await explore(['--seeds', '1', guest('stuck'), 'leave']);
    expect(found.ends[0]).toMatchObject({ kind: 'left behind', isGood: false });
  });
});

describe.skipIf(notCompiled)(`rivulet explore --fault${skipped}`, () => {
  test('tells what is not checked from what is', async () => {
    const args = ['explore', '--json', '--fault', 'mmap,clone,socketpair', guest('lost-wakeup')];
    const { status, stdout } = await rivulet(args);
    expect(status).toBe(1);
    const { faults } = JSON.parse(stdout) as {
      faults: { name: string; error: string; place: string; verdict: string; command: string }[];
    };
    const verdictOf = (name: string, error: string) =>
      faults.filter((fault) => fault.name === name && fault.error === error).map(({ verdict }) => verdict);
    expect(verdictOf('mmap', 'ENOMEM')).toContain('crash'); // its result is not looked at
    expect(verdictOf('clone', 'EAGAIN')).toEqual(['hang']); // nor is fork's
    expect(verdictOf('socketpair', 'EMFILE')).toEqual(['noticed']); // MUST
    const { command } = faults.find(({ verdict }) => verdict === 'crash') as { command: string };
    const again = await run('sh', [
      '-c',
      command.replace('rivulet', '"$0" dist/rivulet.js'),
      process.execPath,
    ]);
    expect(again.status).toBe(139);
    expect(again.stderr).toContain('= -1 ENOMEM (Cannot allocate memory) (INJECTED)\n');
  });

  test('keeps what it found for the debugger, which goes back from the crash to the call', () =>
    inDirectory(async (directory) => {
      const found = join(directory, 'found');
      const args = ['explore', '--json', '--record', found, '--fault', 'mmap,clone', guest('lost-wakeup')];
      const { stdout } = await rivulet(args);
      const { faults } = JSON.parse(stdout) as { faults: { verdict: string; recording: string | null }[] };
      expect(
        faults.map(({ verdict, recording }) => (verdict === 'noticed') === (recording === null)),
      ).toEqual(faults.map(() => true));
      const crash = faults.find(({ verdict }) => verdict === 'crash')?.recording as string;
      expect(crash).toBe(join(found, '1-crash-mmap-ENOMEM.rec'));
      const replayed = await rivulet(['replay', crash]);
      expect([replayed.status, replayed.stderr]).toEqual([139, '']);
      const commands = [
        'continue',
        'catch syscall mmap',
        'reverse-continue',
        'info syscalls',
        'goto 0',
        'goto 400',
      ];
      const debugged = await rivulet([
        ...['replay', '--debug', '--batch'],
        ...[...commands, 'info syscalls'].flatMap((command) => ['-ex', command]),
        crash,
      ]);
      expect(debugged.stdout).toContain('received signal SIGSEGV, Segmentation fault.\n[pid 2] ends by it: ');
      expect(debugged.stdout).toMatch(
        /Catchpoint 1 \(returned from mmap\)\n\[pid 2\] mmap\(.* = -1 ENOMEM \(Cannot allocate memory\) \(INJECTED\)\n/,
      );
      expect(debugged.stdout).not.toContain('warning');
    }));
});

describe.skipIf(notBuilt)(`explore and its relatives on the command line${whySkipped}`, () => {
  test('explore says in words what it did', async () => {
    const { status, stdout } = await rivulet(['explore', '--seeds', '5', prebuilt('pair')]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^5 schedules of \d+ threads with \d+ moments to choose at: one end\n/);
    expect(stdout).toMatch(/end 1: exit status 0, pid 3: exit status 7 \(the usual end\)\n {2}6 of 6 runs\n/);
  });

  test('bad schedules and options are refused in one line', async () => {
    for (const args of [
      ['run', '--schedule', 'soon', prebuilt('hello')],
      ['explore', '--seeds', 'many', prebuilt('hello')],
      ['explore', '--output', 'roughly', prebuilt('hello')],
    ]) {
      const outcome = await rivulet(args);
      expect(outcome.status, args.join(' ')).toBe(125);
      expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  test('run --leaks lists what is left behind', async () => {
    const { status, stderr } = await rivulet(['run', '--leaks', prebuilt('hello')]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'rivulet: nothing was left behind\n' });
  });
});
