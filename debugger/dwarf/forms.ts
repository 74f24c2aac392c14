// How an attribute of .debug_info is written down, and what it holds: DWARF 5, section 7.5.6.
// debug-info.ts reads every attribute with it.
// Strings and addresses of other sections that need a base of the unit are looked up when asked for.
import { type ByteReader, textAt } from './byte-reader.ts';

export type AttributeValue =
  /** `bits` where the number may be too large to be exact; `isFixed` when it takes 4 or 8 bytes whatever it is. */
  | { readonly kind: 'number'; readonly value: number; readonly bits?: bigint; readonly isFixed?: boolean }
  | { readonly kind: 'address'; readonly value: number }
  | { readonly kind: 'address-index'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'text-index'; readonly value: number }
  | { readonly kind: 'block'; readonly bytes: Uint8Array }
  /** Of another entry, as an offset of the section, its own or that of the supplementary file. */
  | { readonly kind: 'reference'; readonly value: number; readonly isElsewhere?: boolean }
  /** Of a type that has a unit of its own. */
  | { readonly kind: 'signature'; readonly value: bigint }
  /** In a section of lists or bases. */
  | { readonly kind: 'offset'; readonly value: number }
  /** Of a list of locations or ranges, by its number. */
  | { readonly kind: 'list-index'; readonly value: number };

/** Those of the file itself, or of the supplementary one that it shares with others: DWARF 5, section 7.3.6. */
export type Sections = (name: string, of?: 'supplement') => Uint8Array | undefined;

/** Where a unit begins, and how large its offsets are. */
export interface FormContext {
  readonly version: number;
  readonly offset: number;
  readonly offsetSize: 4 | 8;
}

export const FORM_IMPLICIT_CONST = 0x21;
const FORM_INDIRECT = 0x16;

/** Throws RangeError for a form that is not known: nobody knows where the next one begins. */
export function readForm(
  reader: ByteReader,
  form: number,
  constant: number,
  context: FormContext,
  sections: Sections,
): AttributeValue {
  const { offsetSize, offset } = context;
  switch (form) {
    case 0x01: // addr
      return { kind: 'address', value: reader.u64() };
    case 0x03: // block2
      return block(reader, reader.u16());
    case 0x04: // block4
      return block(reader, reader.u32());
    case 0x09: // block
    case 0x18: // exprloc
      return block(reader, reader.uleb());
    case 0x0a: // block1
      return block(reader, reader.u8());
    case 0x1e: // data16
      return block(reader, 16);
    case 0x20: // ref_sig8
      return { kind: 'signature', value: reader.u64Big() };
    case 0x05: // data2
      return { kind: 'number', value: reader.u16() };
    case 0x06: // data4
      return { kind: 'number', value: reader.u32(), isFixed: true };
    case 0x07: {
      // data8
      const bits = reader.u64Big();
      return { kind: 'number', value: Number(bits), bits, isFixed: true };
    }
    case 0x0b: // data1
    case 0x0c: // flag
      return { kind: 'number', value: reader.u8() };
    case 0x0d: {
      // sdata
      const bits = reader.slebBig();
      return { kind: 'number', value: Number(bits), bits };
    }
    case 0x0f: {
      // udata
      const bits = reader.ulebBig();
      return { kind: 'number', value: Number(bits), bits };
    }
    case 0x19: // flag_present
      return { kind: 'number', value: 1 };
    case FORM_IMPLICIT_CONST:
      return { kind: 'number', value: constant };
    case 0x08: // string
      return { kind: 'text', text: reader.text() };
    case 0x0e: // strp
      return { kind: 'text', text: textAt(sections('.debug_str'), reader.unsigned(offsetSize)) };
    case 0x1f: // line_strp
      return { kind: 'text', text: textAt(sections('.debug_line_str'), reader.unsigned(offsetSize)) };
    case 0x1d: // strp_sup
    case 0x1f21: // GNU_strp_alt
      return {
        kind: 'text',
        text: textAt(sections('.debug_str', 'supplement'), reader.unsigned(offsetSize)),
      };
    case 0x1c: // ref_sup4
      return { kind: 'reference', value: reader.u32(), isElsewhere: true };
    case 0x24: // ref_sup8
      return { kind: 'reference', value: reader.u64(), isElsewhere: true };
    case 0x1f20: // GNU_ref_alt
      return { kind: 'reference', value: reader.unsigned(offsetSize), isElsewhere: true };
    case 0x10: // ref_addr
      return { kind: 'reference', value: reader.unsigned(context.version < 3 ? 8 : offsetSize) };
    case 0x11: // ref1
      return { kind: 'reference', value: offset + reader.u8() };
    case 0x12: // ref2
      return { kind: 'reference', value: offset + reader.u16() };
    case 0x13: // ref4
      return { kind: 'reference', value: offset + reader.u32() };
    case 0x14: // ref8
      return { kind: 'reference', value: offset + reader.u64() };
    case 0x15: // ref_udata
      return { kind: 'reference', value: offset + reader.uleb() };
    case FORM_INDIRECT:
      return readForm(reader, reader.uleb(), 0, context, sections);
    case 0x17: // sec_offset
      return { kind: 'offset', value: reader.unsigned(offsetSize) };
    case 0x22: // loclistx
    case 0x23: // rnglistx
      return { kind: 'list-index', value: reader.uleb() };
    case 0x1a: // strx
      return { kind: 'text-index', value: reader.uleb() };
    case 0x25: // strx1, 2, 3, 4
    case 0x26:
    case 0x27:
    case 0x28:
      return { kind: 'text-index', value: shortIndex(reader, form - 0x24) };
    case 0x1b: // addrx
      return { kind: 'address-index', value: reader.uleb() };
    case 0x29: // addrx1, 2, 3, 4
    case 0x2a:
    case 0x2b:
    case 0x2c:
      return { kind: 'address-index', value: shortIndex(reader, form - 0x28) };
    default:
      throw new RangeError(`the form 0x${form.toString(16)} is not known`);
  }
}

function block(reader: ByteReader, length: number): AttributeValue {
  return { kind: 'block', bytes: reader.take(length) };
}

function shortIndex(reader: ByteReader, size: number): number {
  return size === 3 ? reader.u16() + reader.u8() * 0x1_0000 : reader.unsigned(size);
}
