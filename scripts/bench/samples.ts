// What was measured: samples by metric and runner, and the statistics that reports are made of.
// A metric is a time (ns, lower is better) or a rate (higher is better); ratios are always "times as fast".
import type { RunnerName } from './runners.ts';

export type Unit = 'ns' | 'MB/s' | '1/s' | 'kB';

export interface Metric {
  readonly suite: string;
  readonly name: string;
  readonly unit: Unit;
  /** Values in order of measurement. */
  readonly samples: Partial<Record<RunnerName, number[]>>;
}

/** Lower is better for times and memory. */
export function lowerIsBetter(unit: Unit): boolean {
  return unit === 'ns' || unit === 'kB';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The best sample: what the machine can do when nothing else disturbs it. */
export function best(values: readonly number[], unit: Unit): number {
  return lowerIsBetter(unit) ? Math.min(...values) : Math.max(...values);
}

/** How many times as fast `ours` is as `theirs`, from the best samples; undefined when one is missing. */
export function ratio(metric: Metric, ours: RunnerName, theirs: RunnerName): number | undefined {
  const a = metric.samples[ours];
  const b = metric.samples[theirs];
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const [mine, other] = [best(a, metric.unit), best(b, metric.unit)];
  return lowerIsBetter(metric.unit) ? other / mine : mine / other;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
