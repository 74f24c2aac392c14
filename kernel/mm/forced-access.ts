// Access to another process's memory whatever its areas allow, as debuggers have it (mm/gup.c, FOLL_FORCE).
// ptrace, /proc/PID/mem and the gdb stub come here. What is written to private memory becomes the process's own copy;
// shared memory that is mapped read-only stays as it is.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { isFailure } from '../errno.ts';
import type { Mm } from './mm.ts';
import { protectRange } from './protect.ts';
import { lengthBeforeSecrets } from './secret-areas.ts';
import { PROT_READ, PROT_WRITE } from './vma.ts';

/** The bytes from `address` on, at most `length`; none when not even the first can be read. */
export function forcedRead(mm: Mm, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const done = inPages(mm, address, length, PROT_READ, (at, count, offset) =>
    bytes.set(mm.user.read(at, count), offset),
  );
  return bytes.subarray(0, done);
}

/** How many of the bytes were written: those before the first page that cannot be. */
export function forcedWrite(mm: Mm, address: number, bytes: Uint8Array): number {
  return inPages(mm, address, bytes.length, PROT_WRITE, (at, count, offset) =>
    mm.user.write(at, bytes.subarray(offset, offset + count)),
  );
}

function inPages(
  mm: Mm,
  address: number,
  length: number,
  need: number,
  access: (at: number, count: number, offset: number) => void,
): number {
  let done = 0;
  try {
    while (done < length) {
      const at = address + done;
      const count = lengthBeforeSecrets(mm, at, Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE)));
      if (count === 0) break;
      const offset = done;
      withAccess(mm, at, need, () => access(at, count, offset));
      done += count;
    }
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
  return done;
}

/** Runs `access` while the page at `address` allows it. */
function withAccess(mm: Mm, address: number, need: number, access: () => void): void {
  const vma = mm.vmas.find(address);
  const isAllowed =
    vma === undefined || (vma.prot & (need === PROT_READ ? PROT_READ | PROT_WRITE : need)) !== 0;
  if (isAllowed || (need === PROT_WRITE && vma.isShared)) {
    access();
    return;
  }
  const page = address - (address % PAGE_SIZE);
  const { prot } = vma;
  protectRange(mm, page, PAGE_SIZE, prot | need);
  try {
    access();
  } finally {
    protectRange(mm, page, PAGE_SIZE, prot);
  }
}
