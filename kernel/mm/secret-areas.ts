// What memory of memfd_secret(2) keeps from all who do not reach it by loads and stores (mm/gup.c, check_vma_flags).
// Reading others' memory, vmsplice and buffers that are held ask here first.
import type { Mm } from './mm.ts';
import { VmaFlag } from './vma.ts';

/** How many of the bytes from `address` on lie before the first area of secret memory. */
export function lengthBeforeSecrets(mm: Mm, address: number, length: number): number {
  for (const vma of mm.vmas.overlapping(address, address + length))
    if (vma.has(VmaFlag.Secret)) return Math.max(0, vma.start - address);
  return length;
}
