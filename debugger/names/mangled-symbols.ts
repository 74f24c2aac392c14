// The symbols of a file whose names are mangled, by the names that people type.
// debugger/symbols.ts asks when no symbol is called so; C programs have none.
// The table of a file is made when it is first wanted.
import type { ElfSymbol } from '../elf-symbols.ts';
import { demangled, isMangled } from './demangle.ts';
import { isNamed, plainName } from './name-matching.ts';

const tables = new WeakMap<readonly ElfSymbol[], ReadonlyMap<string, readonly ElfSymbol[]>>();

/** Those that `typed` means, which may leave out scopes, template arguments and parameters. */
export function mangledNamed(symbols: readonly ElfSymbol[], typed: string): readonly ElfSymbol[] {
  let table = tables.get(symbols);
  if (table === undefined) {
    table = tableOf(symbols);
    tables.set(symbols, table);
  }
  if (table.size === 0) return [];
  const candidates = table.get(plainName(typed)) ?? [];
  return candidates.filter(({ name }) => isNamed(demangled(name, false), typed));
}

function tableOf(symbols: readonly ElfSymbol[]): ReadonlyMap<string, readonly ElfSymbol[]> {
  const table = new Map<string, ElfSymbol[]>();
  for (const symbol of symbols) {
    if (!isMangled(symbol.name)) continue;
    const name = demangled(symbol.name, false);
    // what is said about a symbol is no name: `vtable for shop::Item`
    if (name === symbol.name || / for | to |\[clone/.test(name)) continue;
    const key = plainName(name);
    const known = table.get(key);
    if (known === undefined) table.set(key, [symbol]);
    else known.push(symbol);
  }
  return table;
}
