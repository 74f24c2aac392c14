// mprotect(2) (mm/mprotect.c): areas are cut at the edges, get their new protection, and join what is alike.
// syscalls/memory.ts calls it. Areas before a hole or a refusal have been changed then, as on Linux.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EACCES, EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import { MAX_MAP_COUNT, pageCeil } from './layout.ts';
import { countsAsData, demandCommit, demandRoom } from './mapping.ts';
import type { Mm } from './mm.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, VmaFlag } from './vma.ts';

const PROT_SEM = 8;
export const PROT_GROWSDOWN = 0x0100_0000;
export const PROT_GROWSUP = 0x0200_0000;
const ALL_PROT = PROT_READ | PROT_WRITE | PROT_EXEC;

/** What prctl(2) and personality(2) have to say. */
interface Rules {
  /** What becomes readable becomes executable where it may (READ_IMPLIES_EXEC). */
  readonly readImpliesExec: boolean;
  /** What was not executable cannot become so, and code is not written: EACCES (PR_SET_MDWE). */
  readonly refusesExec: boolean;
}

const NO_RULES: Rules = { readImpliesExec: false, refusesExec: false };

export function protectRange(
  mm: Mm,
  address: number,
  length: number,
  protection: number,
  rules = NO_RULES,
): void {
  const grows = protection & (PROT_GROWSDOWN | PROT_GROWSUP);
  const prot = protection & ~grows;
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) fail(EINVAL, 'growing both ways');
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  if (length === 0) return;
  const end = address + pageCeil(length);
  if (end >= 2 ** 64) fail(ENOMEM, 'past the end of the address space');
  if ((prot & ~(ALL_PROT | PROT_SEM)) !== 0) fail(EINVAL, 'unknown protection bits');
  const { vmas } = mm;
  const first = vmas.findFrom(address) ?? fail(ENOMEM, 'nothing is mapped there');
  let start = address;
  if ((grows & PROT_GROWSDOWN) !== 0) {
    if (first.start >= end) fail(ENOMEM, 'nothing is mapped there');
    start = first.start;
    if (!first.has(VmaFlag.GrowsDown)) fail(EINVAL, 'the area does not grow down');
  } else if (first.start > start) {
    fail(ENOMEM, 'nothing is mapped there');
  }
  if ((grows & PROT_GROWSUP) !== 0) fail(EINVAL, 'no area grows up on this processor');
  try {
    protectAreas(mm, start, end, prot & ALL_PROT, rules);
  } finally {
    vmas.join(start, end);
  }
}

function protectAreas(mm: Mm, start: number, end: number, wanted: number, rules: Rules): void {
  const { vmas } = mm;
  const impliesExec = rules.readImpliesExec && (wanted & PROT_READ) !== 0;
  let at = start;
  for (const area of vmas.overlapping(start, end)) {
    if (area.start > at) break;
    if (area.has(VmaFlag.Sealed)) fail(EPERM, 'the area is sealed');
    const prot = impliesExec ? wanted | (area.maxProt & PROT_EXEC) : wanted;
    const gainsExec =
      (prot & PROT_EXEC) !== 0 && ((prot & PROT_WRITE) !== 0 || (area.prot & PROT_EXEC) === 0);
    if (rules.refusesExec && gainsExec) fail(EACCES, 'PR_SET_MDWE: memory that becomes code');
    if ((prot & ~area.maxProt) !== 0) fail(EACCES, 'the area may not get this protection');
    const from = Math.max(at, area.start);
    const to = Math.min(end, area.end);
    if (prot !== area.prot) {
      if (countsAsData({ prot, flags: area.flags }) && !countsAsData(area)) {
        demandRoom(mm, 0, (to - from) / PAGE_SIZE);
        if (!area.has(VmaFlag.NoReserve)) demandCommit(mm, (to - from) / PAGE_SIZE);
      }
      if ((from > area.start || to < area.end) && vmas.count >= MAX_MAP_COUNT) fail(ENOMEM, 'max_map_count');
      for (const vma of vmas.isolate(from, to)) {
        vma.prot = prot;
        mm.regrant(vma);
      }
    }
    at = to;
    if (at >= end) return;
  }
  fail(ENOMEM, 'part of the range is not mapped');
}
