// The page that signal handlers return to; what remains of Linux's vDSO, whose name it has in /proc/PID/maps.
// exec maps it. There is no AT_SYSINFO_EHDR: clocks are system calls here.
// Unwinders know a signal frame by these two instructions (libgcc, riscv/linux-unwind.h).
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { ObjectPages } from './mappable.ts';
import type { Mm } from './mm.ts';
import { PageCache } from './page-cache.ts';
import { PROT_EXEC, PROT_READ, Vma } from './vma.ts';

/** li a7, 139 (rt_sigreturn); ecall */
const CODE = [0x08b0_0893, 0x0000_0073];

class TrampolinePage implements ObjectPages {
  readonly size = PAGE_SIZE;

  readPage(): Uint8Array {
    const page = new Uint8Array(PAGE_SIZE);
    const view = new DataView(page.buffer);
    for (const [i, instruction] of CODE.entries()) view.setUint32(4 * i, instruction, true);
    return page;
  }

  writePage(): void {}
}

/** Maps the page at `address` and tells signal delivery. */
export function mapTrampoline(mm: Mm, address: number): void {
  const cache = new PageCache(new TrampolinePage(), 'vdso');
  const prot = PROT_READ | PROT_EXEC;
  const backing = { cache, file: undefined, label: '[vdso]', ino: 0 };
  mm.vmas.insert(
    new Vma(mm, { start: address, end: address + PAGE_SIZE, prot, maxProt: 7, flags: 0, backing, offset: 0 }),
  );
  mm.signalTrampoline = address;
}
