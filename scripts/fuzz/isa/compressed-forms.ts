// The compressed instructions, inverted: which halfwords stand for an instruction.
// The generator picks from them, the program writer shortens with them.
// Made from the decoder's own expansion; qemu is the judge of that.
import { expandCompressed } from '../../../emulator/isa/compressed.ts';
import { decode } from '../../../emulator/isa/decode.ts';

const CONTROL = new Set(['jal', 'jalr', 'beq', 'bne', 'ebreak']);

const byExpansion = new Map<number, number>();
const byName = new Map<string, number[]>();
for (let half = 0; half < 0x1_0000; half++) {
  const instruction = (half & 3) === 3 ? null : decode(half);
  if (instruction === null) continue;
  const expansion = expandCompressed(half);
  if (!byExpansion.has(expansion)) byExpansion.set(expansion, half);
  // Quadrant and funct3 tell forms of one name apart, such as c.lw and c.lwsp.
  const form = `${instruction.name} ${half & 3} ${half >> 13}`;
  if (CONTROL.has(instruction.name)) continue;
  const list = byName.get(form);
  if (list === undefined) byName.set(form, [half]);
  else list.push(half);
}

/** The halfword that stands for an instruction word, if there is one. */
export function compressedForm(word: number): number | undefined {
  return byExpansion.get(word | 0);
}

/** All halfwords by form, without those that transfer control. */
export const COMPRESSED_FORMS: readonly (readonly number[])[] = [...byName.values()];
