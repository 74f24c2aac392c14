// Structs of cachestat(2) (include/uapi/linux/mman.h).
import { struct, u64 } from './struct.ts';

/** Bytes; a length of 0 goes to the end. */
export const CachestatRange = struct('cachestat_range', { off: u64, len: u64 });
/** Pages. */
export const Cachestat = struct('cachestat', {
  nr_cache: u64,
  nr_dirty: u64,
  nr_writeback: u64,
  nr_evicted: u64,
  nr_recently_evicted: u64,
});
