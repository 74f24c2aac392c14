// Where a thread keeps its copy of a thread-local variable (RISC-V ELF psABI, "Thread Local Storage").
// The prompt finds variables by it, the gdb server answers qGetTLSAddr.
// Those of the program lie at tp. A library's lie where the thread's vector says, by the number that the dynamic linker gave the
// library: glibc tells libthread_db in which field of struct link_map (nptl_db/structs.def).
import type { Thread } from '../kernel/task/thread.ts';

const TP = 4;
/** tcbhead_t lies before tp, and begins with the vector (glibc, sysdeps/riscv/nptl/tls.h). */
const VECTOR = -16;
const VECTOR_ENTRY = 16;
/** Of a library whose variables the thread has not used yet (TLS_DTV_UNALLOCATED). */
const UNALLOCATED = 2n ** 64n - 1n;
/** An offset in struct link_map, described by three words of 32 bits: how many bits the field has, how many there are, and where. */
export const LIBRARY_NUMBER_FIELD = '_thread_db_link_map_l_tls_modid';
/** Fields of struct r_debug and struct link_map (link.h). */
const R_MAP = 8;
const L_ADDR = 0;
const L_NEXT = 24;
/** A list that the guest tied into a ring ends here. */
const MOST_LIBRARIES = 10_000;

export type ReadMemory = (address: number, length: number) => Uint8Array | undefined;

/** Of the program itself; undefined while the thread has none yet. */
export function programVariable(thread: Thread, offset: number): number | undefined {
  const base = Number(thread.hart.x(TP));
  return base === 0 ? undefined : base + offset;
}

/** Of the library of `linkMap`; `field` is the address of LIBRARY_NUMBER_FIELD's description. Undefined while the thread has none yet. */
export function libraryVariable(
  thread: Thread,
  read: ReadMemory,
  { linkMap, field, offset }: { linkMap: number; field: number; offset: number },
): number | undefined {
  const described = read(field + 8, 4);
  const at = described && new DataView(described.buffer, described.byteOffset).getUint32(0, true);
  const number = at === undefined ? undefined : wordAt(read, linkMap + at);
  const vector = wordAt(read, Number(thread.hart.x(TP)) + VECTOR);
  if (number === undefined || number === 0n || vector === undefined) return undefined;
  const block = wordAt(read, Number(vector) + Number(number) * VECTOR_ENTRY);
  return block === undefined || block === 0n || block === UNALLOCATED ? undefined : Number(block) + offset;
}

/** The struct link_map of what is mapped at `bias`, in the list of the struct r_debug at `list`. */
export function linkMapAt(read: ReadMemory, list: number, bias: number): number | undefined {
  let at = wordAt(read, list + R_MAP);
  for (let count = 0; at !== undefined && at !== 0n && count < MOST_LIBRARIES; count++) {
    const map = Number(at);
    if (wordAt(read, map + L_ADDR) === BigInt(bias)) return map;
    at = wordAt(read, map + L_NEXT);
  }
  return undefined;
}

function wordAt(read: ReadMemory, address: number): bigint | undefined {
  const bytes = read(address, 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
