// Member functions of C++ in expressions: `item.price(2)`, through the table of the object's own class when they are virtual.
// evaluate.ts asks for what stands before the parentheses and calls it with the object first.
// Itanium C++ ABI, 2.5.2 "Virtual Table Components": the pointer of an object leads to its first virtual function.
import { PromptError } from '../prompt/prompt-error.ts';
import { bare, type Method, pointerTo } from './c-types.ts';
import { misfit } from './calls.ts';
import type { Scope } from './evaluate.ts';
import { memberOf } from './parts.ts';
import { bitsOf, makeInteger, type Value } from './values.ts';

const WORD = 8;
const DEEPEST = 16;

interface Bound {
  readonly method: Method;
  /** The part of the object that the function is of. */
  readonly object: Value;
}

/** The function `name` of `object` that fits the arguments, and the arguments with the object; undefined when there is none. */
export function memberFunction(
  object: Value,
  name: string,
  args: readonly Value[],
  scope: Scope,
): { called: Value; args: readonly Value[] } | undefined {
  const found = boundTo(object, name);
  if (found.length === 0) return undefined;
  const cost = ({ method }: Bound): number => misfit(method.parameters, args);
  const best = found.reduce((best_, each) => (cost(each) < cost(best_) ? each : best_));
  if (cost(best) === Number.POSITIVE_INFINITY)
    throw new PromptError(
      `Cannot resolve method ${className(best.object)}::${name} to any overloaded instance`,
    );
  const { method, object: own } = best;
  const address = addressIn(best, name, scope);
  const called: Value = {
    type: method.type,
    content: BigInt(address),
    place: { kind: 'memory', address },
  };
  return { called, args: method.isStatic ? args : [thisOf(own), ...args] };
}

function className({ type }: Value): string {
  const found = bare(type);
  return (found.kind === 'struct' ? found.name : undefined) ?? '';
}

/** Those of the class itself hide those of its bases. */
function boundTo(object: Value, name: string, depth = 0): Bound[] {
  const type = bare(object.type);
  if (type.kind !== 'struct' || depth > DEEPEST) return [];
  const own = (type.methods ?? []).filter((method) => method.name === name);
  if (own.length > 0) return own.map((method) => ({ method, object }));
  for (const member of type.members) {
    if (member.isBase !== true) continue;
    const found = boundTo(memberOf(object, member), name, depth + 1);
    if (found.length > 0) return found;
  }
  return [];
}

function thisOf(object: Value): Value {
  if (object.place?.kind !== 'memory')
    throw new PromptError('Attempt to take address of value not located in memory.');
  return makeInteger(pointerTo(object.type), BigInt(object.place.address));
}

function addressIn({ method, object }: Bound, name: string, scope: Scope): number {
  if (method.isVirtual && method.slot !== undefined && object.place?.kind === 'memory') {
    const table = Number(bitsOf(scope.read(object.place.address, WORD)));
    return Number(bitsOf(scope.read(table + WORD * method.slot, WORD)));
  }
  if (method.symbol !== undefined && scope.isSymbol(method.symbol))
    return scope.symbol(method.symbol).address;
  const [only, another] = scope.functions?.(`${className(object)}::${name}`) ?? [];
  if (only?.place?.kind === 'memory' && another === undefined) return only.place.address;
  throw new PromptError('Cannot evaluate function -- may be inlined');
}
