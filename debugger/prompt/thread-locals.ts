// Thread-local variables by name, those that a debugger finds by symbols alone too: gcc before 14 writes no locations for them on RISC-V.
// program.ts looks here for variables with debug information, scope.ts for others.
import type { Thread } from '../../kernel/task/thread.ts';
import type { Session } from '../session/session.ts';
import type { FoundThreadLocal } from '../symbols.ts';
import { LIBRARY_NUMBER_FIELD, libraryVariable, linkMapAt, programVariable } from '../thread-local.ts';
import { PromptError } from './prompt-error.ts';

/** In the copy of `thread`. Throws PromptError where it has none. */
export function threadLocalAddress(
  session: Session,
  thread: Thread,
  { bias, offset }: Pick<FoundThreadLocal, 'bias' | 'offset'>,
): number {
  const found = addressIn(session, thread, bias, offset);
  if (found === undefined) throw new PromptError(`Thread ${thread.tid} has no thread-local storage for it.`);
  return found;
}

function addressIn(session: Session, thread: Thread, bias: number, offset: number): number | undefined {
  const { symbols } = session;
  if (bias === symbols.programBias(thread)) return programVariable(thread, offset);
  const list = symbols.find(thread, '_r_debug')?.address;
  const field = symbols.find(thread, LIBRARY_NUMBER_FIELD)?.address;
  if (list === undefined || field === undefined) return undefined;
  const read = (address: number, length: number): Uint8Array | undefined =>
    session.read(thread, address, length);
  const linkMap = linkMapAt(read, list, bias);
  return linkMap === undefined ? undefined : libraryVariable(thread, read, { linkMap, field, offset });
}

/** The only one of its name, or the one that is called exactly so; undefined when there is none, or several. */
export function threadLocalNamed(
  session: Session,
  thread: Thread,
  name: string,
  bias?: number,
): FoundThreadLocal | undefined {
  const found = session.symbols.threadLocals(thread, name, bias);
  return found.length === 1 ? found[0] : undefined;
}
