// `ptype/o`: a structure with the offset and size of each member, its holes and its padding.
// commands/print.ts shows it.
// Columns and words are gdb's (typeprint.c, print_offset_data).
import { bare, type CType, type Member, type StructType, sizeOf } from './c-types.ts';
import { declare, resolved, typeText } from './type-text.ts';

/** Of the comment before each member. */
const COLUMNS = 27;
const STEP = 4;

const spaces = (count: number): string => ' '.repeat(count);

/** The lines behind `type = `, with their comments; undefined of what has no members. */
export function layoutLines(type: CType): string[] | undefined {
  const { base, declarator } = declare(resolved(type), '');
  const found = bare(base);
  if (found.kind !== 'struct' || found.isIncomplete || found.members.length === 0) return undefined;
  const head = type.kind === 'struct' ? '/* offset      |    size */  ' : '';
  return [
    `${head}type = ${headOf(found)} {`,
    ...bodyLines(found, 0, 0),
    `${spaces(COLUMNS + 2)}}${declarator === '' ? '' : ` ${declarator}`}`,
  ];
}

function headOf({ keyword, name }: StructType): string {
  return name === undefined ? keyword : `${keyword} ${name}`;
}

/** Members at `start` bytes of the whole, `level` columns in; with the size of all behind them. */
function bodyLines(type: StructType, start: number, level: number): string[] {
  const lines: string[] = [];
  let end = 0;
  for (const member of type.members) {
    const at = 8 * member.offset + (member.bits?.from ?? 0);
    if (type.keyword !== 'union') {
      lines.push(...holeLines(end, at, 'hole'));
      end = at + (member.bits?.count ?? 8 * sizeOf(member.type));
    }
    lines.push(...memberLines(type, member, start, level + STEP));
  }
  return [
    ...lines,
    ...holeLines(end, 8 * type.size, 'padding'),
    '',
    `${spaces(COLUMNS + level + STEP)}/* total size (bytes): ${String(type.size).padStart(4)} */`,
  ];
}

function memberLines(around: StructType, member: Member, start: number, level: number): string[] {
  const { type, name = '', bits } = member;
  const comment = commentOf(around, member, start);
  const found = type;
  if (found.kind === 'struct' && !found.isIncomplete && found.members.length > 0) {
    return [
      `${comment}${spaces(level)}${headOf(found)} {`,
      ...bodyLines(found, start + member.offset, level),
      `${spaces(COLUMNS + level)}}${name === '' ? '' : ` ${name}`};`,
    ];
  }
  const width = bits === undefined ? '' : ` : ${bits.count}`;
  return [`${comment}${spaces(level)}${typeText(type, name)}${width};`];
}

function commentOf({ keyword }: StructType, { type, offset, bits }: Member, start: number): string {
  const size = sizeOf(type);
  if (keyword === 'union') return `/*${String(size).padStart(22)} */`;
  const at = 8 * (start + offset) + (bits?.from ?? 0);
  const byte = String(Math.floor(at / 8)).padStart(6);
  const bit = bits === undefined ? spaces(6) : `: ${String(at % 8).padEnd(2)}  `;
  return `/* ${byte}${bit}|  ${String(size).padStart(6)} */`;
}

/** What nobody uses between two bits of a structure. */
function holeLines(from: number, to: number, what: 'hole' | 'padding'): string[] {
  if (from === 0 || from >= to) return [];
  const [bytes, bits] = [Math.floor((to - from) / 8), (to - from) % 8];
  const line = (count: number, unit: string, blanks: number): string[] =>
    count === 0 ? [] : [`/* XXX ${String(count).padStart(2)}-${unit} ${what.padEnd(7)}${spaces(blanks)}*/`];
  return [...line(bits, 'bit', 4), ...line(bytes, 'byte', 3)];
}
