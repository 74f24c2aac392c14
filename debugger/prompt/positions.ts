// Positions in the run as text: `1234+0x10a2c` for the instruction there after that tick, `1234+call` before a call.
// `when` prints them, `goto` reads them.
// The text is the whole position: the same run is at the same place there.
import { AT_CALL, type Position } from '../../kernel/stepper.ts';
import { PromptError } from './prompt-error.ts';

export function positionText({ tick, instruction }: Position): string {
  if (instruction === AT_CALL) return `${tick}+call`;
  return instruction === 0 ? String(tick) : `${tick}+0x${instruction.toString(16)}`;
}

/** Throws PromptError. */
export function parsePosition(text: string): Position {
  const match = /^(\d+)(?:\+(0x[0-9a-f]+|\d+|call))?$/i.exec(text.trim());
  if (match === null) throw new PromptError('goto TICK, TICK+ADDRESS or TICK+call, as `when` shows them');
  const [, tick = '', instruction] = match;
  const position = {
    tick: Number(tick),
    instruction: instruction === undefined ? 0 : instruction === 'call' ? AT_CALL : Number(instruction),
  };
  if (!Number.isSafeInteger(position.tick)) throw new PromptError(`${tick} is beyond every run`);
  return position;
}
