// What the panels take from a debugger on the acceptance programs, and that looking changes nothing.
import { describe, expect, it } from 'vitest';
import { type Prompt, promptOn } from '../prompt/prompt.test-support.ts';
import { SessionView } from './session-view.ts';
import type { PanelView } from './view.ts';

function viewOf(prompt: Prompt): SessionView {
  return new SessionView(prompt.engine.debugging);
}

function changed(view: PanelView): string[] {
  return view.registers.filter(({ isChanged }) => isChanged).map(({ name }) => name);
}

describe('the view of a session', () => {
  it('has the instructions around pc, the present one marked, and those with breakpoints', async () => {
    const prompt = promptOn('hello');
    await prompt.run('si 3', 'break *$pc+4');
    const { code } = viewOf(prompt).take(5);
    const here = code.rows[code.current];
    expect(here?.isCurrent).toBe(true);
    expect(here?.label).toBe(/0x([0-9a-f]+)/.exec(await prompt.run('p $pc'))?.[1]);
    expect(code.rows.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    const listed = await prompt.run('x/2i $pc');
    expect(listed.replace(/[\s,]+/g, ' ')).toContain(here?.text.replace(/[\s,]+/g, ' '));
    const stop = Number.parseInt(here?.label ?? '', 16) + 4;
    expect(code.rows.find(({ hasBreakpoint }) => hasBreakpoint)?.label).toBe(stop.toString(16));
  });

  it('marks the registers that differ from the stop before, until the machine moves again', async () => {
    const prompt = promptOn('hello');
    await prompt.run('info processes');
    const view = viewOf(prompt);
    expect(changed(view.take(3))).toEqual([]);
    await prompt.run('si');
    const first = changed(view.take(3));
    expect(first).toContain('pc');
    expect(first.length).toBeLessThan(4);
    expect(changed(view.take(3))).toEqual(first);
    await prompt.run('set $s7 = 77');
    const set = view.take(3);
    expect(changed(set)).toEqual(['s7']);
    expect(set.registers.find(({ name }) => name === 's7')?.bits).toBe(77n);
    await prompt.run('goto 0');
    expect(changed(view.take(3))).toContain('pc');
  });

  it('has the last calls as trace prints them, failed ones and the upcoming one told apart', async () => {
    const prompt = promptOn('rights');
    await prompt.run('catch syscall sendmsg', 'c', 'return EMFILE', 'sc');
    const failed = viewOf(prompt).take(3).calls.at(-1);
    expect(failed).toMatchObject({ kind: 'failed', text: expect.stringMatching(/= -1 EMFILE \(/) });
    expect(failed?.text.slice(-(failed?.kept ?? 0))).toBe(' = -1 EMFILE (Too many open files) (INJECTED)');
    await prompt.run('rsc');
    const { calls, threads, status } = viewOf(prompt).take(3);
    expect(calls.at(-1)).toMatchObject({
      kind: 'upcoming',
      text: expect.stringContaining('[pid 2] sendmsg(3, '),
    });
    expect(calls.at(-2)).toMatchObject({ kind: 'ended', text: expect.stringContaining('[pid 2] write(1, ') });
    expect(threads.map(({ id, state, isSelected }) => [id, state, isSelected])).toEqual([
      ['2', 'before sendmsg', true],
      ['3', 'ready', false],
    ]);
    expect(status.right).toMatch(/^at \d+\+call, after \d+ calls$/);
  });

  it('says what threads wait for, and how processes have ended', async () => {
    const prompt = promptOn('rights');
    await prompt.run('catch syscall recvmsg', 'c', 'delete', 'process 2');
    const waiting = viewOf(prompt).take(3).threads;
    expect(waiting.map(({ state }) => state)).toEqual([
      'sleeps in wait4: a child, up to pid 3',
      'before recvmsg',
    ]);
    await prompt.run('catch syscall exit_group', 'c', 'delete');
    for (let turn = 0; turn < 20; turn++) {
      await prompt.run('si');
      const ended = viewOf(prompt)
        .take(3)
        .threads.find(({ id }) => id === '3');
      if (ended?.state.startsWith('zombie') !== true) continue;
      expect(ended).toMatchObject({ name: 'rights', state: 'zombie, exited with 0', isSelected: false });
      return;
    }
    expect.fail('no zombie was seen');
  });

  it('is empty when the program has ended', async () => {
    const prompt = promptOn('hello');
    await prompt.run('c');
    const view = viewOf(prompt).take(3);
    expect(view).toMatchObject({ registers: [], threads: [], status: { left: 'no process' } });
    expect(view.code.rows).toEqual([]);
    expect(view.calls.at(-1)?.text).toContain('exit_group(0) = ?');
  });

  it('leaves the run as it was', async () => {
    const commands = ['catch syscall write', 'c', 'si 5', 'c', 'delete', 'c'];
    const alone = promptOn('rights');
    const seen = promptOn('rights');
    const view = viewOf(seen);
    for (const command of commands) {
      expect(await seen.run(command)).toBe(await alone.run(command));
      view.take(40);
      expect(await seen.run('when')).toBe(await alone.run('when'));
    }
    expect(seen.engine.debugging.session.log.hash).toBe(alone.engine.debugging.session.log.hash);
  });
});
