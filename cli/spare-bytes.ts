// How much memory the debugger may take for machines at earlier moments: --history-memory, and when there must be none.
// main.ts gives it to gdb's server, debug.ts to the prompt.
// undefined leaves it to the session.
import type { RawDebugOptions } from './debug-flags.ts';
import { parseSize, type RunSettings } from './run-options.ts';

/** Every machine at an earlier moment repeats what the program does to the host's files: none where it may change them. */
export function spareBytes(settings: RunSettings, { historyMemory }: RawDebugOptions): number | undefined {
  if (settings.mounts.some(({ writable }) => writable === true)) return 0;
  if (historyMemory === undefined) return undefined;
  return historyMemory === '0' ? 0 : parseSize(historyMemory, '--history-memory');
}
