// `rivulet syscalls`: what the kernel's table has, and what of it is partial and how.
// main.ts imports it when asked. Everything is read off the rows that the kernel dispatches by.
import { allSyscalls } from '../kernel/syscalls/table.ts';
import { writeAll } from './node-host.ts';

/** Prints the table on stdout. */
export function listSyscalls(options: { json?: boolean; partial?: boolean }): void {
  const rows = allSyscalls()
    .flatMap((row, number) => (row === undefined ? [] : [{ number, name: row.name, partial: row.partial }]))
    .filter((row) => options.partial !== true || row.partial !== undefined);
  if (options.json === true) {
    const list = rows.map(({ number, name, partial }) => ({
      number,
      name,
      state: partial === undefined ? 'complete' : 'partial',
      ...(partial === undefined ? {} : { missing: partial }),
    }));
    print(`${JSON.stringify(list, undefined, 2)}\n`);
    return;
  }
  const width = Math.max(0, ...rows.map((row) => row.name.length));
  const lines = rows.map(({ number, name, partial }) =>
    `${String(number).padStart(4)}  ${name.padEnd(width)}  ${partial === undefined ? 'complete' : `partial: ${partial}`}`.trimEnd(),
  );
  const partialCount = rows.filter((row) => row.partial !== undefined).length;
  print(`${lines.join('\n')}\n\n${rows.length} system calls, ${partialCount} of them partial\n`);
}

function print(text: string): void {
  writeAll(1, Buffer.from(text));
}
