// How much memory the debugger may take for machines at earlier moments: --history-memory, and when there must be none.
// main.ts gives it to gdb's server, debug.ts and replay.ts to the prompt.
// undefined leaves it to the session.
import type { RawDebugOptions } from './debug-flags.ts';
import { parseSize, type RunSettings } from './run-options.ts';

/** Every machine at an earlier moment repeats what the program does to the host's files: none where it may change them. */
export function spareBytes(settings: RunSettings, { historyMemory }: RawDebugOptions): number | undefined {
  const bytes = historyBytes(historyMemory);
  return settings.mounts.some(({ writable }) => writable === true) ? 0 : bytes;
}

/** What --history-memory says. Throws UsageError. */
export function historyBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text === '0' ? 0 : parseSize(text, '--history-memory');
}
