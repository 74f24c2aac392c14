// The debugger on a real terminal: its panels at small and large sizes and after a new one, and a clean terminal on every way out.
// Needs tmux; the test of source lines needs the cross compiler's programs. Without them the tests are skipped and say so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quoted } from '../cli/explore-support.ts';
import { notBuilt, prebuilt } from './rivulet.ts';
import { noTmux, Terminal } from './tmux.ts';

/** As a word of a command line, like all that is typed here: paths may have spaces. */
const DIST = quoted(resolve('dist/rivulet.js'));
const STEPS = resolve('build/guests/riscv64/debug/steps');
const PAINTS = resolve('build/guests/riscv64/tools/paints');

const missing = notBuilt ?? noTmux;
const why = missing ? ` [skipped: ${missing}]` : '';
const noSteps =
  missing ?? (existsSync(STEPS) ? undefined : 'guest programs are not compiled: npm test does it');
const noPaints =
  missing ?? (existsSync(PAINTS) ? undefined : 'guest programs are not compiled: npm test does it');
const whyNoPaints = noPaints ? ` [skipped: ${noPaints}]` : '';
const whyNoSteps = noSteps ? ` [skipped: ${noSteps}]` : '';

/** What `when` says at the start of the prebuilt program. */
const POSITION = 'Position 1+0x102ea, after 0 system calls.';

/** A prebuilt guest program as a word of a command line. */
const guest = (name: string): string => quoted(prebuilt(name));

const PROMPT_READY = /^\(rivulet\)$/m;

interface Options {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A script for Node to run before the debugger. */
  readonly faults?: string;
}

/** A debugger on a terminal that showed `before` first. */
class Session {
  readonly terminal: Terminal;
  #modes = '';

  private constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  static async start(
    command: string,
    { columns = 80, rows = 24, env = {}, faults = '' }: Options = {},
  ): Promise<Session> {
    const session = new Session(await Terminal.open(columns, rows, env));
    try {
      await session.#begin(command, faults);
    } catch (error) {
      await session.terminal.close();
      throw error;
    }
    return session;
  }

  async #begin(command: string, faults: string): Promise<void> {
    const { terminal } = this;
    this.#modes = await terminal.modes();
    await terminal.type('stty -a > "$HOME/before"; echo before');
    await terminal.waitFor(/^before\n\$$/m);
    writeFileSync(
      join(terminal.directory, 'start'),
      `echo $$ > "$HOME/pid"; exec ${process.execPath} -r "$HOME/faults.cjs" ${DIST} ${command}`,
    );
    writeFileSync(join(terminal.directory, 'faults.cjs'), faults);
    await terminal.type('sh ~/start');
    await terminal.waitFor(PROMPT_READY);
  }

  get pid(): number {
    return Number(readFileSync(join(this.terminal.directory, 'pid'), 'utf8'));
  }

  /** Types a command and waits until the prompt stands below what it printed. */
  async say(command: string, until: RegExp): Promise<string[]> {
    await this.terminal.type(command);
    await this.terminal.waitFor(until);
    return this.terminal.waitFor(/\(rivulet\)\n*$/);
  }

  /** The shell has its terminal again, as it was. Returns the lines that the debugger left on it. */
  async expectClean(): Promise<string[]> {
    const { terminal } = this;
    const lines = await terminal.waitFor(/\n\$\n*$/);
    expect(await terminal.modes()).toBe(this.#modes);
    await terminal.type('stty -a > "$HOME/after"; echo visible');
    await terminal.waitFor(/^\$ stty -a > .*\nvisible\n\$$/m);
    const stty = (name: string): string => readFileSync(join(terminal.directory, name), 'utf8');
    expect(stty('after')).toBe(stty('before'));
    expect(lines.slice(0, 2)).toEqual(['$ stty -a > "$HOME/before"; echo before', 'before']);
    const end = lines.lastIndexOf('$');
    return lines.slice(3, end);
  }
}

async function withSession(
  command: string,
  use: (session: Session) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const session = await Session.start(command, options);
  try {
    await use(session);
  } finally {
    await session.terminal.close();
  }
}

