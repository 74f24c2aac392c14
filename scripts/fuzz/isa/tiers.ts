// Runs one program in qemu, in the interpreter, in the JIT, and in both where addresses lie in windows; collects what each wrote.
// Called with batches by the fuzzer and with candidates by the shrinker.
// A program that breaks down (the tier, not a case) is reported as such, with what was said.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHost } from '../../../cli/node-host.ts';
import { interpreterModule } from '../../../emulator/cpu/cpu.ts';
import type { KernelObserver } from '../../../kernel/observer.ts';
import { Machine } from '../../../machine/machine.ts';

export const QEMU = 'qemu-riscv64';
/** The extensions that Rivulet has, and no others, so that illegal instructions agree. */
const QEMU_CPU = 'rv64,zba=true,zbb=true,zbs=true,zbc=false';
/** Slices are short, so that some end in the middle of loops. */
const QUANTUM = 50;
const HIGH_PAGE = 2 ** 25;
const TIMEOUT_MS = 120_000;

export interface TierResult {
  readonly bytes: Uint8Array;
  /** Why the program did not end well; empty when it did. */
  readonly problem: string;
}

export type TierName = 'qemu' | 'interpreter' | 'jit' | 'windowed';
export type Results = Readonly<Record<TierName, TierResult>>;

let modules: Map<boolean, WebAssembly.Module> | undefined;

/** Compiled once: every batch has a machine of its own. */
function interpreter(fusesMultiplyAdd: boolean): WebAssembly.Module {
  modules ??= new Map();
  let module = modules.get(fusesMultiplyAdd);
  if (module === undefined) {
    module = new WebAssembly.Module(interpreterModule(fusesMultiplyAdd));
    modules.set(fusesMultiplyAdd, module);
  }
  return module;
}

function runQemu(elf: Uint8Array, timeoutMs: number): Promise<TierResult> {
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-isa-'));
  const path = join(directory, 'program');
  writeFileSync(path, elf, { mode: 0o755 });
  return new Promise((resolve) => {
    const child = spawn(QEMU, ['-cpu', QEMU_CPU, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '' },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let problem = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (problem.length < 1000) problem += chunk.toString();
    });
    child.on('error', (error) => {
      problem = error.message;
    });
    child.on('close', (code, signal) => {
      rmSync(directory, { recursive: true });
      if (code !== 0) problem += ` (ended with ${code ?? signal})`;
      resolve({ bytes: Buffer.concat(chunks), problem: code === 0 ? '' : problem });
    });
  });
}

/** Every program has something at a high address before its first instruction. */
const WINDOWS: KernelObserver = {
  threadStarted: ({ mm }) => void mm.memory.back(HIGH_PAGE, 1),
  executed: ({ mm }) => void mm.memory.back(HIGH_PAGE, 1),
};

async function runHere(
  elf: Uint8Array,
  jit: { jit: false } | { jitThreshold: number },
  timeoutMs: number,
  observer?: KernelObserver,
): Promise<TierResult> {
  try {
    const machine = new Machine({
      host: { ...nodeHost(), warn: () => {} },
      seed: 1,
      virtualTime: true,
      quantum: QUANTUM,
      prebuiltInterpreter: interpreter,
      timeoutMs,
      ...jit,
    });
    if (observer !== undefined) machine.observe(observer);
    const guest = machine.spawn({ path: '/program', bytes: elf });
    const status = await guest.wait();
    const problem = status.code === 0 ? '' : `ended with ${status.signal ?? status.code}`;
    return { bytes: guest.output, problem: problem || guest.errorText };
  } catch (thrown) {
    return { bytes: new Uint8Array(), problem: thrown instanceof Error ? `${thrown.stack}` : `${thrown}` };
  }
}

/** All of them; qemu runs beside the others. */
export async function runTiers(elf: Uint8Array, timeoutMs = TIMEOUT_MS): Promise<Results> {
  const theirs = runQemu(elf, timeoutMs);
  const interpreted = await runHere(elf, { jit: false }, timeoutMs);
  const compiled = await runHere(elf, { jitThreshold: 1 }, timeoutMs);
  const windowed = await runHere(elf, { jitThreshold: 2 }, timeoutMs, WINDOWS);
  return { qemu: await theirs, interpreter: interpreted, jit: compiled, windowed };
}
