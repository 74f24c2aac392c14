// A case as text: its code as it lies in a program of its own, and its state.
// Called with the smallest case that still differs.
// Registers that the case starts with as zero are left out.
import { disassemble, F_NAMES, X_NAMES } from '../../../emulator/isa/disassemble.ts';
import type { Case } from './case.ts';
import { placeOnlyCase } from './program.ts';

/** Disassembly and state, a line each. */
export function reportCase(test: Case): string {
  const { words } = placeOnlyCase(test);
  const code = words.map(([address, word]) => {
    const { mnemonic, operands, length } = disassemble(word, address);
    const bits = (length === 2 ? word & 0xffff : word >>> 0).toString(16).padStart(2 * length, '0');
    return `  ${address.toString(16)}: ${bits.padEnd(8)} ${mnemonic} ${operands}`;
  });
  const registers = [
    ...test.x.slice(1).map((value, i) => [X_NAMES[i + 1] ?? '', value] as const),
    ...test.f.map((value, i) => [F_NAMES[i] ?? '', value] as const),
  ]
    .filter(([, value]) => value !== 0n)
    .map(([name, value]) => `${name}=0x${value.toString(16)}`);
  const state = [`fcsr=0x${test.fcsr.toString(16)}`, ...registers];
  const lines: string[] = [];
  for (let i = 0; i < state.length; i += 4) lines.push(`  ${state.slice(i, i + 4).join(' ')}`);
  return [...code, ...lines].join('\n');
}
