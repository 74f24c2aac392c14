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
}

const RULE = '------ ----------- ----------- --------- --------- -------------------';

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
    row.ns += this.#kernel.clock.monotonicNs() - (this.#started.get(call) ?? 0);
  }

  /** The table, most time first, ending in a newline. */
  table(): string {
    const rows = [...this.#rows]
      .filter(([, row]) => row.calls > 0)
      .sort((a, b) => b[1].ns - a[1].ns || b[1].calls - a[1].calls);
    const total: Row = { calls: 0, errors: 0, ns: 0 };
    for (const [, row] of rows) {
      total.calls += row.calls;
      total.errors += row.errors;
      total.ns += row.ns;
    }
    const lines = [
      '% time     seconds  usecs/call     calls    errors syscall',
      RULE,
      ...rows.map(([name, row]) => line(row, total.ns, name)),
      RULE,
      line(total, total.ns, 'total'),
    ];
    return `${lines.join('\n')}\n`;
  }

  #row(name: string): Row {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { calls: 0, errors: 0, ns: 0 };
      this.#rows.set(name, row);
    }
    return row;
  }
}

function line({ calls, errors, ns }: Row, totalNs: number, name: string): string {
  const share = totalNs === 0 ? 0 : (100 * ns) / totalNs;
  const columns = [
    share.toFixed(2).padStart(6),
    (ns / 1e9).toFixed(6).padStart(11),
    String(calls === 0 ? 0 : Math.floor(ns / 1000 / calls)).padStart(11),
    String(calls).padStart(9),
    (errors === 0 ? '' : String(errors)).padStart(9),
    name,
  ];
  return columns.join(' ');
}
