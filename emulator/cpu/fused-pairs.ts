// Pairs of instructions that the interpreter executes with one dispatch: the first one's record says so.
// Called by cpu/decode-cache.ts, which finds them, and cpu/interpreter.ts, which emits a handler for each.
// The second instruction keeps a record of its own, for whoever jumps there, and its handler's code moves to it first.
import { encodingOf } from '../isa/encodings.ts';
import { FIRST_FUSED, type Operation, operationNumber, REACHES } from './record.ts';

/** An operation as it is written below. */
type Half = Pick<Operation, 'name' | 'reach' | 'length'>;

/**
 * Name, length, reach of a transfer. What follows what most often in the first second of Python, Perl and gcc's cc1, together
 * a third of what they interpret. The first one goes on to the second, whatever happens.
 */
const FREQUENT =
  'ld.2 ld.2, sd.2 sd.2, add.2 add.2, ld.2 addi.2, add.2 ld.2, addi.2 sd.2, addi.2 jalr.2, sd.2 add.2, ld.2 add.2, ' +
  'addi.2 addi.2, lui.4 addi.4, slli.4 add.2, slli.2 add.2, ld.4 ld.4, auipc.4 ld.4, addi.2 add.2, sd.2 ld.2, ' +
  'addi.4 add.2, add.2 beq.2.near-forward, ld.2 beq.2.near-forward, add.2 beq.4.near-forward, sd.2 addi.2, ' +
  'add.2 jal.4.far-backward, auipc.4 jalr.4';

function half(text: string): Half {
  const [name = '', length, reach] = text.split('.');
  return { name, length: length === '2' ? 2 : 4, reach: REACHES.find((one) => one === reach) ?? null };
}

/** In the order of their numbers, which start at FIRST_FUSED. */
export const FUSED_PAIRS: readonly (readonly [Half, Half])[] = FREQUENT.split(', ').map((pair) => {
  const [first = '', second = ''] = pair.split(' ');
  return [half(first), half(second)];
});

const numberOf = ({ name, length, reach }: Half): number =>
  operationNumber(encodingOf(name), reach === null ? 0 : REACHES.indexOf(reach), length);
const END = FIRST_FUSED + FUSED_PAIRS.length;
/** By fused number: the number of the first instruction's operation. */
const firsts = FUSED_PAIRS.map(([first]) => numberOf(first));
/** Which row and column of `numbers` an operation has; 0 when it is in no pair. A fused one has its first one's column. */
const rows = new Uint8Array(END);
const columns = new Uint8Array(END);
const numbers = new Uint16Array((FUSED_PAIRS.length + 1) ** 2);

for (const [i, [, second]] of FUSED_PAIRS.entries()) {
  const first = firsts[i] as number;
  rows[first] ||= i + 1;
  columns[numberOf(second)] ||= i + 1;
  numbers[placeOf(first, numberOf(second))] = FIRST_FUSED + i;
}
for (const [i, first] of firsts.entries()) columns[FIRST_FUSED + i] = columns[first] as number;

function placeOf(first: number, second: number): number {
  return (rows[first] as number) * (FUSED_PAIRS.length + 1) + (columns[second] as number);
}

/** The operation that executes `first` and goes on with `second`, which may be fused itself; 0 when there is none. */
export function fusedOperation(first: number, second: number): number {
  return numbers[placeOf(first, second)] as number;
}

/** The operation of a record whose next one is another now, when the pair was fused and the first has `length` bytes. */
export function firstOfPair(operation: number, length: 2 | 4): number {
  if (operation < FIRST_FUSED) return operation;
  const pair = FUSED_PAIRS[operation - FIRST_FUSED];
  return pair?.[0].length === length ? (firsts[operation - FIRST_FUSED] as number) : operation;
}
