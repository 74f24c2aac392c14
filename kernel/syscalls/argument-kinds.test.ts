// Traces show names where strace has them: no flags, commands or structs pass as plain numbers.
import { describe, expect, it } from 'vitest';
import { LENGTH_NAMES } from '../abi/kinds/basic.ts';
import { allSyscalls } from './table.ts';

const NUMBERS = new Set(['int', 'unsigned', 'long', 'unsigned long', 'hex', 'hex32']);
/** Arguments of these names take named values in most calls. */
const NAMED =
  /flag|mode|op$|cmd|how|which|policy|advice|what|type|option|mask|behaviou?r|class|whence|domain|request|magic|clock/;

/** Those that have no names: zero is all that is allowed, or the call gives the word another meaning. */
const WITHOUT_NAMES: readonly string[] = [
  'cachestat.flags',
  'copy_file_range.flags',
  'set_mempolicy_home_node.flags',
  'statmount.flags',
  'mseal.flags',
  'pidfd_getfd.flags',
  'pidfd_send_signal.flags',
  'pkey_alloc.flags',
  'process_mrelease.flags',
  'process_vm_readv.flags',
  'process_vm_writev.flags',
  'riscv_flush_icache.flags',
  'riscv_hwprobe.flags',
  'sched_getattr.flags',
  'sched_setattr.flags',
  'futex_wait.mask',
  'futex_waitv.flags',
  'futex_wake.mask',
  'process_madvise.flags',
];

/** Pointers that strace shows as addresses as well. */
const ADDRESSES: readonly string[] = [
  ...'brk munmap mprotect msync mlock munlock mincore madvise mlock2 pkey_mprotect mseal mmap'
    .split(' ')
    .map((name) => `${name}.addr`),
  'futex.uaddr',
  'futex_wait.uaddr',
  'futex_wake.uaddr',
  'getcpu.tcache',
  'get_mempolicy.addr',
  'mbind.start',
  'mremap.old_address',
  'remap_file_pages.start',
  'set_mempolicy_home_node.start',
  'io_cancel.result',
  'io_destroy.ctx_id',
  'io_getevents.ctx_id',
  'io_pgetevents.ctx_id',
  'io_cancel.ctx_id',
  'io_submit.ctx_id',
  'reboot.arg',
  'riscv_flush_icache.end',
  'riscv_flush_icache.start',
  'set_robust_list.head',
  'set_tid_address.tidptr',
  'shmat.shmaddr',
  'shmdt.shmaddr',
  'syslog.bufp',
];

/** Structs that strace decodes and we do not: seldom met, and never filled in by this kernel with more than constants. */
const NOT_DECODED: readonly string[] = [
  'lsm_get_self_attr.ctx',
  'lsm_set_self_attr.ctx',
  'move_pages.nodes',
  'move_pages.pages',
  'move_pages.status',
  'riscv_hwprobe.cpus',
  'riscv_hwprobe.pairs',
  'rseq.rseq',
];

/** `call.argument` of all arguments that `isWanted`. */
function argumentsThat(isWanted: (name: string, kind: string) => boolean): string[] {
  return Object.values(allSyscalls())
    .flatMap((row) =>
      (row?.kinds ?? [])
        .filter(([name, kind]) => isWanted(name, kind.name))
        .map(([name]) => `${row?.name}.${name}`),
    )
    .sort();
}

describe('arguments of system calls', () => {
  it('that are flags or commands have kinds that know their names', () => {
    const plain = argumentsThat((name, kind) => NUMBERS.has(kind) && NAMED.test(name));
    expect(plain).toEqual([...WITHOUT_NAMES].sort());
  });

  it('that point to structs have kinds that show them', () => {
    const pointers = argumentsThat((_, kind) => kind === 'pointer');
    expect(pointers).toEqual([...ADDRESSES, ...NOT_DECODED].sort());
  });

  it('that are bytes to be read have their number beside them', () => {
    const rows = Object.values(allSyscalls()).flatMap((row) => (row === undefined ? [] : [row]));
    const readers = rows.filter(({ kinds }) => kinds.some(([, kind]) => kind.name === 'buffer'));
    const unknown = readers.filter(({ kinds }) => !kinds.some(([name]) => LENGTH_NAMES.includes(name)));
    expect(readers.map(({ name }) => name)).toContain('add_key');
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });
});
