// The layout of the panels on views made by hand: exact at two sizes, whole at all sizes, safe with any text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineText } from './cells.ts';
import { panelLines, panelRows } from './layout.ts';
import type { CodeRow, PanelView, RegisterRow } from './view.ts';

const NAMES =
  'pc ra sp a0 a1 a2 a3 a4 a5 a6 a7 s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t0 t1 t2 t3 t4 t5 t6 gp tp'.split(
    ' ',
  );

function registers(values: Readonly<Record<string, bigint>>, changed: readonly string[]): RegisterRow[] {
  return NAMES.map((name) => ({ name, bits: values[name] ?? 0n, isChanged: changed.includes(name) }));
}

function source(current: number, count: number): CodeRow[] {
  return Array.from({ length: count }, (_, index) => ({
    label: String(index + 1),
    text: `\tstatement ${index + 1};`,
    isCurrent: index === current,
    hasBreakpoint: index === current - 1,
  }));
}

const VIEW: PanelView = {
  code: { title: 'server.c', rows: source(19, 100), current: 19 },
  registers: registers(
    { pc: 0x10234n, sp: 0x117bde0n, a0: 0xffff_ffff_ffff_fff5n, a7: 0x1234_5678_9abc_def0n, s0: 8n },
    ['pc', 'a0', 't3', 'tp'],
  ),
  calls: [
    { text: '[pid 2] socket(AF_UNIX, SOCK_STREAM, 0) = 3', kept: 4, kind: 'ended' },
    {
      text: '[pid 2] connect(3, {sa_family=AF_UNIX, sun_path="/tmp/a-rather-long-name-of-a-socket"}, 38) = -1 ENOENT (No such file or directory)',
      kept: 40,
      kind: 'failed',
    },
    { text: '[pid 2] write(2, "no server\\n", 10 ...', kept: 0, kind: 'upcoming' },
  ],
  threads: [
    { id: '2', name: 'client', state: 'before write', isSelected: true, isStuck: false },
    {
      id: '3',
      name: 'server',
      state: 'sleeps in accept: waits for a connection',
      isSelected: false,
      isStuck: false,
    },
    { id: '4', name: 'x', state: 'zombie, exited with 0', isSelected: false, isStuck: false },
  ],
  deadlocks: [],
  status: { left: 'client, pid 2  main+16 at server.c:20', right: 'at 12+call, after 8 calls' },
};

function shown(view: PanelView, columns: number, rows: number): string[] {
  return panelLines(view, { columns, rows }).map(lineText);
}

