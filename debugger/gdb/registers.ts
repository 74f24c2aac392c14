// A thread's registers as gdb numbers them, and the description that tells gdb so (target.xml).
// g, G, p, P and stop replies use it; values are little-endian hex.
// Source: gdb manual, G.5 "Standard Target Features", RISC-V Features.
import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { bytesOfHex } from './packet.ts';

interface Register {
  readonly name: string;
  readonly bits: 32 | 64;
  readonly type: string;
  readonly feature: 'cpu' | 'fpu' | 'csr';
  read(thread: Thread): bigint;
  /** Absent: counters, and x0. What is written is ignored, as the hardware does. */
  readonly write?: (thread: Thread, value: bigint) => void;
}

const FFLAGS = 0x1f;
const FRM_SHIFT = 5;
const FCSR = 0xff;
const POINTERS: Readonly<Record<string, string>> = {
  ra: 'code_ptr',
  sp: 'data_ptr',
  gp: 'data_ptr',
  tp: 'data_ptr',
};

const REGISTERS: readonly Register[] = [
  ...X_NAMES.map(
    (name, n): Register => ({
      name,
      bits: 64,
      type: POINTERS[name] ?? 'int',
      feature: 'cpu',
      read: ({ hart }) => hart.x(n),
      write: ({ hart }, value) => hart.setX(n, value),
    }),
  ),
  {
    name: 'pc',
    bits: 64,
    type: 'code_ptr',
    feature: 'cpu',
    read: ({ hart }) => hart.pcBig,
    write: ({ hart }, value) => {
      hart.pcBig = value;
    },
  },
  ...F_NAMES.map(
    (name, n): Register => ({
      name,
      bits: 64,
      type: 'ieee_double',
      feature: 'fpu',
      read: ({ hart }) => hart.f(n),
      write: ({ hart }, value) => hart.setF(n, value),
    }),
  ),
  floatStatus('fflags', 0, FFLAGS),
  floatStatus('frm', FRM_SHIFT, FCSR >> FRM_SHIFT),
  floatStatus('fcsr', 0, FCSR),
  counter('cycle', ({ hart }) => BigInt(hart.ticks)),
  counter('time', ({ kernel, hart }) => BigInt.asUintN(64, kernel.cpu.time(hart.ticks))),
  counter('instret', ({ hart }) => BigInt(hart.ticks)),
];

/** Sent with every stop, since gdb asks for them first: sp, s0 (the frame pointer) and pc. */
const EXPEDITED = [2, 8, 32];

function floatStatus(name: string, shift: number, mask: number): Register {
  return {
    name,
    bits: 32,
    type: 'int',
    feature: 'fpu',
    read: ({ hart }) => BigInt((hart.fcsr >> shift) & mask),
    write: ({ hart }, value) => {
      const bits = (Number(BigInt.asUintN(32, value)) & mask) << shift;
      hart.fcsr = (hart.fcsr & ~(mask << shift)) | bits;
    },
  };
}

function counter(name: string, read: (thread: Thread) => bigint): Register {
  return { name, bits: 64, type: 'int', feature: 'csr', read };
}

/** Register `n` in hex; undefined when there is none of that number. */
export function readRegister(thread: Thread, n: number): string | undefined {
  const register = REGISTERS[n];
  return register === undefined ? undefined : littleEndian(register.read(thread), register.bits / 4);
}

export function readAllRegisters(thread: Thread): string {
  return REGISTERS.map(({ bits, read }) => littleEndian(read(thread), bits / 4)).join('');
}

/** False when there is no such register, or `hex` is not of its size. */
export function writeRegister(thread: Thread, n: number, hex: string): boolean {
  const register = REGISTERS[n];
  const bytes = bytesOfHex(hex);
  if (register === undefined || bytes === undefined || hex.length !== register.bits / 4) return false;
  let value = 0n;
  for (const byte of bytes.reverse()) value = (value << 8n) | BigInt(byte);
  register.write?.(thread, value);
  return true;
}

/** All of them, from the digits of a G packet; false when they are too many or no digits. */
export function writeAllRegisters(thread: Thread, hex: string): boolean {
  if (bytesOfHex(hex) === undefined) return false;
  let at = 0;
  for (const [n, { bits }] of REGISTERS.entries()) {
    if (at >= hex.length) return true;
    const digits = bits / 4;
    if (!writeRegister(thread, n, hex.slice(at, at + digits))) return false;
    at += digits;
  }
  return at === hex.length;
}

/** `02:…;08:…;20:…;` of a stop reply. */
export function expeditedRegisters(thread: Thread): string {
  return EXPEDITED.map((n) => `${n.toString(16).padStart(2, '0')}:${readRegister(thread, n) ?? ''};`).join(
    '',
  );
}

function littleEndian(value: bigint, digits: number): string {
  const big = value.toString(16).padStart(digits, '0');
  let text = '';
  for (let at = digits - 2; at >= 0; at -= 2) text += big.slice(at, at + 2);
  return text;
}

export const TARGET_XML = `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>riscv:rv64</architecture>
<osabi>GNU/Linux</osabi>
${(['cpu', 'fpu', 'csr'] as const).map(featureXml).join('\n')}
</target>
`;

function featureXml(feature: Register['feature']): string {
  const lines: string[] = [];
  for (const [n, register] of REGISTERS.entries()) {
    const { name, bits, type } = register;
    if (register.feature === feature)
      lines.push(`<reg name="${name}" bitsize="${bits}" type="${type}" regnum="${n}"/>`);
  }
  return `<feature name="org.gnu.gdb.riscv.${feature}">\n${lines.join('\n')}\n</feature>`;
}
