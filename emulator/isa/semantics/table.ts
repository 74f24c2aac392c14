// All instructions' meanings by mnemonic.
// Called by the back ends, which look a decoded instruction up by its encoding's name.
// Every row of isa/encodings.ts has a line here and the other way round; a test proves it.
import { A } from './a.ts';
import type { Semantics, SemanticsTable } from './backend.ts';
import { FLOAT } from './float.ts';
import { M } from './m.ts';
import { RV64I } from './rv64i.ts';
import { ZB } from './zb.ts';

export const SEMANTICS: SemanticsTable = { ...RV64I, ...M, ...A, ...FLOAT, ...ZB };

export function semanticsOf(name: string): Semantics {
  const semantics = SEMANTICS[name];
  if (!semantics) throw new Error(`no semantics for ${name}`);
  return semantics;
}
