// --leaks: what the programs of a run left behind, on stderr at its end.
// session.ts attaches it; the list comes from debugger/leaks, with the guest's stack where each thing was opened.
import { LeakLedger, leakText } from '../debugger/leaks/leak-ledger.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import type { Machine } from '../machine/machine.ts';
import { writeAll } from './node-host.ts';

const MOST_LINES = 200;

export interface LeakReport {
  /** Reads the program's symbols, before it runs. */
  load(guest: GuestProcess): void;
  print(): void;
}

/** Starts to keep account. */
export function attachLeaks(machine: Machine): LeakReport {
  const ledger = new LeakLedger(machine.kernel);
  machine.observe(ledger);
  return {
    load: ({ pid }) => {
      const thread = machine.kernel.pids.thread(pid);
      if (thread !== undefined) ledger.symbols.load(thread);
    },
    print: () => {
      const leaks = ledger.leaks();
      const lines = leaks.flatMap((leak) => [
        leakText(leak),
        ...(leak.origin?.stack ?? []).map((line) => `  > ${line}`),
      ]);
      if (leaks.length === 0) lines.push('nothing was left behind');
      const hidden = lines.length - MOST_LINES;
      if (hidden > 0) lines.splice(MOST_LINES, hidden, `… and ${hidden} more lines`);
      writeAll(2, Buffer.from(lines.map((line) => `rivulet: ${line}\n`).join(''), 'latin1'));
    },
  };
}
