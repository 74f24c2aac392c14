import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { RESULT_BYTES, writeProgram } from '../testing/instruction-program.ts';
import { MiniKernel } from '../testing/mini-kernel.ts';
import { Random } from '../testing/random.ts';
import { disassemble } from './disassemble.ts';

const GCC = 'riscv64-linux-gnu-gcc';
const QEMU = 'qemu-riscv64';
const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;
const runnable = has(GCC) && has(QEMU);
/** RIVULET_FUZZ_SEED and RIVULET_FUZZ_ROWS widen the search. */
const SEED = Number(process.env.RIVULET_FUZZ_SEED ?? 1);
const ROWS = Number(process.env.RIVULET_FUZZ_ROWS ?? 200);
const VARIANTS = 6;

describe('instructions', () => {
  it.skipIf(!runnable)(`give what they give under qemu (needs ${GCC} and ${QEMU})`, () => {
    const program = writeProgram(new Random(SEED), VARIANTS, ROWS);
    const directory = mkdtempSync(join(tmpdir(), 'instructions-'));
    try {
      const [source, file] = [join(directory, 'program.s'), join(directory, 'program')];
      writeFileSync(source, program.source);
      const args = [
        '-march=rv64gc_zba_zbb_zbs',
        '-nostdlib',
        '-static',
        '-Wl,--no-relax',
        source,
        '-o',
        file,
      ];
      const compiled = spawnSync(GCC, args, { encoding: 'utf8' });
      expect(compiled.stderr).toBe('');
      const theirs = spawnSync(QEMU, [file], { maxBuffer: 1 << 28 });
      expect(theirs.status).toBe(0);
      const kernel = new MiniKernel(new Cpu());
      kernel.load(readFileSync(file), [file]);
      const { bytes } = kernel.run();

      const size = program.stubs.length * program.rows.length * RESULT_BYTES;
      expect([bytes.length, theirs.stdout.length]).toEqual([size, size]);
      const problems: string[] = [];
      const [ours, expected] = [
        new DataView(bytes.buffer),
        new DataView(Uint8Array.from(theirs.stdout).buffer),
      ];
      program.stubs.forEach(({ name, word }, i) => {
        program.rows.forEach((row, j) => {
          // qemu 7.2 gives 64 for ctzw of a zero word.
          if (name === 'ctzw' && BigInt.asUintN(32, row[0] ?? 0n) === 0n) return;
          const at = (i * program.rows.length + j) * RESULT_BYTES;
          const values = [ours, expected].map((view) =>
            [0, 8, 16, 24].map((offset) => view.getBigUint64(at + offset, true).toString(16)).join(),
          );
          if (values[0] === values[1]) return;
          const { mnemonic, operands } = disassemble(word, 0);
          const operandText = row.map((value) => value.toString(16)).join();
          problems.push(`${mnemonic} ${operands} of ${operandText}: ${values[0]}, qemu: ${values[1]}`);
        });
      });
      expect(problems.slice(0, 20)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
