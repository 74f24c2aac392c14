// Where a variable is kept, in words: what `info scope` and `info address` say, ranges of location lists and all.
// commands/info-program.ts prints it.
// The wording is gdb's; operations have DWARF's names (DWARF 5, table 7.9).
import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import { Attribute } from '../dwarf/attributes.ts';
import { ByteReader } from '../dwarf/byte-reader.ts';
import type { Entry } from '../dwarf/entry.ts';
import { expressionsOf, hasLocationList } from '../dwarf/location-lists.ts';

/** Without a point at the end; `bias` is added to addresses of code. */
export function locationText(entry: Entry, bias: number): string {
  const location = entry.attributes.get(Attribute.LOCATION);
  if (entry.attributes.has(Attribute.CONST_VALUE)) return 'constant';
  if (location === undefined) return 'optimized out';
  if (location.kind === 'block') return expressionText(location.bytes, 5, bias);
  if (!hasLocationList(entry)) return 'optimized out';
  const ranges = expressionsOf(entry, Attribute.LOCATION).map(
    ({ low, high, expression }) =>
      `  Range 0x${(low + bias).toString(16)}-0x${(high + bias).toString(16)}: ${expressionText(expression, 5, bias)}\n`,
  );
  return `multi-location:\n${ranges.join('')}`;
}

function registerText(number: number): string {
  const name = X_NAMES[number] ?? F_NAMES[number - X_NAMES.length] ?? String(number);
  return `$${name === 's0' ? 'fp' : name}`;
}

/** A place that has words of its own, or the operations. */
function expressionText(bytes: Uint8Array, indent: number, bias: number): string {
  const [op = 0, second] = bytes;
  if (bytes.length === 1 && op >= 0x50 && op < 0x70) return `a variable in ${registerText(op - 0x50)}`;
  if (bytes.length === 9 && op === 0x03)
    return `static storage at address 0x${(new ByteReader(bytes, 1).u64() + bias).toString(16)}`;
  if (bytes.length === 2 && op >= 0x30 && op < 0x50 && second === 0x9f) return `the constant ${op - 0x30}`;
  return `a complex DWARF expression:\n${operations(bytes, indent)}`;
}

function operations(bytes: Uint8Array, indent: number): string {
  const reader = new ByteReader(bytes);
  const lines: string[] = [];
  try {
    while (!reader.isAtEnd) {
      const { at } = reader;
      lines.push(`${String(at).padStart(indent + 1)}: ${operation(reader, indent)}\n`);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    lines.push(`${' '.repeat(indent)}...\n`);
  }
  return lines.join('');
}

const PLAIN: Readonly<Record<number, string>> = {
  6: 'deref',
  18: 'dup',
  19: 'drop',
  20: 'over',
  22: 'swap',
  23: 'rot',
  25: 'abs',
  26: 'and',
  27: 'div',
  28: 'minus',
  29: 'mod',
  30: 'mul',
  31: 'neg',
  32: 'not',
  33: 'or',
  34: 'plus',
  36: 'shl',
  37: 'shr',
  38: 'shra',
  39: 'xor',
  41: 'eq',
  42: 'ge',
  43: 'gt',
  44: 'le',
  45: 'lt',
  46: 'ne',
  150: 'nop',
  155: 'form_tls_address',
  156: 'call_frame_cfa',
  159: 'stack_value',
  224: 'GNU_push_tls_address',
};

/** Throws RangeError for what is not known: nobody knows where the next one begins. */
function operation(reader: ByteReader, indent: number): string {
  const op = reader.u8();
  const plain = PLAIN[op];
  if (plain !== undefined) return `DW_OP_${plain}`;
  if (op >= 0x30 && op < 0x50) return `DW_OP_lit${op - 0x30}`;
  if (op >= 0x50 && op < 0x70) return `DW_OP_reg${op - 0x50} [${registerText(op - 0x50)}]`;
  if (op >= 0x70 && op < 0x90) return `DW_OP_breg${op - 0x70} ${reader.sleb()} [${registerText(op - 0x70)}]`;
  switch (op) {
    case 0x03:
      return `DW_OP_addr 0x${reader.u64Big().toString(16)}`;
    case 0x08:
      return `DW_OP_const1u ${reader.u8()}`;
    case 0x09:
      return `DW_OP_const1s ${reader.i8()}`;
    case 0x0a:
      return `DW_OP_const2u ${reader.u16()}`;
    case 0x0b:
      return `DW_OP_const2s ${reader.i16()}`;
    case 0x0c:
      return `DW_OP_const4u ${reader.u32()}`;
    case 0x0d:
      return `DW_OP_const4s ${reader.i32()}`;
    case 0x10:
      return `DW_OP_constu ${reader.ulebBig()}`;
    case 0x11:
      return `DW_OP_consts ${reader.slebBig()}`;
    case 0x23:
      return `DW_OP_plus_uconst ${reader.ulebBig()}`;
    case 0x91:
      return `DW_OP_fbreg ${reader.sleb()}`;
    case 0x93:
      return `DW_OP_piece ${reader.uleb()} (bytes)`;
    case 0x94:
      return `DW_OP_deref_size ${reader.u8()}`;
    case 0xa0:
    case 0xf2: {
      const entry = reader.u32();
      return `DW_OP_${op === 0xa0 ? '' : 'GNU_'}implicit_pointer DIE ${entry.toString(16)} offset ${reader.sleb()}`;
    }
    case 0xa3:
    case 0xf3: {
      const length = reader.uleb();
      const { at } = reader;
      reader.skip(length);
      const inner = operations(reader.bytes.subarray(at, at + length), indent + 2).trimEnd();
      // counted in the whole expression
      const shifted = inner.replace(
        /^( *)(\d+):/gm,
        (_, blank: string, number: string) => `${blank}${Number(number) + at}:`,
      );
      return `DW_OP_${op === 0xa3 ? '' : 'GNU_'}entry_value\n${shifted}`;
    }
    default:
      throw new RangeError(`the operation 0x${op.toString(16)} has no name here`);
  }
}
