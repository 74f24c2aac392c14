// -c: counts, errors and time of each system call, as strace's table.
// Attached instead of a Tracer, or beside one (-C); the table is printed at the end.
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { isFailure } from './result-text.ts';

interface Row {
  calls: number;
  errors: number;
  ns: number;
  shortest: number;
  longest: number;
}

export type SortBy = 'time' | 'calls' | 'errors' | 'name' | 'average' | 'shortest' | 'longest' | 'none';
export type ColumnName = Exclude<SortBy, 'none'> | 'seconds';

type Entry = readonly [name: string, row: Row];

/** Largest first, but for names. */
const ORDERS: Readonly<Record<SortBy, ((a: Entry, b: Entry) => number) | undefined>> = {
  time: ([, a], [, b]) => b.ns - a.ns || b.calls - a.calls,
  calls: ([, a], [, b]) => b.calls - a.calls,
  errors: ([, a], [, b]) => b.errors - a.errors,
  name: ([a], [b]) => (a < b ? -1 : 1),
  average: ([, a], [, b]) => b.ns / b.calls - a.ns / a.calls,
  shortest: ([, a], [, b]) => b.shortest - a.shortest,
  longest: ([, a], [, b]) => b.longest - a.longest,
  none: undefined,
};

const LEAST_NAME = 15;

export class Summary implements KernelObserver {
  readonly #kernel: Kernel;
  readonly #isTraced: (name: string) => boolean;
  readonly #rows = new Map<string, Row>();
  readonly #started = new WeakMap<Call, number>();

  constructor(kernel: Kernel, isTraced: (name: string) => boolean) {
    this.#kernel = kernel;
    this.#isTraced = isTraced;
  }

  syscallEnter(_thread: Thread, call: Call): undefined {
    this.#started.set(call, this.#kernel.clock.monotonicNs());
    if (call.syscall.name === 'exit' || call.syscall.name === 'exit_group') return;
    if (this.#isTraced(call.syscall.name)) this.#row(call.syscall.name);
  }

  syscallExit(_thread: Thread, call: Call, result: number): undefined {
    const { name } = call.syscall;
    if (!this.#isTraced(name) || name === 'exit' || name === 'exit_group') return;
    const row = this.#row(name);
    row.calls++;
    if (isFailure(result)) row.errors++;
    const ns = this.#kernel.clock.monotonicNs() - (this.#started.get(call) ?? 0);
    row.ns += ns;
    row.shortest = row.calls === 1 ? ns : Math.min(row.shortest, ns);
    row.longest = Math.max(row.longest, ns);
  }

  /** The table, ending in a newline. */
  table(sortBy: SortBy = 'time', columns: readonly ColumnName[] = STANDARD_COLUMNS): string {
    const rows = [...this.#rows].filter(([, row]) => row.calls > 0);
    const order = ORDERS[sortBy];
    if (order !== undefined) rows.sort(order);
    const total: Row = { calls: 0, errors: 0, ns: 0, shortest: 0, longest: 0 };
    for (const [, row] of rows) {
      total.calls += row.calls;
      total.errors += row.errors;
      total.ns += row.ns;
      total.shortest = total.shortest === 0 ? row.shortest : Math.min(total.shortest, row.shortest);
      total.longest = Math.max(total.longest, row.longest);
    }
    const nameWidth = Math.max(LEAST_NAME, ...rows.map(([name]) => name.length)) + 1;
    const chosen = columns.map((name) => COLUMNS[name]);
    const widthOf = ({ width }: Column): number => width ?? nameWidth;
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, at) => {
          const column = chosen[at] as Column;
          return column.width === undefined ? cell.padEnd(nameWidth) : cell.padStart(column.width);
        })
        .join(' ')
        .trimEnd();
    const cells = (name: string, row: Row): string[] => chosen.map(({ text }) => text(row, total, name));
    const rule = chosen.map((column) => '-'.repeat(widthOf(column))).join(' ');
    const lines = [
      line(chosen.map(({ title }) => title)),
      rule,
      ...rows.map(([name, row]) => line(cells(name, row))),
      rule,
      line(cells('total', total)),
    ];
    return `${lines.join('\n')}\n`;
  }

  #row(name: string): Row {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { calls: 0, errors: 0, ns: 0, shortest: 0, longest: 0 };
      this.#rows.set(name, row);
    }
    return row;
  }
}

const STANDARD_COLUMNS: readonly ColumnName[] = ['time', 'seconds', 'average', 'calls', 'errors', 'name'];

interface Column {
  readonly title: string;
  /** Undefined: as wide as the longest name. */
  readonly width?: number;
  text(row: Row, total: Row, name: string): string;
}

const seconds = (ns: number): string => (ns / 1e9).toFixed(6);

const COLUMNS: Readonly<Record<ColumnName, Column>> = {
  time: {
    title: '% time',
    width: 6,
    text: (row, total) => (row === total ? 100 : total.ns === 0 ? 0 : (100 * row.ns) / total.ns).toFixed(2),
  },
  seconds: { title: 'seconds', width: 11, text: ({ ns }) => seconds(ns) },
  average: {
    title: 'usecs/call',
    width: 11,
    text: ({ calls, ns }) => String(calls === 0 ? 0 : Math.floor(ns / 1000 / calls)),
  },
  shortest: { title: 'shortest', width: 8, text: (row) => seconds(row.shortest) },
  longest: { title: 'longest', width: 8, text: (row) => seconds(row.longest) },
  calls: { title: 'calls', width: 9, text: ({ calls }) => String(calls) },
  errors: { title: 'errors', width: 9, text: ({ errors }) => (errors === 0 ? '' : String(errors)) },
  name: { title: 'syscall', text: (_row, _total, name) => name },
};
