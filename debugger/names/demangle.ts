// What people call a symbol whose name the compiler mangled: of C++, and of Rust in both of its schemes.
// debugger/symbols.ts shows symbols by it, debugger/prompt/ finds them by it; names of C and Go are as they are.
// Names are read once.
import { demangleItanium } from './itanium.ts';
import { demangleRustLegacy } from './rust-legacy.ts';
import { demangleRustV0 } from './rust-v0.ts';

const known = new Map<string, string>();
/** Beyond this, what is known is forgotten. */
const MOST_KNOWN = 200_000;

/** `shop::add(int, int)`; the name itself when it is not mangled. With `withResult` a template's result stands in front. */
export function demangled(name: string, withResult = true): string {
  if (!isMangled(name)) return name;
  const key = withResult ? name : `-${name}`;
  let found = known.get(key);
  if (found === undefined) {
    if (known.size > MOST_KNOWN) known.clear();
    found = demangleRustLegacy(name) ?? demangleRustV0(name) ?? demangleItanium(name, withResult) ?? name;
    known.set(key, found);
  }
  return found;
}

export function isMangled(name: string): boolean {
  return name.charCodeAt(0) === 95 && (name.startsWith('_Z') || name.startsWith('_R'));
}
