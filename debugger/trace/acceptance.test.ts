// The traces of the three acceptance programs equal what strace 6.1 shows of the same programs built natively.
// `node scripts/run.mjs traces` records the goldens on a Linux machine with strace and gcc.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import { Machine } from '../../machine/machine.ts';
import { normaliseTrace } from './normalise.ts';
import { DEFAULT_TRACE_OPTIONS } from './options.ts';
import { Tracer } from './tracer.ts';

const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

/** Runs a prebuilt guest and returns its trace as `-o FILE` writes it. */
async function traceOf(program: string): Promise<string> {
  const machine = new Machine({ host: nodeHost() });
  for (const name of ['both', 'server', 'client', 'pair', 'rights']) {
    machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
  }
  let trace = '';
  const tracer = new Tracer(machine.kernel, { ...DEFAULT_TRACE_OPTIONS, isToFile: true }, (text) => {
    trace += text;
  });
  machine.observe(tracer);
  machine.spawn({ path: `/demo/${program}` });
  await machine.run();
  return trace;
}

describe('the trace of an acceptance program equals strace', () => {
  for (const program of ['both', 'pair', 'rights']) {
    it(program, async () => {
      const golden = readFileSync(new URL(`golden/${program}.txt`, import.meta.url), 'utf8');
      expect(normaliseTrace(await traceOf(program))).toBe(golden);
    });
  }
});
