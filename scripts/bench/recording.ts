// What recording costs: each program of the cpu and ipc suites as `run` and as `record`, alternately, as a table of ratios.
// bench.ts calls it. Compared are the guest's own figures, as in the other suites, and the processor time of the whole
// process, which includes writing the file and means something on a busy machine too.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureSuite } from './measure.ts';
import { formatValue, table } from './report.ts';
import { type Runner, recordingRunners } from './runners.ts';
import { best, geometricMean, type Metric, median, ratio } from './samples.ts';
import { SUITES } from './suites.ts';

const MEASURED = ['cpu', 'ipc'];
const PROCESS = 'whole process: ';
/** What a process loads first, to say at its end what it used. */
const METER = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeSync(2, \`used \${user + system}\\n\`);
});
`;

/** Metrics with samples of `rivulet` and `record`: the guest's, and one of processor time for each process. */
export async function measureRecording(
  rounds: number,
  progress: (text: string) => void,
): Promise<readonly Metric[]> {
  const directory = mkdtempSync(join(tmpdir(), 'rivulet-bench-'));
  const meter = join(directory, 'meter.cjs');
  writeFileSync(meter, METER);
  const metrics: Metric[] = [];
  try {
    for (const suite of SUITES.filter(({ name }) => MEASURED.includes(name))) {
      const processes = new Map<string, Metric>();
      const runners = recordingRunners(join(directory, 'bench.rec'), meter).map((runner) =>
        metered(runner, suite.name, processes),
      );
      const measured = await measureSuite(suite, runners, rounds, progress);
      metrics.push(...measured, ...processes.values());
    }
    progress('');
  } finally {
    rmSync(directory, { recursive: true });
  }
  return metrics.map((metric) => ({ ...metric, suite: `record ${metric.suite}` }));
}

/** A runner whose processor times are kept, by job, too. */
function metered(runner: Runner, suite: string, into: Map<string, Metric>): Runner {
  return {
    ...runner,
    start: async (program, args) => {
      const name = `${PROCESS}${args.at(-1) ?? program}`;
      const metric = into.get(name) ?? { suite, name, unit: 'ns', samples: {} };
      into.set(name, metric);
      const outcome = await runner.start(program, args);
      const used = /^used (\d+)$/m.exec(outcome.stderr)?.[1];
      if (used !== undefined) {
        metric.samples[runner.name] = [...(metric.samples[runner.name] ?? []), Number(used) * 1000];
      }
      return outcome;
    },
  };
}

/** A line for each metric with what recording costs, and the means that it is judged by. */
export function formatCosts(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => {
    const { samples, unit, suite, name } = metric;
    const value = (runner: 'rivulet' | 'record'): string => {
      const values = samples[runner] ?? [];
      return `${formatValue(best(values, unit), unit)} (${formatValue(median(values), unit)})`;
    };
    return [`${suite}: ${name}`, value('rivulet'), value('record'), cost(metric).toFixed(2)];
  });
  const header = ['', 'run best (median)', 'record best (median)', 'cost'];
  const lines = [table([header, ...rows]), ''];
  for (const suite of new Set(metrics.map((metric) => metric.suite))) {
    const ofSuite = metrics.filter((metric) => metric.suite === suite);
    const isProcess = ({ name }: Metric): boolean => name.startsWith(PROCESS);
    lines.push(
      `${suite}, guest:         ${summary(ofSuite.filter((metric) => !isProcess(metric)))}`,
      `${suite}, whole process: ${summary(ofSuite.filter(isProcess))}`,
    );
  }
  return lines.join('\n');
}

/** How many times as long it takes with recording. */
function cost(metric: Metric): number {
  return ratio(metric, 'rivulet', 'record') ?? Number.NaN;
}

function summary(metrics: readonly Metric[]): string {
  const worst = metrics.reduce((most, metric) => (cost(metric) > cost(most) ? metric : most));
  return `geometric mean ${geometricMean(metrics.map(cost)).toFixed(3)}, worst ${cost(worst).toFixed(2)} (${worst.name.replace(PROCESS, '')})`;
}
