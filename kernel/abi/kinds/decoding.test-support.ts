// What a trace prints for an argument of a call whose memory is given: for the tests of kinds.
import { allSyscalls } from '../../syscalls/table.ts';
import type { Thread } from '../../task/thread.ts';
import type { PrintContext } from '../kind.ts';

export const BASE = 0x1000;

/** What a trace prints for an argument of a call; `memory` lies at BASE. */
export function shown(
  call: string,
  argument: string,
  args: Readonly<Record<string, number>>,
  memory: Uint8Array = new Uint8Array(0),
  result = 0,
  more: Partial<PrintContext> = {},
): string | undefined {
  const row = Object.values(allSyscalls()).find((each) => each?.name === call);
  const kind = row?.kinds.find(([name]) => name === argument)?.[1];
  if (kind === undefined) throw new Error(`${call} has no argument ${argument}`);
  const inside = (address: number): number => Math.max(0, BASE + memory.length - address);
  const user = {
    accessible: (address: number, length: number) => (address < BASE ? 0 : Math.min(length, inside(address))),
    read: (address: number, length: number) => memory.slice(address - BASE, address - BASE + length),
  };
  const value = args[argument] ?? 0;
  const context: PrintContext = {
    thread: { user } as unknown as Thread,
    phase: kind.when,
    result,
    args,
    stringLimit: 32,
    decodeFds: 0,
    raw: BigInt.asUintN(64, BigInt(value)),
    captured: undefined,
    isVerbose: false,
    ...more,
  };
  return kind.print(value, { ...context, captured: kind.capture?.(value, context) });
}

/** Little-endian words of 64 bits. */
export function words(...values: readonly (number | bigint)[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 8));
  for (const [index, value] of values.entries()) bytes.setBigInt64(index * 8, BigInt(value), true);
  return new Uint8Array(bytes.buffer);
}
