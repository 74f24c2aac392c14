// `node scripts/run.mjs traces`: records what strace shows of the acceptance programs built natively.
// debugger/trace/acceptance.test.ts compares Rivulet's own traces with these files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normaliseTrace } from '../debugger/trace/normalise.ts';
import { run } from './setup/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'rivulet-traces-'));
try {
  for (const name of ['both', 'server', 'client', 'pair', 'rights']) {
    const source = `guest-programs/demo/${name}.c`;
    const compiled = await run('gcc', ['-O1', '-static', '-o', join(directory, name), source], {
      show: true,
    });
    if (compiled.status !== 0) throw new Error(`gcc cannot build ${source}`);
  }
  for (const name of ['both', 'pair', 'rights']) {
    const output = join(directory, `${name}.trace`);
    const traced = await run('strace', ['-f', '-o', output, `./${name}`], { cwd: directory });
    if (traced.status !== 0) throw new Error(`strace of ${name} ended with ${traced.status}`);
    writeFileSync(`debugger/trace/golden/${name}.txt`, normaliseTrace(readFileSync(output, 'utf8')));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