/** Rows that are the headings of panels, and the columns that rules have. */
function headings(lines: readonly string[]): number[] {
  return lines.flatMap((line, row) => (/^─ .* ─/.test(line) ? [row] : []));
}

describe(`the debugger's panels${why}`, () => {
  const rights = `debug ${guest('rights')}`;

  test.skipIf(missing)('stand above the prompt at 80x24', () =>
    withSession(rights, async (session) => {
      await session.say('catch syscall sendmsg', /Catchpoint 1/);
      const lines = await session.say('continue', /call to sendmsg/);
      expect(lines).toHaveLength(24);
      expect(headings(lines)).toEqual([0, 8, 12]);
      for (const row of headings(lines)) expect(lines[row]).toHaveLength(80);
      expect(lines[0]).toMatch(/^─ .*rights ─+┬─ registers .*─$/);
      expect(lines.slice(1, 8).join('\n')).toMatch(/^ => +[0-9a-f]+ {2}ecall +│\*pc {2}0x[0-9a-f]+ /m);
      expect(lines.slice(9, 11)).toEqual([
        '   [pid 2] read(4, "0123456789", 10) = 10',
        expect.stringMatching(/^ {3}\[pid 2\] write\(1, "parent: read .*… = 50$/),
      ]);
      expect(lines[11]).toMatch(/^=> \[pid 2\] sendmsg\(3, \{msg_name=NULL.*…$/);
      expect(lines.slice(13, 15)).toEqual([' * 2  rights  before sendmsg', '   3  rights  ready']);
      expect(lines[15]).toMatch(/^ rights, pid 2 .* at \d+\+call, after 9 calls$/);
      expect(lines[15]).toHaveLength(79); // and a space that tmux leaves out
    }),
  );

  test.skipIf(noSteps)(`show source and what a step changed at 200x60${whyNoSteps}`, () =>
    withSession(
      `debug ${quoted(STEPS)}`,
      async (session) => {
        await session.say('break twice', /Breakpoint 1 at/);
        const lines = await session.say('continue', /Breakpoint 1, twice/);
        expect(lines).toHaveLength(60);
        expect(headings(lines)).toEqual([0, 24]);
        for (const row of headings(lines)) expect(lines[row]).toHaveLength(200);
        expect(lines[0]).toMatch(/^─ steps\.c ─+┬─ registers ─+$/);
        expect(lines[24]).toMatch(/^─ system calls ─+┬─ processes ─+┴─+$/);
        const panel = lines.slice(1, 24).join('\n');
        expect(panel).toMatch(/^B=> +\d+ {4}int result = n \+ n; +│\*a6 /m);
        expect(panel).toMatch(/^ +\d+ {2}int main\(void\) \{ +│/m);
        expect(panel).toMatch(/│\*sp {2}0x[0-9a-f]+ +t2 {2}0x0$/m);
        for (const name of ['ra', 'a0', 'a7', 's11', 't0', 't6', 'gp', 'tp']) {
          expect(panel).toMatch(new RegExp(`[│ *]${name} +0x[0-9a-f]+( |$)`, 'm'));
        }
        expect(lines.slice(25, 38).join('\n')).toMatch(/\[pid 2\] mprotect\(.*│/);
        expect(lines[25]).toMatch(/│ \* 2 {2}steps {2}runs$/);
        expect(lines[38]).toMatch(/^ steps, pid 2 {2}twice\+\d+ at steps\.c:\d+ .* at \S+, after \d+ calls$/);
        expect(await session.terminal.colours()).toMatch(/␛\[1m␛\[33m[^\n]*\*pc/);
        await session.say('up', /#1 /);
        expect((await session.terminal.screen()).join('\n')).toMatch(/^ +=> +\d+ {4}total \+= twice\(n\);/m);
      },
      { columns: 200, rows: 60 },
    ),
  );

  test.skipIf(missing)('fit each new size, with what stood below them and the line that is being typed', () =>
    withSession(rights, async ({ terminal }) => {
      await terminal.type('when');
      await terminal.waitFor(/Position 1\S*, after 0 system calls/);
      await terminal.key('e', 'c', 'h', 'o', 'Space', 'h', 'e', 'r', 'e');
      await terminal.resize(200, 60);
      const large = await terminal.waitFor(
        /^─ [^\n]{198}\n[\s\S]*\(rivulet\) when\n[\s\S]*\n\(rivulet\) echo here\n*$/,
      );
      expect(headings(large)).toEqual([0, 24]);
      expect(large.slice(39, 42)).toEqual(['(rivulet) when', POSITION, '(rivulet) echo here']);
      await terminal.resize(61, 16);
      const small = await terminal.waitFor(/^─ [^\n]{59}\n[\s\S]*\(rivulet\) echo here\n*$/);
      expect(headings(small)).toEqual([0, 4, 6]);
      expect(small.slice(9, 12)).toEqual(['(rivulet) when', POSITION, '(rivulet) echo here']);
      await terminal.resize(50, 16); // too small
      const plain = await terminal.waitFor(
        /^\$ [\s\S]*Position \S+, after 0 system calls\.\n\(rivulet\) echo here\n*$/,
      );
      expect(headings(plain)).toEqual([]);
      await terminal.resize(80, 24);
      const again = await terminal.waitFor(/^─ [^\n]{78}\n[\s\S]*\n\(rivulet\) echo here\n*$/);
      expect(headings(again)).toEqual([0, 8, 12]);
      await terminal.key('Enter');
      await terminal.waitFor(/\(rivulet\) echo here\nhere\n\(rivulet\)\n*$/);
    }),
  );

  test.skipIf(missing)('go away by a command, and what scrolled away below them is there', () =>
    withSession(rights, async (session) => {
      const commands = ['one', 'two', 'three', 'four', 'five', 'six'];
      for (const word of commands) await session.say(`echo ${word}`, new RegExp(`${word}\n${word}`));
      expect((await session.terminal.screen()).join('\n')).not.toContain('echo one');
      const plain = await session.say('panels off', /echo one[\s\S]*panels off/);
      expect(headings(plain)).toEqual([]);
      const first = plain.indexOf('(rivulet) echo one');
      expect(plain.slice(first, first + 12)).toEqual(
        commands.flatMap((word) => [`(rivulet) echo ${word}`, word]),
      );
      expect(headings(await session.say('panels on', /─ registers/))).toEqual([0, 8, 12]);
      await session.terminal.type('quit');
      await session.expectClean();
    }),
  );

  test.skipIf(missing)(
    'stand without colour, without Unicode, or not at all where that is asked for',
    async () => {
      await withSession(
        rights,
        async ({ terminal }) => {
          expect((await terminal.screen())[0]).toMatch(/^- .* -+\+- registers -+$/);
          expect(await terminal.colours()).not.toMatch(/␛\[(\d;)*3[0-8]m/);
        },
        { env: { LANG: 'C', NO_COLOR: '1' } },
      );
      for (const [command, env] of [
        [`debug --no-panels ${guest('rights')}`, {}],
        [rights, { TERM: 'dumb' }],
      ] as const) {
        await withSession(
          command,
          async (session) => {
            expect(headings(await session.terminal.screen())).toEqual([]);
            await session.terminal.type('quit');
            await session.expectClean();
          },
          { env },
        );
      }
    },
  );
});

describe(`the prompt on a terminal${why}`, () => {
  const rights = `debug ${guest('rights')}`;

  test.skipIf(missing)('has history, completion, and repeats the last command on an empty line', () =>
    withSession(rights, async (session) => {
      const { terminal } = session;
      await terminal.key('r', 'e', 'v');
      await terminal.waitFor(/^\(rivulet\) rev$/m);
      await terminal.key('Tab');
      await terminal.waitFor(/^\(rivulet\) reverse-$/m);
      await terminal.key('Tab');
      await terminal.waitFor(/reverse-continue +reverse-finish/);
      await terminal.key('C-c');
      await terminal.waitFor(/^\(rivulet\) reverse-Quit\n\(rivulet\)\n*$/m);
      await terminal.key('i', 'n', 'f', 'o', 'Space', 's', 'o', 'c');
      await terminal.waitFor(/^\(rivulet\) info soc$/m);
      await terminal.key('Tab');
      await terminal.waitFor(/^\(rivulet\) info sockets$/m);
      await terminal.key('-', '-', 'g');
      await terminal.waitFor(/^\(rivulet\) info sockets --g$/m);
      await terminal.key('BSpace', 'BSpace', 'BSpace', 'Enter');
      await terminal.waitFor(/^\(rivulet\) info sockets ?\nNo sockets\./m);
      await session.say('stepi', /stepi\n=> 0x/);
      const before = await session.say('', /stepi\n=> 0x[\s\S]*\(rivulet\)\n=> 0x/);
      expect(before.join('\n')).toMatch(/ at \d\+0x102f2, after 0 calls/);
      await terminal.key('Up', 'Up', 'Enter');
      await terminal.waitFor(/\(rivulet\)\n=> 0x[\s\S]*\(rivulet\) info sockets ?\nNo sockets\./);
      await terminal.key('C-l');
      await terminal.waitFor(/ at \d\+0x102f2, after 0 calls\n\(rivulet\)\n*$/);
      await terminal.type('quit');
      await session.expectClean();
      await terminal.type(`${process.execPath} ${DIST} debug --no-panels ${guest('rights')}`);
      await terminal.waitFor(PROMPT_READY);
      await terminal.key('Up', 'Up');
      await terminal.waitFor(/^\(rivulet\) info sockets$/m);
    }),
  );
});

describe(`a question of the debugger${why}`, () => {
  test.skipIf(missing)('is asked again until the answer is yes or no, and Ctrl-C is no', () =>
    withSession(`debug ${guest('pair')}`, async ({ terminal }) => {
      const question = 'Make breakpoint pending on future shared library load\\? \\(y or \\[n\\]\\)';
      await terminal.type('break nosuch');
      await terminal.waitFor(new RegExp(`^${question}$`, 'm'));
      await terminal.type('perhaps');
      await terminal.waitFor(new RegExp(`^${question} perhaps\nPlease answer y or n\\.\n${question}$`, 'm'));
      await terminal.type('y');
      await terminal.waitFor(/^Breakpoint 1 \(nosuch\) pending\.\n\(rivulet\)\n*$/m);
      await terminal.type('break other');
      await terminal.waitFor(new RegExp(`Use the "file" command\\.\n${question}\n*$`, 'm'));
      await terminal.key('C-c');
      await terminal.waitFor(/Quit\nNo breakpoint was made\.\n\(rivulet\)\n*$/);
    }),
  );
});

describe(`a guest that runs${why}`, () => {
  test.skipIf(noPaints)(
    `paints over nothing, leaves the keys to the next prompt, and stops at Ctrl-C${whyNoPaints}`,
    () =>
      withSession(`debug ${quoted(PAINTS)}`, async (session) => {
        const { terminal } = session;
        const still = await terminal.screen();
        await terminal.type('continue');
        await terminal.waitFor(/^ running +Ctrl-C stops it\n[\s\S]*\^\[\[2J\^\[c\^\[\[\?1049lpainted$/m);
        await terminal.type('print 40 + 2');
        await terminal.type('echo ahead');
        await terminal.key('l', 'a', 's', 't');
        const running = await terminal.waitFor(/painted\n/);
        expect(running.slice(0, 15)).toEqual(still.slice(0, 15));
        expect(running.join('\n')).not.toContain('40 + 2');
        await terminal.key('C-c');
        const lines = await terminal.waitFor(/\$1 = 42\n\(rivulet\) echo ahead\nahead\n\(rivulet\) last\n*$/);
        expect(headings(lines)).toEqual([0, 8, 12]);
        await terminal.key('C-u');
        await session.say('echo again', /again\nagain/);
        await terminal.type('continue');
        await terminal.waitFor(/^ running /m);
        process.kill(session.pid, 'SIGTERM');
        await session.expectClean();
      }),
  );
});

describe(`a clean terminal${why}`, () => {
  /** Runs in the debugger's process before it: signals that make it fail in ways of its own. */
  const faults = `
    const fail = (signal, how) => process.on(signal, () => setImmediate(how));
    fail('SIGUSR2', () => { throw new Error('thrown in an event'); });
    fail('SIGALRM', () => process.exit(9));
    fail('SIGIO', () => Promise.reject(new Error('rejected')));
  `;

  /** The ways out, each with what it leaves behind the prompt's last line. */
  const ways: readonly (readonly [string, (session: Session) => Promise<void>, left?: RegExp])[] = [
    ['quit', ({ terminal }) => terminal.type('quit'), /\n\(rivulet\) quit$/],
    ['Ctrl-D', ({ terminal }) => terminal.key('C-d'), /\n\(rivulet\) quit$/],
    ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const).map(
      (signal) => [signal, (session: Session) => killAtPrompt(session, signal)] as const,
    ),
    ['process.exit', (session) => killAtPrompt(session, 'SIGALRM')],
    ['an exception', (session) => killAtPrompt(session, 'SIGUSR2'), /internal error: thrown in an event\n/],
    ['a rejection', (session) => killAtPrompt(session, 'SIGIO'), /internal error: rejected\n/],
  ];

  async function killAtPrompt({ terminal, pid }: Session, signal: NodeJS.Signals): Promise<void> {
    await terminal.key('h', 'a', 'l', 'f');
    await terminal.waitFor(/\(rivulet\) half$/m);
    process.kill(pid, signal);
  }

  for (const panels of ['', '--no-panels ']) {
    for (const [name, leave, left] of ways) {
      test.skipIf(missing)(`is left by ${name}${panels === '' ? '' : ' without panels'}`, () =>
        withSession(
          `debug ${panels}${guest('rights')}`,
          async (session) => {
            await session.say('when', /Position 1.*calls/);
            await leave(session);
            const lines = (await session.expectClean()).join('\n');
            expect(lines).toContain(`(rivulet) when\n${POSITION}`);
            if (left !== undefined) expect(lines).toMatch(left);
          },
          { rows: 40, faults },
        ),
      );
    }
  }

  test.skipIf(missing)('is left when the guest has ended, with its last lines', () =>
    withSession(`debug ${guest('rights')}`, async (session) => {
      await session.say('continue', /The program has ended/);
      await session.terminal.type('quit');
      expect((await session.expectClean()).slice(-4)).toEqual([
        'parent: the shared offset is now 19',
        '[pid 2 (rights) exited with 0]',
        'The program has ended.',
        '(rivulet) quit',
      ]);
    }),
  );

  test.skipIf(missing)(
    "is the shell's between Ctrl-Z and fg, and the debugger goes on below its panels",
    () =>
      withSession(`debug ${guest('rights')}`, async (session) => {
        const { terminal } = session;
        await session.say('echo one', /one\none/);
        await terminal.key('C-z');
        await terminal.waitFor(/\(rivulet\) echo one\none\n[\s\S]*Stopped[\s\S]*\n\$\n*$/);
        await terminal.resize(90, 30);
        await terminal.type('fg');
        const lines = await terminal.waitFor(
          /^─ [^\n]{88}\n[\s\S]*\(rivulet\) echo one\none\n\(rivulet\)\n*$/,
        );
        expect(headings(lines)).toEqual([0, 10, 15]);
        await session.say('echo two', /two\ntwo/);
        await terminal.resize(80, 24);
        await terminal.waitFor(/^─ [^\n]{78}\n[\s\S]*two\ntwo\n\(rivulet\)\n*$/);
        await terminal.type('quit');
        await session.expectClean();
      }),
  );

  test.skipIf(missing)('goes away, and the debugger with it', async () => {
    const session = await Session.start(`debug ${guest('rights')}`);
    const { pid } = session;
    await session.terminal.close();
    const isThere = (): boolean => existsSync(`/proc/${pid}/stat`);
    for (const end = Date.now() + 10_000; isThere() && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(isThere()).toBe(false);
  });
});
