// Extended attributes as Linux lays them out (include/uapi/linux/xattr.h).
import { struct, u32, u64 } from './struct.ts';

/** What setxattrat and getxattrat take beside the name. */
export const XattrArgs = struct('xattr_args', { value: u64, size: u32, flags: u32 });
