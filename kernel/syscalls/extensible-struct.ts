// Structs that grow from one release of the kernel to the next, given with their size (include/linux/uaccess.h, copy_struct_from_user).
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Fields, Struct, StructValue } from '../abi/struct.ts';
import { E2BIG, EINVAL, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';

/**
 * What older programs leave out is 0. EINVAL: shorter than `smallest`. E2BIG: longer than a page, or what a newer program
 * adds is not 0. EFAULT.
 */
export function readExtensible<F extends Fields>(
  thread: Thread,
  address: number,
  size: number,
  codec: Struct<F>,
  smallest = codec.size,
): StructValue<F> {
  if (size < smallest) fail(EINVAL, `smaller than any struct ${codec.name}`);
  if (size > PAGE_SIZE) fail(E2BIG, 'larger than a page');
  const bytes = thread.user.read(address, size);
  if (bytes.subarray(codec.size).some((byte) => byte !== 0)) fail(E2BIG, 'unknown fields are set');
  const whole = new Uint8Array(codec.size);
  whole.set(bytes.subarray(0, codec.size));
  return codec.decode(whole);
}
