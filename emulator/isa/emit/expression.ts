// A value that generated code will compute: it emits itself once, where it is used.
// Called by the WebAssembly back ends, for which it is V, B and F of isa/semantics/backend.ts alike.
// `known` is the value when it is a constant of 32 bits, so that emitters can fold.

export interface Expression {
  readonly emit: () => void;
  readonly known: number | null;
  /** What is known of an integer's bits; sign extensions that change nothing are left out by it. */
  readonly shape?: Shape;
}

/**
 * 'word': the low 32 bits, sign-extended. 'unsigned-word': zero-extended, so that shifted right it is a 'word'.
 */
export type Shape = 'word' | 'unsigned-word' | 'any';

export function expression(emit: () => void, shape: Shape = 'any'): Expression {
  return { emit, known: null, shape };
}
