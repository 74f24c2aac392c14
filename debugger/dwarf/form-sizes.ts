// How many bytes attributes of .debug_info take, so that they can be passed over without being read: DWARF 5, section 7.5.6.
// units.ts and name-index.ts skip with it what nobody has asked for.
// It knows the same forms as forms.ts.
import type { ByteReader } from './byte-reader.ts';
import type { FormContext } from './forms.ts';

/** How the length of a form is found: a number of bytes, or what is to be looked at. */
type Size = number | 'offset' | 'address' | 'leb' | 'text' | 'leb block';

const SIZES: Readonly<Record<number, Size>> = {
  1: 8, // addr
  5: 2, // data2
  6: 4, // data4
  7: 8, // data8
  8: 'text', // string
  9: 'leb block', // block
  11: 1, // data1
  12: 1, // flag
  13: 'leb', // sdata
  14: 'offset', // strp
  15: 'leb', // udata
  16: 'address', // ref_addr
  17: 1, // ref1, 2, 4, 8
  18: 2,
  19: 4,
  20: 8,
  21: 'leb', // ref_udata
  23: 'offset', // sec_offset
  24: 'leb block', // exprloc
  25: 0, // flag_present
  26: 'leb', // strx
  27: 'leb', // addrx
  28: 4, // ref_sup4
  29: 'offset', // strp_sup
  30: 16, // data16
  31: 'offset', // line_strp
  32: 8, // ref_sig8
  33: 0, // implicit_const
  34: 'leb', // loclistx
  35: 'leb', // rnglistx
  36: 8, // ref_sup8
  37: 1, // strx1, 2, 3, 4
  38: 2,
  39: 3,
  40: 4,
  41: 1, // addrx1, 2, 3, 4
  42: 2,
  43: 3,
  44: 4,
  7968: 'offset', // GNU_ref_alt
  7969: 'offset', // GNU_strp_alt
};
const BLOCK2 = 0x03;
const BLOCK4 = 0x04;
const BLOCK1 = 0x0a;
const INDIRECT = 0x16;

/** Bytes that a form always takes in a unit; undefined where they depend on what is written. */
export function sizeOfForm(form: number, { version, offsetSize }: FormContext): number | undefined {
  const size = SIZES[form];
  if (typeof size === 'number') return size;
  if (size === 'offset') return offsetSize;
  if (size === 'address') return version < 3 ? 8 : offsetSize;
  return undefined;
}

/** Goes behind an attribute. Throws RangeError for a form that is not known, and beyond the end. */
export function skipForm(reader: ByteReader, form: number, context: FormContext): void {
  const fixed = sizeOfForm(form, context);
  if (fixed !== undefined) reader.skip(fixed);
  else if (form === BLOCK1) reader.skip(reader.u8());
  else if (form === BLOCK2) reader.skip(reader.u16());
  else if (form === BLOCK4) reader.skip(reader.u32());
  else if (form === INDIRECT) skipForm(reader, reader.uleb(), context);
  else if (SIZES[form] === 'leb') reader.skipLeb();
  else if (SIZES[form] === 'leb block') reader.skip(reader.uleb());
  else if (SIZES[form] === 'text') reader.skipText();
  else throw new RangeError(`the form 0x${form.toString(16)} is not known`);
}
