// Parts of values: members of structures, elements of arrays, what pointers lead to.
// evaluate.ts takes values apart with it, value-text.ts shows their parts.
// A part of a value in memory is in memory too, and is read alone when the whole has not been.
import { PromptError } from '../prompt/prompt-error.ts';
import { bare, type CType, type Member, type StructType, sizeOf } from './c-types.ts';
import { bitsOf, fromBytes, isMissing, makeInteger, type Value, valueAt } from './values.ts';

export type Read = (address: number, length: number) => Uint8Array;

/** A member of `value`, a structure, out of its bytes. */
export function memberOf(value: Value, member: Member): Value {
  return part(value, member.type, member.offset, member.bits);
}

/** An element of `value`, an array, out of its bytes. */
export function elementOf(value: Value, index: number): Value {
  const type = bare(value.type);
  if (type.kind !== 'array') throw new PromptError('not an array');
  return part(value, type.element, index * sizeOf(type.element), undefined);
}

function part(value: Value, type: CType, offset: number, bits: Member['bits']): Value {
  const { content, place, lost } = value;
  if (isMissing(content)) return { type, content };
  const bytes = content as Uint8Array;
  const address = place?.kind === 'memory' ? place.address + offset : undefined;
  const at =
    address === undefined ? undefined : ({ kind: 'memory', address, ...(bits && { bits }) } as const);
  if (bits !== undefined) {
    const length = (bits.from + bits.count + 7) >>> 3;
    return { ...bitField(type, bytes.subarray(offset, offset + length), bits), place: at };
  }
  const end = offset + sizeOf(type);
  const own = fromBytes(type, bytes.subarray(offset, end), lost?.subarray(offset, end));
  return { ...own, place: at };
}

function bitField(type: CType, bytes: Uint8Array, { from, count }: NonNullable<Member['bits']>): Value {
  const raw = bitsOf(bytes) >> BigInt(from);
  const found = bare(type);
  const isSigned = (found.kind === 'integer' || found.kind === 'enum') && found.isSigned;
  return makeInteger(type, isSigned ? BigInt.asIntN(count, raw) : BigInt.asUintN(count, raw));
}

/** A member by name, also of structures without a name inside; what is in memory is read alone. */
export function memberNamed(value: Value, name: string, read: Read): Value {
  const type = bare(value.type);
  if (type.kind !== 'struct')
    throw new PromptError('Attempt to extract a component of a value that is not a structure.');
  const path = pathTo(type, name);
  if (path === undefined) throw new PromptError(`There is no member named ${name}.`);
  let found = value;
  for (const member of path) {
    found =
      found.place?.kind === 'memory' && member.bits === undefined
        ? valueAt(member.type, found.place.address + member.offset, read)
        : memberOf(found, member);
  }
  return found;
}

export function hasMember(type: StructType, name: string): boolean {
  return pathTo(type, name) !== undefined;
}

/** The members one has to go through. */
function pathTo(type: StructType, name: string): Member[] | undefined {
  const own = type.members.find((member) => member.name === name);
  if (own !== undefined) return [own];
  for (const member of type.members) {
    const inner = bare(member.type);
    if ((member.name !== undefined && member.isBase !== true) || inner.kind !== 'struct') continue;
    const path = pathTo(inner, name);
    if (path !== undefined) return [member, ...path];
  }
  return undefined;
}

/** Names of all members that can be reached, for completion. */
export function memberNames(type: StructType): string[] {
  return type.members.flatMap((member) => {
    const inner = bare(member.type);
    if (member.name !== undefined) return [member.name];
    return inner.kind === 'struct' ? memberNames(inner) : [];
  });
}
