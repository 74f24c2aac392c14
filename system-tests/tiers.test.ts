// The JIT is indistinguishable from the interpreter: same output, ticks, registers at every call, final memory.
// Each program runs three times on a virtual clock with one seed: interpreted, compiled at once, and mixed.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../cli/node-host.ts';
import { CallHash } from '../kernel/call-hash.ts';
import type { KernelObserver } from '../kernel/observer.ts';
import type { Thread } from '../kernel/task/thread.ts';
import { Machine } from '../machine/machine.ts';
import { binaryOf } from '../scripts/guests/compile.ts';

/** Programs of each kind: computation, floating point, signals, processes, threads, sockets, faults. */
const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['bench/cpu-kernels', '1', 'qsort'],
  ['bench/cpu-kernels', '1', 'vm'],
  ['bench/cpu-kernels', '1', 'fib'],
  ['bench/cpu-kernels', '1', 'nbody'],
  ['bench/cpu-kernels', '1', 'libcmem'],
  ['demo/both'],
  ['demo/pair'],
  ['demo/rights'],
  ['memory/random-maps'],
  ['memory/protections'],
  ['memory/high-addresses'],
  ['signal/siginfo'],
  ['process/clone3'],
  ['process/exec-self'],
  ['process/ptrace-riscv'],
  ['process/ptrace-threads'],
  ['unix/u36-collector'],
];
const FNV_PRIME = 0x0100_0193;

class Fingerprint implements KernelObserver {
  hash = 0x811c_9dc5;
  calls = 0;

  syscallEnter(thread: Thread): undefined {
    this.calls++;
    this.#mix(thread.tid);
    this.#mix(thread.hart.ticks);
    this.#mix(thread.hart.pc);
    for (let register = 1; register < 32; register++) {
      this.#mix(thread.hart.xLo(register));
      this.#mix(thread.hart.xHi(register));
    }
    for (let register = 0; register < 32; register++)
      this.#mix(Number(thread.hart.f(register) & 0xffff_ffffn));
    this.#mix(thread.hart.fcsr);
    if (this.calls % 16 === 1) this.#memory(thread);
    return undefined;
  }

  /** Every present, writable page. */
  #memory(thread: Thread): void {
    for (const vma of thread.mm.vmas) {
      for (const { first, count } of thread.mm.states.runs(vma.firstPage, vma.endPage)) {
        for (let page = first; page < first + count; page++) {
          if ((thread.mm.memory.granted(page) & 2) === 0) continue;
          const bytes = thread.mm.memory.bytes(page * 4096, 4096);
          for (let i = 0; i < 4096; i += 64) this.#mix(bytes[i] ?? 0);
        }
      }
    }
  }

  #mix(value: number): void {
    this.hash = Math.imul(this.hash ^ (value | 0), FNV_PRIME) >>> 0;
  }
}

async function observe(
  program: string,
  args: readonly string[],
  jit: { jit?: boolean; jitThreshold?: number },
) {
  const machine = new Machine({ host: nodeHost(), seed: 7, virtualTime: true, ...jit });
  const fingerprint = new Fingerprint();
  machine.observe(fingerprint);
  const path = binaryOf(program, 'riscv64');
  const guest = machine.spawn({ path: '/program', bytes: readFileSync(path), argv: ['/program', ...args] });
  const status = await guest.wait();
  return { status, output: guest.outputText, calls: fingerprint.calls, hash: fingerprint.hash };
}

describe('interpreter and JIT', () => {
  for (const [program, ...args] of PROGRAMS) {
    const name = [program, ...args].join(' ');
    it.skipIf(!existsSync(binaryOf(program, 'riscv64')))(
      `agree to the tick on ${name} (needs the riscv64 guest programs)`,
      async () => {
        const interpreted = await observe(program, args, { jit: false });
        expect(interpreted.calls).toBeGreaterThan(0);
        expect(await observe(program, args, { jitThreshold: 1 })).toEqual(interpreted);
        expect(await observe(program, args, { jitThreshold: 300 })).toEqual(interpreted);
      },
    );
  }
});

/** As `observe` where nobody looks on, so that calls that only tell are answered in compiled code. */
async function runAlone(jit: { jit?: boolean; jitThreshold?: number }) {
  const machine = new Machine({ host: nodeHost(), seed: 7, virtualTime: true, ...jit });
  const hash = new CallHash(1000);
  machine.kernel.callHash = hash;
  const bytes = readFileSync(binaryOf(TELLING, 'riscv64'));
  const guest = machine.spawn({ path: '/program', bytes, argv: ['/program', 'getpid'] });
  const { code } = await guest.wait();
  return { code, output: guest.outputText, hash: hash.value, count: hash.count };
}

const TELLING = 'bench/ipc';

describe('calls that only tell', () => {
  it.skipIf(!existsSync(binaryOf(TELLING, 'riscv64')))(
    'take the same time and leave the same hash, interpreted and compiled (needs the riscv64 guest programs)',
    async () => {
      const interpreted = await runAlone({ jit: false });
      expect(interpreted.code).toBe(0);
      expect(interpreted.count).toBeGreaterThan(100_000);
      expect(await runAlone({ jitThreshold: 1 })).toEqual(interpreted);
    },
  );
});
