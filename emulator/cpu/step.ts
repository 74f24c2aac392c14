// One instruction by itself, executed by the reference back end.
// Called by cpu/cpu.ts for single steps, CSR instructions, stores to code pages, code above the Memory, and accesses across windows.
// Afterwards the hart is where the interpreter would have left it; on a trap, untouched.
import { decode, type Instruction, isCompressed } from '../isa/decode.ts';
import { execute, type ReferenceMachine, type Trap } from '../isa/reference.ts';
import type { CsrAction, Width } from '../isa/semantics/backend.ts';
import { FastBit, type GuestMemory } from '../memory/guest-memory.ts';
import { ADDRESS_LIMIT, PAGE_SIZE } from '../memory/layout.ts';
import { accessCsr, type CounterSource } from './csr.ts';
import { mayFetch } from './decode-cache.ts';
import type { Hart } from './hart.ts';
import { TrapCause } from './trap.ts';

export interface StepResult {
  /** Stepped, or a trap. */
  readonly cause: TrapCause;
  /** The faulting address. */
  readonly address: bigint;
  /** Whether the instruction was a tick. */
  readonly ticked: boolean;
}

/** Told of the bytes that an instruction is about to write: of nothing else in the memory. */
export type BeforeAccess = (address: number, width: number) => void;

type Fetched =
  | { readonly kind: 'instruction'; readonly instruction: Instruction }
  | { readonly kind: 'illegal' }
  | { readonly kind: 'fault'; readonly address: number };

const ILLEGAL: Fetched = { kind: 'illegal' };

/** The instruction at `pc`, with fetch permission checked on each page it touches. */
function fetchInstruction(memory: GuestMemory, pc: number): Fetched {
  if (!mayFetch(memory, pc)) return { kind: 'fault', address: pc };
  const low = memory.u16(pc);
  let word = low;
  if (!isCompressed(low)) {
    const rest = pc + 2;
    if (rest % PAGE_SIZE === 0 && !mayFetch(memory, rest)) return { kind: 'fault', address: rest };
    word = low | (memory.u16(rest) << 16);
  }
  const instruction = decode(word);
  return instruction ? { kind: 'instruction', instruction } : ILLEGAL;
}

/** The hart is resident in `memory`. */
export function stepAlone(
  hart: Hart,
  memory: GuestMemory,
  counters: CounterSource,
  beforeStore?: BeforeAccess,
  beforeLoad?: BeforeAccess,
): StepResult {
  const { pc, pcBig } = hart;
  if ((pc & 1) !== 0) return { cause: TrapCause.MisalignedFetch, address: pcBig, ticked: false };
  const fetched = fetchInstruction(memory, pc);
  if (fetched.kind === 'fault') {
    const address = fetched.address === pc ? pcBig : BigInt(fetched.address);
    return { cause: TrapCause.FetchFault, address, ticked: false };
  }
  if (fetched.kind === 'illegal') return { cause: TrapCause.IllegalInstruction, address: 0n, ticked: false };
  const { instruction } = fetched;
  try {
    const following = execute(instruction, new HartMachine(hart, memory, counters, beforeStore, beforeLoad));
    hart.pcBig = following;
    return { cause: TrapCause.Stepped, address: 0n, ticked: isTick(instruction, pcBig, following) };
  } catch (thrown) {
    const { cause, address } = thrown as Trap;
    if (cause === undefined) throw thrown;
    return { cause, address, ticked: false };
  }
}

/** Every jalr, and every other transfer that was taken and does not lead ahead. */
function isTick({ name, encoding, imm, length }: Instruction, pc: bigint, following: bigint): boolean {
  if (name === 'jalr') return true;
  return encoding.transfers && imm <= 0 && following !== pc + BigInt(length);
}

/** A hart and its address space as the reference back end wants them. */
class HartMachine implements ReferenceMachine {
  readonly #hart: Hart;
  readonly #memory: GuestMemory;
  readonly #counters: CounterSource;
  readonly #beforeStore: BeforeAccess | undefined;
  readonly #beforeLoad: BeforeAccess | undefined;

  constructor(
    hart: Hart,
    memory: GuestMemory,
    counters: CounterSource,
    beforeStore?: BeforeAccess,
    beforeLoad?: BeforeAccess,
  ) {
    this.#beforeStore = beforeStore;
    this.#beforeLoad = beforeLoad;
    this.#hart = hart;
    this.#memory = memory;
    this.#counters = counters;
  }

  x(n: number): bigint {
    return this.#hart.x(n);
  }

  setX(n: number, value: bigint): void {
    this.#hart.setX(n, value);
  }

  f(n: number): bigint {
    return this.#hart.f(n);
  }

  setF(n: number, value: bigint): void {
    this.#hart.setF(n, value);
  }

  get pc(): bigint {
    return this.#hart.pcBig;
  }

  get frm(): number {
    return this.#hart.fcsr >> 5;
  }

  raise(flags: number): void {
    this.#hart.fcsr |= flags;
  }

  get reservation(): bigint {
    return this.#hart.reservation;
  }

  set reservation(address: bigint) {
    this.#hart.reservation = address;
  }

  load(width: Width, address: bigint): bigint {
    const at = this.#demand(width, address, FastBit.R, TrapCause.LoadFault);
    this.#beforeLoad?.(at, width);
    let value = 0n;
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#memory.u8(at + i));
    return value;
  }

  store(width: Width, address: bigint, value: bigint): void {
    const at = this.#demand(width, address, FastBit.W, TrapCause.StoreFault);
    this.#beforeStore?.(at, width);
    for (let i = 0; i < width; i++) this.#memory.setU8(at + i, Number((value >> BigInt(8 * i)) & 255n));
  }

  demandStore(width: Width, address: bigint): void {
    this.#demand(width, address, FastBit.W, TrapCause.StoreFault);
  }

  /** The address as a number, if all its bytes may be accessed. */
  #demand(width: Width, address: bigint, bit: number, cause: TrapCause): number {
    const at = Number(address);
    const allowed = (page: number) => (this.#memory.fast(page) & bit) !== 0;
    if (at >= ADDRESS_LIMIT || !allowed(Math.floor(at / PAGE_SIZE))) throw { cause, address } satisfies Trap;
    const lastPage = Math.floor((at + width - 1) / PAGE_SIZE);
    if (!allowed(lastPage)) throw { cause, address: BigInt(lastPage * PAGE_SIZE) } satisfies Trap;
    return at;
  }

  csr(action: CsrAction, number: number, operand: bigint, writes: boolean): bigint {
    const old = accessCsr(this.#hart, this.#counters, action, number, operand, writes);
    if (old === null) throw { cause: TrapCause.IllegalInstruction, address: 0n } satisfies Trap;
    return old;
  }
}
