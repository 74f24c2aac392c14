import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { decode, isCompressed } from './decode.ts';
import { disassemble } from './disassemble.ts';
import { ENCODINGS } from './encodings.ts';

const ASSEMBLER = 'riscv64-linux-gnu-as';
const OBJDUMP = 'riscv64-linux-gnu-objdump';
const hasObjdump = spawnSync(OBJDUMP, ['--version']).status === 0;

/** What objdump makes of these instructions: `mnemonic operands`, without comments. */
function objdump(words: readonly number[], style: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'disassemble-'));
  try {
    const [source, object] = [join(directory, 'code.s'), join(directory, 'code.o')];
    const insn = (word: number) => `.insn 0x${(word >>> 0).toString(16)}`;
    writeFileSync(source, `${words.map(insn).join('\n')}\n`);
    spawnSync(ASSEMBLER, ['-march=rv64gc_zba_zbb_zbs', source, '-o', object]);
    const { stdout } = spawnSync(OBJDUMP, ['-d', '-M', style, object], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    return [...stdout.matchAll(/^\s*[0-9a-f]+:\t[0-9a-f]+\s+\t(.*)$/gm)].map(([, text = '']) =>
      text
        .replace(/\s*[#<].*$/, '')
        .replace('\t', ' ')
        .trim(),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function ours(word: number, pc: number, aliases: boolean): string {
  const { mnemonic, operands } = disassemble(word, pc, { aliases });
  return `${mnemonic} ${operands}`.trim();
}

describe('the disassembler', () => {
  it.skipIf(!hasObjdump)(`agrees with objdump on every encoding (needs ${OBJDUMP})`, () => {
    const random = new Random(7);
    const words: number[] = [];
    for (const { name, match, mask, operands } of ENCODINGS) {
      // objdump 2.40 does not know Zicond, and prints CSR names of other machines.
      if (name.startsWith('czero') || operands.includes('csr') || name.startsWith('fence')) continue;
      const exact = /^fcvt.d.(s|w|wu)$/.test(name);
      for (let i = 0; i < 8; i++) {
        let word = match | (random.u32() & ~mask);
        if (operands.includes('rm'))
          word = (word & ~0x7000) | ((exact ? 0 : random.pick([0, 1, 2, 3, 4, 7])) << 12);
        words.push(word);
      }
    }
    const theirs = objdump(words, 'no-aliases');
    expect(theirs.length).toBe(words.length);
    const problems: string[] = [];
    words.forEach((word, i) => {
      const expected = theirs[i] ?? '';
      const text = ours(word, 4 * i, false);
      if (text !== expected) problems.push(`${(word >>> 0).toString(16)}: ${text}, objdump: ${expected}`);
    });
    expect(problems).toEqual([]);
  });

  it.skipIf(!hasObjdump)(`reads every 16-bit instruction as objdump does (needs ${OBJDUMP})`, () => {
    const halves: number[] = [];
    for (let half = 0; half < 0x1_0000; half++) if (isCompressed(half) && !isHint(half)) halves.push(half);
    const theirs = objdump(halves, 'aliases');
    expect(theirs.length).toBe(halves.length);
    const problems: string[] = [];
    halves.forEach((half, i) => {
      const expected = normalise(theirs[i] ?? '');
      const text = normalise(ours(half, 2 * i, true));
      if (text !== expected) problems.push(`${half.toString(16)}: ${text}, objdump: ${expected}`);
    });
    expect(problems.slice(0, 20)).toEqual([]);
  });

  it.each([
    [0x0000_0013, 'nop'],
    [0x0005_8513, 'mv a0,a1'],
    [0xffb0_0513, 'li a0,-5'],
    [0xfff5_c513, 'not a0,a1'],
    [0x40b0_0533, 'neg a0,a1'],
    [0x0005_851b, 'sext.w a0,a1'],
    [0x0015_b513, 'seqz a0,a1'],
    [0x0005_a533, 'sltz a0,a1'],
    [0xfc05_08e3, 'beqz a0,ffd0'],
    [0xfca0_54e3, 'blez a0,ffc8'],
    [0xfb5f_f06f, 'j ffb4'],
    [0xfadf_f2ef, 'jal t0,ffac'],
    [0x0045_0067, 'jr 4(a0)'],
    [0x0005_00e7, 'jalr a0'],
    [0x0000_8067, 'ret'],
    [0x20b5_a553, 'fabs.s fa0,fa1'],
    [0xc010_2573, 'rdtime a0'],
    [0x0035_1073, 'fscsr a0'],
    [0x0020_d573, 'fsrmi a0,1'],
    [0x0ff0_000f, 'fence'],
    [0x0310_000f, 'fence rw,w'],
    [0x8330_000f, 'fence.tso'],
    [0x1ac5_b52f, 'sc.d.rl a0,a2,(a1)'],
    [0xc000_1073, 'unimp'],
    [0x0805_853b, 'zext.w a0,a1'],
  ])('writes %s as %s', (word, text) => {
    expect(ours(word, 0x1_0000, true)).toBe(text);
  });

  it('names the target of a call', () => {
    const { operands, target } = disassemble(0x0100_00ef, 0x1000, { symbolOf: () => 'main' });
    expect([operands, target]).toEqual(['1010 <main>', 0x1010]);
  });
});

/** Instructions without an effect (C, "hints"), for which objdump has names of its own. */
function isHint(half: number): boolean {
  const instruction = decode(half);
  // c.addi16sp with 0 is reserved, but objdump reads it.
  if (half === 0x6101) return true;
  if (!instruction || half === 1) return false;
  const { name, rd, rs1, rs2, imm, encoding } = instruction;
  const computes = encoding.operands.includes('rd') && !encoding.transfers && name !== 'jalr';
  return computes && (rd === 0 || (rd === rs1 && rs2 === 0 && imm === 0 && name !== 'addiw'));
}

/** Where objdump 2.40 has its own taste: register forms for immediates, names for hints and reserved codes. */
function normalise(text: string): string {
  const [mnemonic = '', operands = ''] = text.split(' ');
  if (mnemonic === 'unimp' || mnemonic.startsWith('.2byte')) return 'illegal';
  const immediate = /,-?(0x)?[0-9a-f]+$/.test(operands);
  const base = mnemonic.replace(/^c\./, '');
  const named = immediate ? base.replace(/^(add|and|sll|srl|sra)(w?)$/, '$1i$2') : base;
  return `${named} ${operands}`.trim();
}
