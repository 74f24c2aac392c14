// /proc/PID/maps, smaps, cmdline, environ and auxv: an address space and what its program was started with.
// process-rows.ts makes files of them (fs/proc/task_mmu.c, fs/proc/base.c).
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { type MapsRow, mapsLine, mapsRows } from '../../mm/maps-text.ts';
import type { Mm } from '../../mm/mm.ts';
import { isAnonymous } from '../../mm/page-states.ts';
import { bytesToText } from '../../mm/user-memory.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, type Vma, VmaFlag } from '../../mm/vma.ts';
import type { Thread } from '../../task/thread.ts';
import { linkPath } from '../resolve.ts';
import type { Target } from './target.ts';

export const PAGE_KB = PAGE_SIZE / 1024;

function nameFor(row: MapsRow, reader: Thread): string {
  return row.path === undefined ? row.label : linkPath(reader, row.path);
}

export function mapsText({ process, thread }: Target, reader: Thread): string {
  if (thread === undefined) return '';
  let text = '';
  for (const row of mapsRows(process.mm)) text += `${mapsLine(row, nameFor(row, reader))}\n`;
  return text;
}

interface Residency {
  resident: number;
  private: number;
  shared: number;
  /** Resident in areas that are locked. */
  locked: number;
}

function residencyOf(mm: Mm, vma: Vma): Residency {
  const sum = { resident: 0, private: 0, shared: 0, locked: 0 };
  for (const { count, state } of mm.states.runs(vma.firstPage, vma.endPage)) {
    sum.resident += count;
    if (isAnonymous(state)) sum.private += count;
    else sum.shared += count;
  }
  if (vma.has(VmaFlag.Locked)) sum.locked = sum.resident;
  return sum;
}

function kb(name: string, pages: number): string {
  return `${`${name}:`.padEnd(16)}${String(pages * PAGE_KB).padStart(8)} kB\n`;
}

/** Rss and all that follows it. Pages of files count as clean and private, as of a program that runs alone. */
function residencyLines({ resident, private: own, shared, locked }: Residency, isSummary = false): string {
  return [
    kb('Rss', resident),
    kb('Pss', resident),
    kb('Pss_Dirty', own),
    ...(isSummary ? [kb('Pss_Anon', own), kb('Pss_File', shared), kb('Pss_Shmem', 0)] : []),
    kb('Shared_Clean', 0),
    kb('Shared_Dirty', 0),
    kb('Private_Clean', shared),
    kb('Private_Dirty', own),
    kb('Referenced', resident),
    kb('Anonymous', own),
    ...['KSM', 'LazyFree', 'AnonHugePages', 'ShmemPmdMapped', 'FilePmdMapped', 'Shared_Hugetlb'].map((name) =>
      kb(name, 0),
    ),
    ...['Private_Hugetlb', 'Swap', 'SwapPss'].map((name) => kb(name, 0)),
    kb('Locked', locked),
  ].join('');
}

function vmFlags(vma: Vma): string {
  const words: string[] = [];
  const add = (isSet: boolean, word: string): void => {
    if (isSet) words.push(word);
  };
  add((vma.prot & PROT_READ) !== 0, 'rd');
  add((vma.prot & PROT_WRITE) !== 0, 'wr');
  add((vma.prot & PROT_EXEC) !== 0, 'ex');
  add(vma.isShared, 'sh');
  add((vma.maxProt & PROT_READ) !== 0, 'mr');
  add((vma.maxProt & PROT_WRITE) !== 0, 'mw');
  add((vma.maxProt & PROT_EXEC) !== 0, 'me');
  add(vma.isShared, 'ms');
  add(vma.has(VmaFlag.GrowsDown), 'gd');
  add(vma.watch?.words.includes('um') === true, 'um');
  add(vma.has(VmaFlag.Locked), 'lo');
  add(vma.has(VmaFlag.SequentialRead), 'sr');
  add(vma.has(VmaFlag.RandomRead), 'rr');
  add(vma.has(VmaFlag.DontFork), 'dc');
  add(vma.has(VmaFlag.LockOnFault), 'lf');
  add(!vma.isShared && !vma.has(VmaFlag.NoReserve) && (vma.prot & PROT_WRITE) !== 0, 'ac');
  add(vma.has(VmaFlag.NoReserve), 'nr');
  add(vma.has(VmaFlag.WipeOnFork), 'wf');
  add(vma.has(VmaFlag.DontDump), 'dd');
  add(vma.has(VmaFlag.HugePage), 'hg');
  add(vma.has(VmaFlag.NoHugePage), 'nh');
  add(vma.has(VmaFlag.Mergeable), 'mg');
  add(vma.watch?.words.includes('ui') === true, 'ui');
  add(vma.has(VmaFlag.Sealed), 'sl');
  return `VmFlags: ${words.join(' ')} \n`;
}

export function smapsText({ process, thread }: Target, reader: Thread): string {
  if (thread === undefined) return '';
  const { mm } = process;
  const rows = [...mapsRows(mm)];
  let text = '';
  let at = 0;
  for (const vma of mm.vmas) {
    const row = rows[at++] as MapsRow;
    text += `${mapsLine(row, nameFor(row, reader))}\n${kb('Size', vma.pageCount)}`;
    text += `${kb('KernelPageSize', 1)}${kb('MMUPageSize', 1)}`;
    text += `${residencyLines(residencyOf(mm, vma))}THPeligible:           0\n${vmFlags(vma)}`;
  }
  return text;
}

export function smapsRollupText({ process, thread }: Target): string {
  if (thread === undefined) return '';
  const { mm } = process;
  const sum = { resident: 0, private: 0, shared: 0, locked: 0 };
  let first = 0;
  let last = 0;
  for (const vma of mm.vmas) {
    if (last === 0) first = vma.start;
    last = vma.end;
    const part = residencyOf(mm, vma);
    sum.resident += part.resident;
    sum.private += part.private;
    sum.shared += part.shared;
    sum.locked += part.locked;
  }
  const place = `${first.toString(16).padStart(8, '0')}-${last.toString(16).padStart(8, '0')} ---p 00000000 00:00 0 `;
  return `${place.padEnd(73)}[rollup]\n${residencyLines(sum, true)}`;
}

/** What is readable of [start, end) in the target's memory; at most `limit` bytes. */
function readMemory(mm: Mm, start: number, end: number, limit = 2 * 1024 * 1024): Uint8Array {
  const length = mm.user.accessible(start, Math.min(end - start, limit), false);
  return length <= 0 ? new Uint8Array(0) : mm.user.read(start, length);
}

/** The arguments as they are in memory now: programs overwrite them to change their title. */
export function cmdlineText({ process, thread }: Target): string {
  if (thread === undefined) return '';
  const { mm } = process;
  const { argStart, argEnd, envEnd } = mm.image;
  if (argEnd <= argStart) return '';
  const text = bytesToText(readMemory(mm, argStart, argEnd));
  if (text.endsWith('\0') || text === '') return text;
  // the last NUL was overwritten: one string that may run into the environment (setproctitle; get_mm_proctitle)
  const title = text + bytesToText(readMemory(mm, argEnd, envEnd));
  const end = title.indexOf('\0');
  return end < 0 ? title.slice(0, PAGE_SIZE - 1) : `${title.slice(0, end)}\0`;
}

export function environText({ process, thread }: Target): Uint8Array {
  const { envStart, envEnd } = process.mm.image;
  return thread === undefined || envEnd <= envStart
    ? new Uint8Array(0)
    : readMemory(process.mm, envStart, envEnd);
}
