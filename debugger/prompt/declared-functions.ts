// The functions of a unit as their declarations: for `info functions` and rbreak.
// commands/info-program.ts and commands/more-stops.ts list them.
// Those of C++ have their scopes and parameters, as gdb writes them.
import { Attribute } from '../dwarf/attributes.ts';
import { type DebugInfo, original } from '../dwarf/debug-info.ts';
import { type Entry, numberOf, type Unit } from '../dwarf/entry.ts';
import { qualifiedName, signature } from '../dwarf/qualified-names.ts';
import { namesIn } from '../dwarf/unit-names.ts';
import { typeText } from '../values/type-text.ts';
import type { Debugger } from './debugger.ts';

export interface DeclaredFunction {
  /** With scopes, without parameters. */
  readonly name: string;
  /** `static int twice(int);`. */
  readonly text: string;
  /** Undefined where the language tells functions apart by their names alone. */
  readonly signature: string | undefined;
  /** 0 = not known. */
  readonly line: number;
  readonly entry: Entry;
}

export function declaredFunctions(debugging: Debugger, info: DebugInfo, unit: Unit): DeclaredFunction[] {
  const types = debugging.program.typesOf(info);
  return [...namesIn(info, unit).functions].flatMap(([key, entries]) =>
    entries.map((entry) => {
      const name = qualifiedName(info, entry) ?? key;
      const source = original(info, entry);
      const storage = source.attributes.has(Attribute.EXTERNAL) ? '' : 'static ';
      const type = types.ofFunction(entry);
      const whole = signature(info, entry) ?? name;
      const isMember = whole !== name && type.kind === 'function';
      const text = isMember ? typeText(type.returns, whole) : typeText(type, name);
      const line = numberOf(source, Attribute.DECLARED_LINE) ?? 0;
      return { name, text: `${storage}${text};`, signature: isMember ? whole : undefined, line, entry };
    }),
  );
}
