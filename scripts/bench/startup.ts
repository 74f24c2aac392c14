// The start-up suite: wall time of hello under each runner against `node -e 0`, and peak memory.
// Measured from outside, since a program cannot time its own start.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { run } from '../setup/command.ts';
import type { Runner } from './runners.ts';
import type { Metric } from './samples.ts';

const HELLO = 'demo/hello';

/** Metric `hello` holds each runner's wall time; `node -e 0` and peak resident memory have metrics of their own. */
export async function measureStartup(runners: readonly Runner[], rounds: number): Promise<Metric[]> {
  const hello: Metric = { suite: 'startup', name: 'hello', unit: 'ns', samples: {} };
  const node: Metric = { suite: 'startup', name: 'node -e 0', unit: 'ns', samples: { rivulet: [] } };
  const usable = runners.filter(({ name, missing }) => !missing && name !== 'interpreter');
  for (let round = 0; round < rounds; round++) {
    node.samples.rivulet?.push(await wallNs(() => run(process.execPath, ['-e', '0'])));
    for (const runner of usable) {
      const took = await wallNs(() => runner.start(HELLO, []));
      hello.samples[runner.name] = [...(hello.samples[runner.name] ?? []), took];
    }
  }
  const memory = await peakMemory();
  return memory === undefined ? [hello, node] : [hello, node, memory];
}

async function wallNs(start: () => Promise<{ status: number; stderr: string }>): Promise<number> {
  const before = performance.now();
  const outcome = await start();
  const took = (performance.now() - before) * 1e6;
  if (outcome.status !== 0)
    throw new Error(`start-up: ${outcome.stderr.trim() || `status ${outcome.status}`}`);
  return took;
}

/** Peak resident set of a whole `rivulet run hello`, by asking for it in the process itself. */
async function peakMemory(): Promise<Metric | undefined> {
  const report = 'process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const outcome = await run(process.execPath, [
    '--import',
    preload,
    'dist/rivulet.js',
    'run',
    `build/guests/riscv64/${HELLO}`,
  ]);
  const found = /^peak (\d+)$/m.exec(readable(outcome.stderr));
  if (found === null) return undefined;
  return { suite: 'startup', name: 'peak memory', unit: 'kB', samples: { rivulet: [Number(found[1])] } };
}

function readable(text: string): string {
  return text.replaceAll('\r', '');
}

/** What the measurements ran on, for the report's head. */
export function describeHost(): string {
  let model = 'unknown CPU';
  try {
    model = /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? model;
  } catch {
    // not Linux
  }
  return `${model}, Node ${process.version}, ${process.platform}`;
}
