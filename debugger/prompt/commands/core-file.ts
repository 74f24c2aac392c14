// generate-core-file: saves the process that is looked at as a core file; it lives on.
// engine.ts lists it; inspect/core.ts makes the core.
import { coreOf, corePieces } from '../../inspect/core.ts';
import type { Command } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';

export const CORE_FILE: Command = {
  name: 'generate-core-file',
  aliases: ['gcore'],
  group: 'data',
  usage: 'generate-core-file [FILE]',
  help: 'Save the process as a core file, for gdb-multiarch PROGRAM FILE; as core.PID when no file is named. It lives on.',
  repeats: 'no',
  run: generate,
};

function generate(debugging: Debugger, argument: string): void {
  const { thread, arrived, surroundings } = debugging;
  const file = argument === '' ? `core.${thread.process.pid}` : argument;
  const image = coreOf(thread, arrived?.tid === thread.tid ? arrived.info : undefined);
  const why = surroundings.writeFile?.(file, image.size, corePieces(image));
  if (why !== undefined) throw new PromptError(`The core cannot be saved in '${file}': ${why}`);
  debugging.print(`Saved corefile ${file}`);
}
