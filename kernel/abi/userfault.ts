// userfaultfd(2), ioctl_userfaultfd(2): requests, structs and flags (include/uapi/linux/userfaultfd.h).
import { b64, struct, u8, u16, u32, u64 } from './struct.ts';

export const UFFD_API = 0xaan;
export const UFFD_USER_MODE_ONLY = 1;

export const UFFDIO_API = 0xc018_aa3f;
export const UFFDIO_REGISTER = 0xc020_aa00;
export const UFFDIO_UNREGISTER = 0x8010_aa01;
export const UFFDIO_WAKE = 0x8010_aa02;
export const UFFDIO_COPY = 0xc028_aa03;
export const UFFDIO_ZEROPAGE = 0xc020_aa04;
export const UFFDIO_MOVE = 0xc028_aa05;
export const UFFDIO_CONTINUE = 0xc020_aa07;
export const UFFDIO_POISON = 0xc020_aa08;
/** Of /dev/userfaultfd; its argument is the flags of userfaultfd(2). */
export const USERFAULTFD_IOC_NEW = 0xaa00;

export const UFFD_FEATURE = {
  MISSING_HUGETLBFS: 1n << 4n,
  MISSING_SHMEM: 1n << 5n,
  SIGBUS: 1n << 7n,
  THREAD_ID: 1n << 8n,
  MINOR_SHMEM: 1n << 10n,
  EXACT_ADDRESS: 1n << 11n,
  POISON: 1n << 14n,
  MOVE: 1n << 16n,
} as const;

export const UFFDIO_REGISTER_MODE = { MISSING: 1, WP: 2, MINOR: 4 } as const;
/** Of copy, zeropage, continue, poison and move. */
export const UFFDIO_MODE_DONTWAKE = 1;
export const UFFDIO_MOVE_ALLOW_SRC_HOLES = 2;

export const UFFD_EVENT_PAGEFAULT = 0x12;
export const UFFD_PAGEFAULT_FLAG = { WRITE: 1, WP: 2, MINOR: 4 } as const;

export const UffdioApi = struct('uffdio_api', { api: b64, features: b64, ioctls: b64 });
export const UffdioRange = struct('uffdio_range', { start: u64, len: u64 });
/** uffdio_register; and uffdio_zeropage, uffdio_continue and uffdio_poison, whose last field tells how many bytes were done. */
export const UffdioPages = struct('uffdio_register', { start: u64, len: u64, mode: b64, answer: b64 });
/** uffdio_copy and uffdio_move. */
export const UffdioCopy = struct('uffdio_copy', { dst: u64, src: u64, len: u64, mode: b64, answer: b64 });
/** uffd_msg of a page fault. */
export const UffdMessage = struct('uffd_msg', {
  event: u8,
  reserved1: u8,
  reserved2: u16,
  reserved3: u32,
  flags: u64,
  address: u64,
  ptid: u32,
  padding: u32,
});
