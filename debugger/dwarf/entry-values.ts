// What a function was given when it was called, from what its caller says of the call (DW_TAG_call_site).
// frame-values.ts asks, for DW_OP_entry_value and for `count@entry`. DWARF 5, section 3.4.
// The caller's registers are those at the call; it may pass what it has in them, in memory, or constants.
import { Attribute, Tag } from './attributes.ts';
import { type Entry, numberOf } from './entry.ts';
import { compute, type ExpressionFrame } from './location-expression.ts';
import type { Scope } from './scopes.ts';

/** The frame that called: its function, and where the call returns to, an address of the file. */
export interface Caller {
  readonly scope: Scope;
  readonly returnAddress: number;
  readonly frame: ExpressionFrame;
}

const SITES: readonly number[] = [Tag.CALL_SITE, Tag.GNU_CALL_SITE];
const PARAMETERS: readonly number[] = [Tag.CALL_SITE_PARAMETER, Tag.GNU_CALL_SITE_PARAMETER];
const CALL_PARAMETER = 0x80;
const REGX = 0x90;

/** The value of the register that `expression` names, at the entry of the function that was called. */
export function registerAtEntry(caller: Caller, expression: Uint8Array): bigint | undefined {
  return passed(caller, (parameter) => {
    const location = parameter.attributes.get(Attribute.LOCATION);
    return location?.kind === 'block' && isSame(location.bytes, expression);
  });
}

/** The value of a parameter that the compiler took away, by its abstract entry (DW_OP_GNU_parameter_ref). */
export function parameterAtEntry(caller: Caller, entry: number): bigint | undefined {
  return passed(caller, (parameter) =>
    [CALL_PARAMETER, Attribute.ABSTRACT_ORIGIN].some((attribute) => {
      const value = parameter.attributes.get(attribute);
      return value?.kind === 'reference' && value.value === entry;
    }),
  );
}

function passed(caller: Caller, isMeant: (parameter: Entry) => boolean): bigint | undefined {
  const site = siteIn(caller.scope.subprogram, caller.returnAddress);
  const parameter = site?.children.find((child) => PARAMETERS.includes(child.tag) && isMeant(child));
  const value =
    parameter?.attributes.get(Attribute.CALL_VALUE) ??
    parameter?.attributes.get(Attribute.GNU_CALL_SITE_VALUE);
  return value?.kind === 'block' ? compute(value.bytes, caller.frame) : undefined;
}

function siteIn(entry: Entry, returnAddress: number): Entry | undefined {
  for (const child of entry.children) {
    if (SITES.includes(child.tag)) {
      const at = numberOf(child, Attribute.CALL_RETURN_PC) ?? numberOf(child, Attribute.LOW_PC);
      if (at === returnAddress) return child;
    } else if (child.children.length > 0) {
      const found = siteIn(child, returnAddress);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Does the expression name a register and nothing else? Only then callers say what was in it. */
export function isRegister(expression: Uint8Array): boolean {
  const [op = 0] = expression;
  return (expression.length === 1 && op >= 0x50 && op < 0x70) || (op === REGX && expression.length === 2);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
