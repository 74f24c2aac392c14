// A test case: a state and a sequence of items, each an indivisible piece of code that others may jump to.
// The generator makes it, the shrinker takes items away, the program writer lays it out.
// Labels are items' ids, in ascending order; a label whose item is gone means the next one that is there.

/** An instruction that mentions an item. */
export interface Reference {
  /** A branch or jal to it; or `auipc` and `addi`, which put its address into rd. */
  readonly kind: 'transfer' | 'address';
  readonly name: string;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly label: number;
  /** Use the compressed form where there is one. */
  readonly isShort: boolean;
}

/** A 32-bit or a compressed instruction, told apart by its low bits, or a reference. */
export type Piece = number | Reference;

export interface Item {
  readonly id: number;
  readonly pieces: readonly Piece[];
}

export interface Case {
  readonly items: readonly Item[];
  /** The item before which the case ends; functions that it calls have greater ids. */
  readonly endId: number;
  /** By number; entry 0 is not used. */
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly fcsr: number;
  /** Halfwords by which the code is off an eight-byte boundary. */
  readonly skew: number;
  /** How it ends: a breakpoint keeps all registers, a jump to the runner loses x31. */
  readonly exit: 'breakpoint' | 'jump';
  readonly isSelfModifying: boolean;
}
