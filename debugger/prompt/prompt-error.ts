// What a command cannot do, in one clear line for the person at the prompt.
// Commands and the expression evaluator throw it; the engine prints its message and goes on.
// Any other Error is a fault of ours.

export class PromptError extends Error {}

/** The same, when the line was printed already. */
export class ToldError extends PromptError {
  constructor() {
    super('');
  }
}
