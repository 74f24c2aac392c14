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
  demandSize(size, codec, smallest);
  const bytes = thread.user.read(address, size);
  return decodeExtensible(bytes, codec) ?? fail(E2BIG, 'unknown fields are set');
}

/** The first of readExtensible's checks, for calls that make others before they read. EINVAL, E2BIG. */
export function demandSize(size: number, codec: { name: string; size: number }, smallest = codec.size): void {
  if (size < smallest) fail(EINVAL, `smaller than any struct ${codec.name}`);
  if (size > PAGE_SIZE) fail(E2BIG, 'larger than a page');
}

/** A struct that was given shorter or longer than it is; undefined when what is behind it is not 0. */
export function decodeExtensible<F extends Fields>(
  bytes: Uint8Array,
  codec: Struct<F>,
): StructValue<F> | undefined {
  if (bytes.subarray(codec.size).some((byte) => byte !== 0)) return undefined;
  const whole = new Uint8Array(codec.size);
  whole.set(bytes.subarray(0, codec.size));
  return codec.decode(whole);
}
