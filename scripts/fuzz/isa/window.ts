// What lies in the cases' memory before each pass: integers and floating-point values that break things.
// The program writer puts it into the ELF file.
// The same for every seed, so that a case alone sees what it saw among thousands.
import { Random } from '../../../emulator/testing/random.ts';
import { PAGE, WINDOW_SIZE } from './layout.ts';

let contents: Uint8Array | undefined;

/** The read-only page, then the window. */
export function windowContents(): Uint8Array {
  if (contents !== undefined) return contents;
  const random = new Random(1);
  const view = new DataView(new ArrayBuffer(PAGE + WINDOW_SIZE));
  for (let at = 0; at < view.byteLength; at += 8) {
    const kind = random.below(3);
    const value = kind === 0 ? random.integer() : kind === 1 ? random.double() : random.single();
    view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }
  contents = new Uint8Array(view.buffer);
  return contents;
}
