// A debugger without a terminal: commands in, text out.
// Tests of this folder drive it on prebuilt guest programs.
import { readFileSync } from 'node:fs';
import { nodeHost } from '../../cli/node-host.ts';
import { Machine } from '../../machine/machine.ts';
import { Debugger, type Surroundings } from './debugger.ts';
import { PromptEngine } from './engine.ts';

const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

export interface Prompt {
  readonly engine: PromptEngine;
  /** Runs commands and returns what they and the guest printed. */
  run(...lines: string[]): Promise<string>;
  /** Called at every breath, with how many there were. */
  onBreath: ((count: number) => void) | undefined;
}

/** On a program of guest-programs/prebuilt/, or on bytes. Sources by path or name. */
export function promptOn(
  program: string | Uint8Array,
  sources: Readonly<Record<string, string>> = {},
): Prompt {
  let text = '';
  let breaths = 0;
  const surroundings: Surroundings = {
    print: (piece) => (text += piece),
    guestOutput: (_stream, bytes) => {
      text += new TextDecoder().decode(bytes);
    },
    breathe: async () => prompt.onBreath?.(++breaths),
    readText: (file) => sources[file] ?? sources[file.split('/').pop() ?? ''],
  };
  const debugging = new Debugger((output) => {
    const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
    for (const name of ['both', 'server', 'client', 'pair', 'rights', 'hello']) {
      machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
    }
    const path = typeof program === 'string' ? `/demo/${program}` : '/demo/program';
    if (typeof program !== 'string') machine.writeFile(path, program, 0o755);
    machine.spawn({ path, stdout: (b) => output(1, b), stderr: (b) => output(2, b) });
    return machine;
  }, surroundings);
  const engine = new PromptEngine(debugging);
  const prompt: Prompt = {
    engine,
    onBreath: undefined,
    async run(...lines) {
      text = '';
      debugging.prepare();
      for (const line of lines) await engine.execute(line);
      return text;
    },
  };
  return prompt;
}
