// Lays a case out: labels become addresses, references become instructions.
// Called by the program writer, and by reports to say what stands where.
// A compressed reference that does not reach is given its long form and everything is laid out again.
import { assemble } from '../../../emulator/testing/assembler.ts';
import type { Case, Piece, Reference } from './case.ts';
import { compressedForm } from './compressed-forms.ts';

const EBREAK = 0x0010_0073;

export interface Placed {
  /** Where each word goes, and the word: compressed ones have other low bits than 3. */
  readonly words: readonly (readonly [address: number, word: number])[];
  readonly end: number;
}

const isCompressed = (word: number): boolean => (word & 3) !== 3;

/** Lays the case's items out from `start`. At its end it goes to `exit`, or breaks when that is null. */
export function placeCase(test: Case, start: number, exit: number | null): Placed {
  const long = new Set<Reference>();
  for (;;) {
    const placed = tryPlace(test, start, exit, long);
    if (placed !== null) return placed;
  }
}

function tryPlace(test: Case, start: number, exit: number | null, long: Set<Reference>): Placed | null {
  const ending: Piece[] =
    exit === null
      ? [EBREAK]
      : [{ kind: 'transfer', name: 'jal', rd: 0, rs1: 0, rs2: 0, label: -1, isShort: false }];
  const main = test.items.filter(({ id }) => id < test.endId);
  const functions = test.items.filter(({ id }) => id > test.endId);
  const items = [
    ...main,
    { id: test.endId, pieces: ending },
    ...functions,
    { id: Number.MAX_SAFE_INTEGER, pieces: [EBREAK] },
  ];
  const addresses: (readonly [id: number, address: number])[] = [];
  let at = start;
  for (const { id, pieces } of items) {
    addresses.push([id, at]);
    for (const piece of pieces) at += sizeOf(piece, long);
  }
  const find = (label: number): number =>
    label < 0 ? (exit ?? start) : (addresses.find(([id]) => id >= label)?.[1] ?? start);

  const words: [number, number][] = [];
  at = start;
  let grew = false;
  for (const piece of items.flatMap(({ pieces }) => pieces)) {
    const size = sizeOf(piece, long);
    if (typeof piece === 'number') words.push([at, piece]);
    else if (piece.kind === 'address') {
      words.push([at, assemble('auipc', { rd: piece.rd })]);
      words.push([at + 4, assemble('addi', { rd: piece.rd, rs1: piece.rd, imm: find(piece.label) - at })]);
    } else {
      const word = assemble(piece.name, { ...piece, imm: find(piece.label) - at });
      const form = size === 2 ? compressedForm(word) : word;
      if (form === undefined) {
        long.add(piece);
        grew = true;
      } else words.push([at, form]);
    }
    at += size;
  }
  return grew ? null : { words, end: at };
}

function sizeOf(piece: Piece, long: Set<Reference>): number {
  if (typeof piece === 'number') return isCompressed(piece) ? 2 : 4;
  if (piece.kind === 'address') return 8;
  return piece.isShort && !long.has(piece) ? 2 : 4;
}
