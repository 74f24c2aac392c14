// Runs a suite: every job alternately on every runner, round after round, and collects the samples.
// bench.ts calls it. A job that fails, or whose checksum differs between runners, ends the run with a clear error.
import type { Runner, RunnerName } from './runners.ts';
import type { Metric } from './samples.ts';
import { parseLines, type Suite } from './suites.ts';

export async function measureSuite(
  suite: Suite,
  runners: readonly Runner[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Metric[]> {
  const metrics = new Map<string, Metric>();
  const checksums = new Map<string, string>();
  const usable = runners.filter(
    ({ name, missing }) => !missing && (name !== 'interpreter' || suite.withInterpreter),
  );
  const failed = new Set<string>();
  for (const job of suite.jobs) {
    for (let round = 0; round < rounds; round++) {
      for (const runner of usable) {
        progress(
          `${suite.name}: ${job.program} ${job.args.join(' ')} · round ${round + 1}/${rounds} · ${runner.name}`,
        );
        const outcome = await runner.start(job.program, job.args);
        if (outcome.status !== 0) {
          const words = `${runner.name}: ${job.program} ${job.args.join(' ')} ended with ${outcome.status}: ${outcome.stderr.trim()}`;
          if (runner.name === 'rivulet' || runner.name === 'interpreter') throw new Error(words);
          failed.add(words); // a peer that cannot do it has no figure, as qemu-user that cannot exec guests
          continue;
        }
        for (const line of parseLines(outcome.stdout)) {
          if (line.checksum !== undefined) checkSum(checksums, line.metric, line.checksum, runner.name);
          const metric = metrics.get(line.metric) ?? {
            suite: suite.name,
            name: line.metric,
            unit: line.unit,
            samples: {},
          };
          metrics.set(line.metric, metric);
          let samples = metric.samples[runner.name];
          if (samples === undefined) {
            samples = [];
            metric.samples[runner.name] = samples;
          }
          samples.push(line.value);
        }
      }
    }
  }
  for (const words of failed) console.log(`left out: ${words}`);
  return [...metrics.values()];
}

function checkSum(
  checksums: Map<string, string>,
  metric: string,
  checksum: string,
  runner: RunnerName,
): void {
  const known = checksums.get(metric);
  if (known === undefined) checksums.set(metric, checksum);
  else if (known !== checksum)
    throw new Error(`${runner} computed ${checksum} in ${metric}, others ${known}`);
}
