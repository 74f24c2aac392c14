// Programs of a few instructions, for tests that have neither a C library nor a compiler.
// The library's tests and those of the command line run them.

/** A static riscv64 program of a few instructions: no C library, no compiler. */
export function tinyProgram(...instructions: number[]): Uint8Array {
  const code = new Uint8Array(Uint32Array.from(instructions).buffer);
  const bytes = new Uint8Array(0x1000 + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 243, true); // EM_RISCV
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x11000n, true); // entry
  view.setBigUint64(32, 64n, true); // program headers
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true); // PT_LOAD
  view.setUint32(68, 7, true);
  view.setBigUint64(80, 0x10000n, true);
  view.setBigUint64(96, BigInt(bytes.length), true);
  view.setBigUint64(104, BigInt(bytes.length), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(code, 0x1000);
  return bytes;
}

export const ECALL = 0x73;
/** `addi xN, zero, value`. */
export const li = (register: number, value: number): number => ((value << 20) | (register << 7) | 0x13) >>> 0;
export const MV_A2_A0 = 0x00050613;
export const MV_A1_SP = 0x00010593;
export const LOOP = 0x0000006f;
const NEG_A0 = 0x40a00533;

/** lseek(0, 0, SEEK_CUR), and exits with its errno: 0 for files and the null device, 29 (ESPIPE) for a pipe. */
export const SEEK_INPUT = tinyProgram(
  ...[li(10, 0), li(11, 0), li(12, 1), li(17, 62), ECALL],
  ...[NEG_A0, li(17, 94), ECALL],
);