describe('the panels', () => {
  it('are these at 80x24', () => {
    expect(shown(VIEW, 80, 24)).toEqual([
      '─ server.c ────────────────────────────────────┬─ registers *t3 *tp ────────────',
      '      17          statement 17;                │*pc  0x10234     a4  0x0        ',
      '      18          statement 18;                │ ra  0x0         a5  0x0        ',
      'B     19          statement 19;                │ sp  0x117bde0   a6  0x0        ',
      ' =>   20          statement 20;                │*a0  -0xb        a7  0x123…def0 ',
      '      21          statement 21;                │ a1  0x0         s0  0x8        ',
      '      22          statement 22;                │ a2  0x0         s1  0x0        ',
      '      23          statement 23;                │ a3  0x0         s2  0x0        ',
      '─ system calls ────────────────────────────────┴────────────────────────────────',
      '   [pid 2] socket(AF_UNIX, SOCK_STREAM, 0) = 3                                  ',
      '   [pid 2] connect(3, {sa_family=AF_UNI… = -1 ENOENT (No such file or directory)',
      '=> [pid 2] write(2, "no server\\n", 10 ...                                       ',
      '─ processes ────────────────────────────────────────────────────────────────────',
      ' * 2  client  before write                                                      ',
      '   … 2 more: info threads                                                       ',
      ' client, pid 2  main+16 at server.c:20                at 12+call, after 8 calls ',
    ]);
  });

  it('are these at 200x60', () => {
    const lines = shown(VIEW, 200, 60);
    expect(lines).toHaveLength(39);
    for (const line of lines) expect(line).toHaveLength(200);
    const brief = (from: number, to: number): string[] =>
      lines.slice(from, to).map((line) => line.replace(/ {9,}/g, '·').replace(/─{9,}/g, '═'));
    expect(brief(0, 3)).toEqual([
      '─ server.c ═┬─ registers ═',
      '       9·statement 9;·│*pc  0x10234·t0  0x0·',
      '      10·statement 10;·│ ra  0x0·t1  0x0·',
    ]);
    expect(brief(11, 13)).toEqual([
      'B     19·statement 19;·│ a7  0x123456789abcdef0·',
      ' =>   20·statement 20;·│ s0  0x8·',
    ]);
    expect(brief(23, 29)).toEqual([
      '      31·statement 31;·│ s11 0x0·',
      '─ system calls ═┬─ processes ═┴═',
      '   [pid 2] socket(AF_UNIX, SOCK_STREAM, 0) = 3·│ * 2  client  before write·',
      '   [pid 2] connect(3, {sa_family=AF_UNIX, sun_path="/tmp/a-rather-lon… = -1 ENOENT (No such file or directory)│   3  server  sleeps in accept: waits for a connection·',
      '=> [pid 2] write(2, "no server\\n", 10 ...·│   4  x       zombie, exited with 0·',
      '·│·',
    ]);
    expect(lines[38]).toMatch(/^ client, pid 2 {2}main\+16 at server\.c:20 +at 12\+call, after 8 calls $/);
  });

  it('fill their rows and columns exactly at every size, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const flag = fc.boolean();
    const view: fc.Arbitrary<PanelView> = fc.record({
      code: fc.record({
        title: text,
        rows: fc.array(
          fc.record({ label: fc.string({ maxLength: 8 }), text, isCurrent: flag, hasBreakpoint: flag }),
        ),
        current: fc.integer({ min: -1, max: 20 }),
      }),
      registers: fc.array(
        fc.record({
          name: fc.constantFrom(...NAMES),
          bits: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          isChanged: flag,
        }),
        { maxLength: 32 },
      ),
      calls: fc.array(
        fc.record({
          text,
          kept: fc.nat(400),
          kind: fc.constantFrom('ended' as const, 'failed' as const, 'upcoming' as const),
        }),
      ),
      threads: fc.array(fc.record({ id: text, name: text, state: text, isSelected: flag, isStuck: flag })),
      deadlocks: fc.array(text, { maxLength: 2 }),
      status: fc.record({ left: text, right: text }),
    });
    const size = fc.record({
      columns: fc.integer({ min: 60, max: 300 }),
      rows: fc.integer({ min: 16, max: 120 }),
    });
    fc.assert(
      fc.property(view, size, (any, at) => {
        const lines = panelLines(any, at);
        expect(lines).toHaveLength(panelRows(at) as number);
        for (const line of lines) {
          expect(line).toHaveLength(at.columns);
          // no cell moves the cursor, and a wide glyph and the empty cell behind it are never parted
          const isSafe = line.every(({ glyph }, column) =>
            glyph === '' ? /\P{ASCII}/u.test(line[column - 1]?.glyph ?? '') : !/\p{C}/u.test(glyph),
          );
          expect(isSafe, lineText(line)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leave at least seven rows to the prompt, and no panels where there is no room', () => {
    expect(panelRows({ columns: 80, rows: 24 })).toBe(16);
    expect(panelRows({ columns: 60, rows: 16 })).toBe(9);
    expect(panelRows({ columns: 59, rows: 50 })).toBeUndefined();
    expect(panelRows({ columns: 200, rows: 15 })).toBeUndefined();
  });

  it('show a deadlock in the heading, and the chosen one of many threads', () => {
    const threads = Array.from({ length: 50 }, (_, index) => ({
      id: `2/${index + 2}`,
      name: 'worker',
      state: 'sleeps in futex: waits for the lock a',
      isSelected: index === 40,
      isStuck: true,
    }));
    const lines = shown({ ...VIEW, threads, deadlocks: ['pid 2 waits for pid 2'] }, 80, 24);
    expect(lines.slice(12, 15).map((line) => line.trimEnd())).toEqual([
      `─ deadlock: pid 2 waits for pid 2 ${'─'.repeat(46)}`,
      ' * 2/42  worker  sleeps in futex: waits for the lock a',
      '   … 49 more: info threads',
    ]);
  });

  it('stand empty when the program has ended', () => {
    const lines = shown(
      {
        ...VIEW,
        code: { title: 'The program has ended', rows: [], current: -1 },
        registers: [],
        calls: [],
        threads: [],
      },
      80,
      24,
    );
    expect(lines[1]).toBe(`${' '.repeat(47)}│${' '.repeat(32)}`);
    expect(lines[9]?.trimEnd()).toBe(' none yet');
    expect(lines[13]?.trimEnd()).toBe(' none');
  });
});
