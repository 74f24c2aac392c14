// A value that generated code will compute: it emits itself once, where it is used.
// Called by the WebAssembly back ends, for which it is V, B and F of isa/semantics/backend.ts alike.
// `known` is the value when it is a constant of 32 bits, so that emitters can fold.

export interface Expression {
  readonly emit: () => void;
  readonly known: number | null;
}

export function expression(emit: () => void): Expression {
  return { emit, known: null };
}
