// The bench's picture: one bar a metric, its length the speed relative to qemu-riscv64 on a logarithmic axis.
// Plain SVG text, written once; bars right of the line are faster than qemu.

import { formatValue } from './report.ts';
import { best, type Metric, ratio } from './samples.ts';

const ROW = 26;
const LEFT = 190;
const WIDTH = 520;
const RIGHT = 170;
const TOP = 56;
const FASTER = '#2a7f62';
const SLOWER = '#b5523b';
const TICKS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100];

/** A complete SVG document. */
export function plotRatios(title: string, metrics: readonly Metric[]): string {
  const rows = metrics.flatMap((metric) => {
    const value = ratio(metric, 'rivulet', 'qemu');
    return value === undefined ? [] : [{ metric, value }];
  });
  const values = rows.map(({ value }) => value);
  const low = Math.min(0.5, ...values) / 1.2;
  const high = Math.max(2, ...values) * 1.2;
  const scale = (value: number): number => LEFT + (WIDTH * Math.log(value / low)) / Math.log(high / low);
  const height = TOP + rows.length * ROW + 44;
  const one = scale(1);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + RIGHT} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fdfdfb"/>`,
    `<text x="${LEFT}" y="26" font-size="16" font-weight="600" fill="#222">${escapeXml(title)}</text>`,
    `<text x="${LEFT}" y="44" fill="#666">times as fast as qemu-riscv64 (logarithmic); right of the line is faster</text>`,
  ];
  for (const tick of TICKS.filter((value) => value >= low && value <= high)) {
    const x = scale(tick);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${TOP}" y2="${TOP + rows.length * ROW}" stroke="${tick === 1 ? '#333' : '#ddd'}"/>`,
    );
    parts.push(
      `<text x="${x}" y="${TOP + rows.length * ROW + 18}" text-anchor="middle" fill="#666">${tick}×</text>`,
    );
  }
  rows.forEach(({ metric, value }, i) => {
    const y = TOP + i * ROW;
    const x = scale(value);
    const ours = metric.samples.rivulet ?? [];
    const label = `${value.toFixed(2)}×  ${formatValue(best(ours, metric.unit), metric.unit)}`;
    parts.push(
      `<text x="${LEFT - 10}" y="${y + 17}" text-anchor="end" fill="#222">${escapeXml(metric.name)}</text>`,
    );
    parts.push(
      `<rect x="${Math.min(one, x)}" y="${y + 5}" width="${Math.abs(x - one)}" height="${ROW - 10}" rx="2" fill="${value >= 1 ? FASTER : SLOWER}"/>`,
    );
    parts.push(`<text x="${Math.max(one, x) + 8}" y="${y + 17}" fill="#444">${escapeXml(label)}</text>`);
  });
  parts.push('</svg>');
  return `${parts.join('\n')}\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
