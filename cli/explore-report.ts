// What explore found, for people and as JSON.
// explore.ts calls it at the end of its runs.
import { type EndGroup, type Explorer, isGood } from '../debugger/explore/explore.ts';
import { delayText, scheduleText } from '../debugger/explore/schedule.ts';
import type { End } from '../debugger/explore/trial.ts';
import { signalName } from '../kernel/abi/signal.ts';
import { quoted } from './explore-support.ts';

export interface ExploreReport {
  readonly explorer: Explorer;
  /** The groups to show, the usual one first. */
  readonly shown: readonly EndGroup[];
  readonly seeds: number;
  readonly seconds: number;
  /** Threads were also held until timers fire. */
  readonly withTimers: boolean;
  /** Where recordings of ends were kept, when they were asked for. */
  readonly recordings: ReadonlyMap<EndGroup, string> | undefined;
  /** What repeats a group's end, after `rivulet run`. */
  commandLine(group: EndGroup): string;
}

const MOST_DELAYS = 12;
const OUTPUT_LINES = 6;

export function exploreText(report: ExploreReport): string {
  const { explorer, shown, seeds, seconds, recordings } = report;
  const { groups, usual } = explorer;
  const rate = Math.round((explorer.runs / seconds) * 60);
  const lines = [
    `${seeds} schedules of ${explorer.size.threads} threads with ${explorer.size.moments} moments to choose at: ${groups.length === 1 ? 'one end' : `${groups.length} different ends`}`,
    `(${explorer.runs} runs in ${seconds.toFixed(1)} s, ${rate} a minute)`,
  ];
  for (const [index, group] of shown.entries()) {
    lines.push('', ...groupLines(group, index, usual, report));
  }
  if (recordings === undefined && shown.some((group) => group !== usual || !isGood(group.end))) {
    lines.push('', '--record DIR keeps these runs as files for `rivulet replay --debug`');
  }
  if (groups.length === 1 && explorer.size.threads > 1 && usual.end.sleptNs > 0 && !report.withTimers)
    lines.push(
      '',
      'the program sleeps until timers fire: --timers also finds what relies on sleeping long enough',
    );
  const hidden = groups.length - shown.length;
  if (hidden > 0)
    lines.push('', `… and ${hidden} more ends; --output lines or none compares outputs less strictly`);
  if (explorer.unrepeatable !== undefined) {
    lines.push(
      '',
      `seed ${explorer.unrepeatable} could not be repeated from its own schedule: a fault of Rivulet, please report it`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function groupLines(group: EndGroup, index: number, usual: EndGroup, report: ExploreReport): string[] {
  const { end, schedule, firstSeed } = group;
  const lines = [`end ${index + 1}: ${endText(end)}${group === usual ? ' (the usual end)' : ''}`];
  const from = firstSeed === undefined ? '' : `, first with seed ${firstSeed}`;
  lines.push(`  ${group.count} of ${report.seeds + 1} runs${from}`);
  for (const note of end.notes) lines.push(`  ${note}`);
  for (const line of group.explanation) lines.push(`  ${line}`);
  lines.push(...outputLines(end, group === usual ? undefined : usual.end));
  const recording = report.recordings?.get(group);
  const ways =
    recording === undefined ? [] : [`  in the debugger: rivulet replay --debug ${quoted(recording)}`];
  if (group === usual) return [...lines, ...ways];
  const delays = schedule.length === 1 ? '1 delay' : `${schedule.length} delays`;
  const isLong = schedule.length > MOST_DELAYS;
  lines.push(`  ${group.isShortened ? 'shortest schedule' : 'schedule'}: ${delays}`);
  for (const delay of schedule.slice(0, MOST_DELAYS)) lines.push(`    ${delayText(delay)}`);
  if (isLong) lines.push(`    … and ${schedule.length - MOST_DELAYS} more`);
  lines.push(`  again: rivulet run ${report.commandLine(group)}`, ...ways);
  return lines;
}

/** `exit status 0`, `deadlock`, `pid 1 killed by SIGSEGV`. */
function endText(end: End): string {
  const { exits, kind } = end;
  const statuses = exits.map(({ pid, waitStatus }, index) => {
    const signal = waitStatus & 0x7f;
    const how = signal === 0 ? `exit status ${waitStatus >> 8}` : `killed by ${signalName(signal)}`;
    return index === 0 && kind !== 'deadlock' ? how : `pid ${pid}: ${how}`;
  });
  const notable = statuses.filter((text, index) => index === 0 || !text.endsWith('exit status 0'));
  if (kind === 'finished') return notable.join(', ');
  const words = {
    deadlock: 'deadlock',
    'left behind': 'processes left behind',
    endless: 'no end within the time limit',
    broken: 'a fault of Rivulet',
  };
  return [words[kind], ...notable].join(', ');
}

/** The output where it first differs from the usual one's. */
function outputLines(end: End, usual: End | undefined): string[] {
  const own = textLines(end.output);
  if (usual === undefined) return excerpt(own, 0);
  if (end.output === usual.output) return [];
  const other = textLines(usual.output);
  let at = 0;
  while (at < own.length && own[at] === other[at]) at++;
  if (at === own.length) return [`  output ends after line ${at}${at === 0 ? ': there is none' : ''}`];
  return excerpt(own, at);
}

function excerpt(lines: readonly string[], from: number): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(from, from + OUTPUT_LINES).map((line) => `    | ${line.slice(0, 200)}`);
  const left = lines.length - from - OUTPUT_LINES;
  if (left > 0) shown.push(`    | … ${left} more lines`);
  return [from === 0 ? '  output:' : `  output differs from line ${from + 1}:`, ...shown];
}

function textLines(output: string): string[] {
  const text = Buffer.from(output, 'latin1').toString();
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a guest prints must not reach the terminal as commands
  return lines.map((line) => line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '·'));
}

export function exploreJson(report: ExploreReport): string {
  const { explorer, shown, seeds, seconds } = report;
  const ends = shown.map((group) => ({
    kind: group.end.kind,
    isUsual: group === explorer.usual,
    isGood: isGood(group.end),
    count: group.count,
    firstSeed: group.firstSeed ?? null,
    exits: group.end.exits,
    notes: group.end.notes,
    explanation: group.explanation,
    output: Buffer.from(group.end.output, 'latin1').toString(),
    schedule: scheduleText(group.schedule),
    command: `rivulet run ${report.commandLine(group)}`,
    recording: report.recordings?.get(group) ?? null,
  }));
  const { size, runs, groups, unrepeatable } = explorer;
  return `${JSON.stringify({ seeds, runs, seconds, threads: size.threads, moments: size.moments, endCount: groups.length, ends, ...(unrepeatable === undefined ? {} : { unrepeatable }) })}\n`;
}
