// Rust names as rustc mangled them before v0: `_ZN5hello4main17h0123456789abcdefE` is `hello::main`.
// demangle.ts asks before it takes a name for C++'s.
// What C++ names cannot hold is written with dollars: rustc's symbol_names/legacy.rs.

const ESCAPED: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** Undefined for what does not end with a hash, as names of C++ do not. */
export function demangleRustLegacy(mangled: string): string | undefined {
  const body = /^_ZN(.*)17h[0-9a-f]{16}E(?:\.[\w.]+)?$/.exec(mangled)?.[1];
  if (body === undefined) return undefined;
  const parts: string[] = [];
  for (let at = 0; at < body.length; ) {
    const digits = /^\d+/.exec(body.slice(at))?.[0];
    if (digits === undefined) return undefined;
    const start = at + digits.length;
    at = start + Number(digits);
    if (at > body.length) return undefined;
    parts.push(plainPart(body.slice(start, at)));
  }
  return parts.length === 0 ? undefined : parts.join('::');
}

function plainPart(part: string): string {
  return part
    .replace(/^_(?=\$)/, '')
    .replace(/\$(\w+)\$/g, (whole, code: string) => {
      const hex = /^u([0-9a-f]{1,6})$/.exec(code)?.[1];
      if (hex !== undefined && Number.parseInt(hex, 16) <= 0x10ffff)
        return String.fromCodePoint(Number.parseInt(hex, 16));
      return ESCAPED[code] ?? whole;
    })
    .replaceAll('..', '::');
}
