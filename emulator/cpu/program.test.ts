import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiniKernel } from '../testing/mini-kernel.ts';
import { Cpu } from './cpu.ts';
import { TrapCause } from './trap.ts';

const GCC = 'riscv64-linux-gnu-gcc';
const hasGcc = spawnSync(GCC, ['--version']).status === 0;

const SOURCE = `
#include <stdio.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(int argc, char **argv) {
  int numbers[200]; unsigned x = 1; double sum = 0;
  for (int i = 0; i < 200; i++) { x = x * 1664525 + 1013904223; numbers[i] = x >> 20; sum += 1.0 / numbers[i]; }
  qsort(numbers, 200, sizeof *numbers, compare);
  char *heap = malloc(100000);
  for (int i = 0; i < 100000; i++) heap[i] = i;
  printf("%s %d %d %.17g %d\\n", argv[1], numbers[0], numbers[199], sum, heap[99999]);
  return argc + 5;
}`;

describe.skipIf(!hasGcc)(`a static program (needs ${GCC})`, () => {
  let directory = '';
  let file = new Uint8Array();

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'program-'));
    const path = join(directory, 'program');
    writeFileSync(`${path}.c`, SOURCE);
    spawnSync(GCC, ['-O2', '-static', `${path}.c`, '-o', path]);
    file = readFileSync(path);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function load(): { cpu: Cpu; kernel: MiniKernel } {
    const cpu = new Cpu();
    const kernel = new MiniKernel(cpu);
    kernel.load(file, ['program', 'hello']);
    return { cpu, kernel };
  }

  it('runs to its exit', () => {
    // The line is qemu-riscv64's.
    const { status, output } = load().kernel.run();
    expect([status, output]).toEqual([7, 'hello 6 4085 0.47829121118620316 159\n']);
  });

  it('counts the same ticks whatever the budget', () => {
    const whole = load().kernel.run();
    for (const budget of [1, 7, 1000]) {
      const sliced = load().kernel.run(budget);
      expect([sliced.output, sliced.ticks, sliced.calls]).toEqual([whole.output, whole.ticks, whole.calls]);
    }
  });

  it('takes the same way in single steps as in one run', () => {
    const [stepped, run] = [load(), load()];
    for (let slices = 0; slices < 100; slices++) {
      run.cpu.run(run.kernel.hart, run.kernel.memory, 13);
      const goal = run.kernel.hart.ticks;
      while (stepped.kernel.hart.ticks < goal || stepped.kernel.hart.pc !== run.kernel.hart.pc) {
        if (stepped.cpu.step(stepped.kernel.hart, stepped.kernel.memory) !== TrapCause.Stepped) break;
      }
      expect(stepped.kernel.hart.pc).toBe(run.kernel.hart.pc);
      for (let n = 0; n < 32; n++) expect(stepped.kernel.hart.x(n)).toBe(run.kernel.hart.x(n));
    }
  });
});
