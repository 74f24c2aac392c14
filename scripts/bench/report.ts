// The bench's outputs: a table of ratios for the terminal, JSON for later comparison, and what got slower.
import type { RunnerName } from './runners.ts';
import { best, geometricMean, lowerIsBetter, type Metric, median, ratio, type Unit } from './samples.ts';
import { FLOAT_KERNELS, SERIES } from './suites.ts';

export interface Report {
  readonly date: string;
  readonly host: string;
  readonly metrics: readonly Metric[];
}

const COLUMNS: readonly RunnerName[] = ['rivulet', 'interpreter', 'qemu', 'native'];

export function formatValue(value: number, unit: Unit): string {
  if (unit !== 'ns') return `${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
  if (value < 1e3) return `${value.toPrecision(3)} ns`;
  if (value < 1e6) return `${(value / 1e3).toPrecision(3)} µs`;
  return value < 1e9 ? `${(value / 1e6).toPrecision(3)} ms` : `${(value / 1e9).toPrecision(3)} s`;
}

/** Best and median of each runner, and how many times as fast Rivulet is as each peer. */
export function formatTable(suite: string, metrics: readonly Metric[]): string {
  const runners = COLUMNS.filter((name) => metrics.some((metric) => metric.samples[name] !== undefined));
  const header = [suite, ...runners.map((name) => `${name} best (median)`), 'vs qemu', 'vs native'];
  if (runners.includes('interpreter')) header.push('interpreter vs qemu');
  const rows = metrics.map((metric) => {
    const cells = runners.map((name) => {
      const samples = metric.samples[name];
      if (samples === undefined) return '-';
      return `${formatValue(best(samples, metric.unit), metric.unit)} (${formatValue(median(samples), metric.unit)})`;
    });
    const ratios = [ratio(metric, 'rivulet', 'qemu'), ratio(metric, 'rivulet', 'native')];
    if (runners.includes('interpreter')) ratios.push(ratio(metric, 'interpreter', 'qemu'));
    return [metric.name, ...cells, ...ratios.map(formatRatio)];
  });
  return table([header, ...rows]);
}

/** Aligned columns under a header, which is the first row. */
export function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function formatRatio(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}

/**
 * How many times as much each runner needs for the last metric of a series as for the first. Caches grow cold for all of
 * them, so that "flat" means: growing no more than the peers.
 */
export function formatGrowth(metrics: readonly Metric[]): string {
  const runners = COLUMNS.filter((name) => metrics.some((metric) => metric.samples[name] !== undefined));
  const rows = SERIES.flatMap(([first, last]) => {
    const from = metrics.find(({ name }) => name === first);
    const to = metrics.find(({ name }) => name === last);
    if (from === undefined || to === undefined) return [];
    const growths = runners.map((name) => {
      const [small, large] = [from.samples[name], to.samples[name]];
      if (small === undefined || large === undefined) return '-';
      return `× ${(best(large, to.unit) / best(small, from.unit)).toFixed(2)}`;
    });
    return [[`${first} → ${last}`, ...growths]];
  });
  return table([['growth', ...runners], ...rows]);
}

/** The means that the cpu suite is judged by. */
export function formatMeans(metrics: readonly Metric[]): string {
  const mean = (chosen: readonly Metric[], ours: RunnerName): string => {
    const ratios = chosen.map((metric) => ratio(metric, ours, 'qemu')).filter((value) => value !== undefined);
    return ratios.length === 0
      ? '-'
      : `${geometricMean(ratios).toFixed(3)} (least ${Math.min(...ratios).toFixed(2)})`;
  };
  const integers = metrics.filter(({ name }) => !FLOAT_KERNELS.includes(name));
  return [
    `geometric mean against qemu-riscv64: ${mean(metrics, 'rivulet')}`,
    `  integer kernels alone:             ${mean(integers, 'rivulet')}`,
    `  interpreter alone:                 ${mean(metrics, 'interpreter')}`,
  ].join('\n');
}

/** Lines for what is slower than in `old` by more than `tolerance`, compared as ratios to a peer where there is one. */
export function slowerThan(old: Report, now: readonly Metric[], tolerance = 0.1): string[] {
  const lines: string[] = [];
  for (const metric of now) {
    const before = old.metrics.find(({ suite, name }) => suite === metric.suite && name === metric.name);
    if (before === undefined) continue;
    const change = relativeSpeed(metric) / relativeSpeed(before);
    if (change < 1 - tolerance)
      lines.push(`${metric.suite} ${metric.name}: ${(change * 100).toFixed(0)} % of its former speed`);
  }
  return lines;
}

function relativeSpeed(metric: Metric): number {
  const relative = ratio(metric, 'rivulet', 'qemu') ?? ratio(metric, 'record', 'rivulet');
  if (relative !== undefined) return relative;
  const value = best(metric.samples.rivulet ?? [], metric.unit);
  return lowerIsBetter(metric.unit) ? 1 / value : value;
}
