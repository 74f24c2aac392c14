// A machine whose guest code is a list of JavaScript steps, for unit tests of threads, signals and calls.
// The kernel is the real one; only the processor is replaced: pc selects a step, a step may ask for a trap.
// Steps see registers and memory of the thread that runs them, so fork, clone and handlers work as in a guest.
import type { Cpu } from '../../emulator/cpu/cpu.ts';
import type { Hart } from '../../emulator/cpu/hart.ts';
import { TrapCause } from '../../emulator/cpu/trap.ts';
import { GuestMemory } from '../../emulator/memory/guest-memory.ts';
import { FdTable } from '../file/fd-table.ts';
import { FsContext } from '../fs/fs-context.ts';
import type { Path } from '../fs/path.ts';
import { Kernel, type RunOutcome } from '../kernel.ts';
import { placeArea } from '../mm/mapping.ts';
import { PROT_READ, PROT_WRITE } from '../mm/vma.ts';
import { credentialsFor } from './credentials.ts';
import type { Process } from './process.ts';
import { makeFirstThread } from './start.ts';

/** 64 KiB of readable and writable memory for data and stacks. */
export const DATA = 0x2_0000;
const DATA_SIZE = 0x1_0000;
export const STACK_TOP = DATA + DATA_SIZE - 0x1000;
const CODE = 0x1000;
const TRAMPOLINE = 0x800;
const A0 = 10;
const A7 = 17;
const SP = 2;

export interface StepContext {
  readonly hart: Hart;
  readonly memory: GuestMemory;
  /** The register a0 as a signed number: a call's result, a handler's signal. */
  readonly a0: number;
}

type Argument = number | string | ((context: StepContext) => number);
/** What a step wants: nothing (go on), a trap, or a jump it has made itself. */
type Step = (context: StepContext) => TrapCause | 'jumped' | undefined;

/** Guest code under construction. */
export class Script {
  readonly steps: Step[] = [];
  readonly labels = new Map<string, number>();
  readonly log: string[];

  constructor(log: string[]) {
    this.log = log;
  }

  /** The address of a label, for handlers and branches. */
  address(label: string): number {
    const at = this.labels.get(label);
    if (at === undefined) throw new Error(`no label ${label}`);
    return at;
  }

  label(name: string): this {
    this.labels.set(name, CODE + 4 * this.steps.length);
    return this;
  }

  do(run: (context: StepContext) => void): this {
    this.steps.push((context) => {
      run(context);
      return undefined;
    });
    return this;
  }

  /** An ecall; arguments may be label names or computed. */
  call(number: number, ...args: Argument[]): this {
    this.steps.push((context) => {
      for (const [i, argument] of args.entries()) {
        const value =
          typeof argument === 'number'
            ? argument
            : typeof argument === 'string'
              ? this.address(argument)
              : argument(context);
        context.hart.setXNumber(A0 + i, value);
      }
      context.hart.setXNumber(A7, number);
      return TrapCause.Ecall;
    });
    return this;
  }

  /** Notes a0, as `name=value`. */
  show(name: string): this {
    return this.do(({ a0 }) => this.log.push(`${name}=${a0}`));
  }

  note(text: string): this {
    return this.do(() => this.log.push(text));
  }

  when(condition: (context: StepContext) => boolean, label: string): this {
    this.steps.push((context) => {
      if (!condition(context)) return undefined;
      context.hart.pc = this.address(label);
      return 'jumped';
    });
    return this;
  }

  /** An instruction that traps. */
  trap(cause: TrapCause): this {
    this.steps.push(() => cause);
    return this;
  }

  /** rt_sigaction(signo, handler at a label, flags). */
  handle(signo: number, handler: string, flags = 0, mask = 0n): this {
    return this.do(({ memory }) => {
      memory.writeU64Number(DATA, this.address(handler));
      memory.writeU64Number(DATA + 8, flags >>> 0);
      memory.writeU64(DATA + 16, mask);
    }).call(134, signo, DATA, 0, 8);
  }

  /** rt_sigprocmask(how, mask). */
  mask(how: number, mask: bigint): this {
    return this.do(({ memory }) => memory.writeU64(DATA, mask)).call(135, how, DATA, 0, 8);
  }

  /** ret from a handler. */
  ret(): this {
    this.steps.push(({ hart }) => {
      hart.pc = Number(hart.x(1));
      return 'jumped';
    });
    return this;
  }

  exit(status = 0): this {
    return this.call(94, status);
  }
}

class ScriptCpu {
  trapAddress = 0;
  trapAddressBig = 0n;
  ticksUsed = 0;
  readonly script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  createMemory(): GuestMemory {
    return new GuestMemory();
  }

  run(hart: Hart, memory: GuestMemory, budget: number): TrapCause {
    for (this.ticksUsed = 0; this.ticksUsed < budget; this.ticksUsed++) {
      const { pc } = hart;
      if (pc === TRAMPOLINE) {
        hart.setXNumber(A7, 139);
        return TrapCause.Ecall;
      }
      const step = this.script.steps[(pc - CODE) / 4];
      if (step === undefined) {
        this.trapAddress = pc;
        return TrapCause.FetchFault;
      }
      const a0 = Number(BigInt.asIntN(64, hart.x(A0)));
      const outcome = step({ hart, memory, a0 });
      if (outcome === undefined) hart.pc = pc + 4;
      else if (outcome !== 'jumped') return outcome;
    }
    return TrapCause.TickBudget;
  }
}

export interface ScriptMachine {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly log: string[];
  /** Runs until all is over or all sleep for ever; virtual time. */
  run(): RunOutcome;
}

export interface ScriptOptions {
  readonly uid?: number;
  readonly maxProcesses?: number;
}

/** Builds the code and a process that runs it. */
export function scriptMachine(build: (script: Script) => void, options: ScriptOptions = {}): ScriptMachine {
  const log: string[] = [];
  const script = new Script(log);
  build(script);
  let seconds = 0;
  const host = {
    monotonicNs: () => ++seconds * 1_000,
    realtimeNs: () => 0n,
    random: (bytes: Uint8Array) => bytes.fill(0),
    files: undefined,
    terminal: undefined,
    warn: (line: string) => log.push(`warning: ${line}`),
  };
  const kernel = new Kernel(new ScriptCpu(script) as unknown as Cpu, host, {
    clock: { virtual: true },
    seed: 1,
    memoryLimit: 64 * 1024 * 1024,
    maxProcesses: options.maxProcesses ?? 100,
  });
  const uid = options.uid ?? 0;
  const thread = makeFirstThread(kernel, {
    credentials: credentialsFor(uid, uid),
    fs: new FsContext({} as Path),
    files: new FdTable(kernel.memory),
  });
  placeArea(thread.mm, {
    start: DATA,
    end: DATA + DATA_SIZE,
    prot: PROT_READ | PROT_WRITE,
    maxProt: 7,
    flags: 0,
    backing: undefined,
    offset: 0,
  });
  thread.mm.signalTrampoline = TRAMPOLINE;
  thread.user.fill(DATA, DATA_SIZE, 0);
  thread.hart.pc = CODE;
  thread.hart.setXNumber(SP, STACK_TOP);
  kernel.scheduler.enqueue(thread);
  const run = (): RunOutcome => {
    for (let rounds = 0; rounds < 1000; rounds++) {
      const outcome = kernel.run();
      if (outcome.kind !== 'paused') return outcome;
    }
    throw new Error('the script does not end');
  };
  return { kernel, process: thread.process, log, run };
}
