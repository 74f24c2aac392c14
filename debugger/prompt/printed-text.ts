// What printf prints, of values of the program: `printf` and `dprintf`.
// commands/print.ts and debugger.ts ask for it.
// Reading never changes the run.
import { evaluateList } from '../values/evaluate.ts';
import { printfText, splitFormatString } from '../values/printf-text.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

const LONGEST_TEXT = 65_536;
const TEXT_AT_ONCE = 256;

/** `argument` is `"FORMAT", EXPRESSION, ...`. Throws PromptError. */
export function printedText(debugging: Debugger, argument: string): string {
  const { format, values } = splitFormatString(argument);
  const all = values === '' ? [] : evaluateList(values, debugging.scope);
  return printfText(format, all, (address) => readText(debugging, address));
}

/** The bytes up to a NUL. */
function readText(debugging: Debugger, address: number): string {
  const bytes: number[] = [];
  const { session, programThread: thread } = debugging;
  for (let length = TEXT_AT_ONCE; bytes.length < LONGEST_TEXT; ) {
    const more = session.read(thread, address + bytes.length, length);
    if (more === undefined) {
      if (length === 1) break;
      length = 1; // the end of what is mapped is near
      continue;
    }
    const end = more.indexOf(0);
    bytes.push(...(end < 0 ? more : more.subarray(0, end)));
    if (end >= 0) return new TextDecoder().decode(Uint8Array.from(bytes));
  }
  throw new PromptError(`Cannot access memory at address 0x${(address + bytes.length).toString(16)}`);
}
