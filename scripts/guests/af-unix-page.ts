// docs/af-unix.md: what is known about AF_UNIX, row by row, from the guest programs and their goldens alone.
// `npm run goldens` and `npm run compare:linux -- --write` write it; a test says when it is out of date.
import type { GuestProgram } from './catalogue.ts';
import { readGolden } from './observation.ts';
import { countObservations, type Row, tableOfRows } from './rows.ts';

export const AF_UNIX_PAGE = 'docs/af-unix.md';

/** The page's text. */
export function afUnixPage(all: readonly GuestProgram[]): string {
  const programs = all.filter((program) => program.rows.length > 0 && !program.isPart);
  const goldens = new Map(programs.map((program) => [program, readGolden(program.name)]));
  const rows = tableOfRows(programs, (program) => countObservations(goldens.get(program)?.text ?? ''));
  const total = rows.reduce((sum, { observations }) => sum + observations, 0);
  const recorded = (row: Row): string =>
    latest(row.programs.map((program) => goldens.get(program)?.recorded ?? ''));
  const contrary = rows.flatMap(({ row, programs }) =>
    programs
      .filter((program) => program.rows[0] === row)
      .flatMap((program) => program.contrary.map((text) => ({ row, text }))),
  );
  return `# AF_UNIX, row by row

<!-- Written by \`npm run goldens\` from the programs in guest-programs/unix and their goldens; edit those. -->

What a program can observe of unix sockets on Linux, and the guest programs that observe it. Each program is compiled for
the host and for riscv64. The golden outputs in \`system-tests/golden/unix\` were recorded on the host's own kernel, and
Rivulet's output equals them byte for byte: \`npm test\` compares with the goldens on every machine, \`npm run compare:linux\`
with the kernel of the machine it runs on. What cannot be equal stands in \`guest-programs/known-differences.md\`.

${total} observations in ${rows.filter(({ observations }) => observations > 0).length} rows. An observation is a line that gives a value for a label, counted once under its
heading and in the first row its program names; a program in parentheses also shows something of the row.

| row | behaviour | programs | observations | compared with |
|--|--|--|--|--|
${rows.map((row) => `| ${row.row} | ${cell(row.behaviour)} | ${listed(row)} | ${row.observations} | ${recorded(row)} |`).join('\n')}

## Where Linux differs from what is often written

Manual pages, books and other implementations say otherwise in these places. Rivulet does what the kernel does.

| row | what Linux does |
|--|--|
${contrary.map(({ row, text }) => `| ${row} | ${cell(text)} |`).join('\n')}
`;
}

function listed({ row, programs }: Row): string {
  return programs
    .map(({ name, rows, isPart }) => {
      const link = `[${name.replace(/^unix\//, '')}](../guest-programs/${name}.c)`;
      return rows[0] === row && !isPart ? link : `(${link})`;
    })
    .join(', ');
}

/** The most recent of recordings such as "Linux 6.18.44 x86_64, 2026-11-21". */
function latest(recordings: readonly string[]): string {
  const date = (recorded: string): string => recorded.split(', ').at(-1) ?? '';
  return [...recordings].sort((a, b) => (date(a) < date(b) ? -1 : 1)).at(-1) ?? '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/[<>]/g, (c) => (c === '<' ? '&lt;' : '&gt;'));
}
