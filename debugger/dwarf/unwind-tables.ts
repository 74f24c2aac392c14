// Call frame information (.eh_frame, .debug_frame): where a function's caller and its registers are found.
// unwind.ts follows it frame by frame. DWARF 5, section 6.4; the .eh_frame variant: Linux Standard Base, "DWARF Extensions".
// Rules by DWARF expressions are not evaluated: such a frame counts as one without information.
import { ByteReader } from './byte-reader.ts';

/** Where a register of the caller is. */
export type RegisterRule =
  /** In memory at CFA + offset. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** Is CFA + offset. */
  | { readonly kind: 'value'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'same' | 'undefined' };

/** How to leave a frame at one address. */
export interface UnwindRow {
  /** The canonical frame address: a register plus an offset. */
  readonly cfaRegister: number;
  readonly cfaOffset: number;
  readonly rules: ReadonlyMap<number, RegisterRule>;
  readonly returnRegister: number;
}

interface Cie {
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly returnRegister: number;
  readonly pointerEncoding: number;
  readonly hasAugmentationData: boolean;
  readonly instructions: ByteReader;
}

interface Fde {
  readonly start: number;
  readonly end: number;
  readonly cie: Cie;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

type Sections = (name: string) => { readonly bytes: Uint8Array; readonly address: number } | undefined;

export class UnwindTables {
  readonly #sections: Sections;
  #entries: readonly Fde[] | undefined;
  readonly #rows = new Map<number, UnwindRow | undefined>();

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** How to leave the frame of code at `address` (the file's own); undefined when nothing is known. */
  rowAt(address: number): UnwindRow | undefined {
    if (!this.#rows.has(address)) this.#rows.set(address, this.#find(address));
    return this.#rows.get(address);
  }

  #find(address: number): UnwindRow | undefined {
    this.#entries ??= [
      ...readEntries(this.#sections('.eh_frame'), true),
      ...readEntries(this.#sections('.debug_frame'), false),
    ];
    const entry = this.#entries.find(({ start, end }) => address >= start && address < end);
    if (entry === undefined) return undefined;
    try {
      return runEntry(entry, address);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

function readEntries(section: { bytes: Uint8Array; address: number } | undefined, isEh: boolean): Fde[] {
  const entries: Fde[] = [];
  if (section === undefined) return entries;
  const { bytes, address } = section;
  const cies = new Map<number, Cie>();
  try {
    for (let at = 0; at + 4 <= bytes.length; ) {
      const reader = new ByteReader(bytes, at);
      const length = reader.u32();
      if (length === 0) {
        if (isEh) break;
        at += 4;
        continue;
      }
      if (length >= 0xffff_fff0) break; // 64-bit DWARF is not used for riscv64
      const end = reader.at + length;
      const idAt = reader.at;
      const id = reader.u32();
      const body = new ByteReader(bytes, reader.at, end);
      if (isEh ? id === 0 : id === 0xffff_ffff) {
        const cie = readCie(body, isEh);
        if (cie !== undefined) cies.set(at, cie);
      } else {
        const cie = cies.get(isEh ? idAt - id : id);
        if (cie !== undefined) entries.push(readFde(body, cie, address));
      }
      at = end;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return entries;
}

function readCie(reader: ByteReader, isEh: boolean): Cie | undefined {
  const version = reader.u8();
  const augmentation = reader.text();
  if (version === 4) reader.skip(2); // address size, segment selector size
  const codeAlign = reader.uleb();
  const dataAlign = reader.sleb();
  const returnRegister = version === 1 ? reader.u8() : reader.uleb();
  let pointerEncoding = 0;
  const hasAugmentationData = augmentation.startsWith('z');
  if (hasAugmentationData) {
    const next = reader.uleb() + reader.at;
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') pointerEncoding = reader.u8();
      else if (letter === 'P') readPointer(reader, reader.u8(), 0);
      else if (letter === 'L') reader.skip(1);
      else if (letter !== 'S') break;
    }
    reader.at = next;
  } else if (augmentation !== '' && isEh) return undefined;
  return { codeAlign, dataAlign, returnRegister, pointerEncoding, hasAugmentationData, instructions: reader };
}

function readFde(reader: ByteReader, cie: Cie, sectionAddress: number): Fde {
  const start = readPointer(reader, cie.pointerEncoding, sectionAddress);
  const size = readPointer(reader, cie.pointerEncoding & 0x0f, 0);
  if (cie.hasAugmentationData) reader.skip(reader.uleb());
  return { start, end: start + size, cie, bytes: reader.bytes, from: reader.at, to: reader.end };
}

/** DW_EH_PE_*: the low half is the format, the high half what it is relative to (0x10: its own place). */
function readPointer(reader: ByteReader, encoding: number, sectionAddress: number): number {
  if (encoding === 0xff) return 0;
  const base = (encoding & 0x70) === 0x10 ? sectionAddress + reader.at : 0;
  switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
      return base + reader.u64();
    case 0x01:
      return base + reader.uleb();
    case 0x02:
      return base + reader.u16();
    case 0x03:
      return base + reader.u32();
    case 0x09:
      return base + reader.sleb();
    case 0x0a:
      return base + reader.i16();
    case 0x0b:
      return base + reader.i32();
    case 0x0c:
      return base + reader.i64();
    default:
      throw new RangeError(`pointer encoding 0x${encoding.toString(16)} is not known`);
  }
}

interface State {
  cfaRegister: number;
  cfaOffset: number;
  rules: Map<number, RegisterRule>;
}

function runEntry(entry: Fde, address: number): UnwindRow | undefined {
  const { cie } = entry;
  const { instructions } = cie;
  const state: State = { cfaRegister: 2, cfaOffset: 0, rules: new Map() };
  const initial = new ByteReader(instructions.bytes, instructions.at, instructions.end);
  if (!execute(initial, cie, state, undefined, 0, Number.POSITIVE_INFINITY)) return undefined;
  const first = new Map(state.rules);
  const body = new ByteReader(entry.bytes, entry.from, entry.to);
  if (!execute(body, cie, state, first, entry.start, address)) return undefined;
  return { ...state, returnRegister: cie.returnRegister };
}

/** Runs call frame instructions up to `address`; false at a rule that is not known. */
function execute(
  reader: ByteReader,
  cie: Cie,
  state: State,
  initial: ReadonlyMap<number, RegisterRule> | undefined,
  start: number,
  address: number,
): boolean {
  const saved: State[] = [];
  let location = start;
  const restore = (register: number): void => {
    const rule = initial?.get(register);
    if (rule === undefined) state.rules.delete(register);
    else state.rules.set(register, rule);
  };
  const saveAt = (register: number, factored: number): void => {
    state.rules.set(register, { kind: 'offset', offset: factored * cie.dataAlign });
  };
  while (!reader.isAtEnd) {
    const byte = reader.u8();
    const low = byte & 0x3f;
    switch (byte & 0xc0) {
      case 0x40: // DW_CFA_advance_loc
        location += low * cie.codeAlign;
        if (location > address) return true;
        continue;
      case 0x80: // DW_CFA_offset
        saveAt(low, reader.uleb());
        continue;
      case 0xc0: // DW_CFA_restore
        restore(low);
        continue;
      default:
        break;
    }
    switch (low) {
      case 0x00: // DW_CFA_nop
        break;
      case 0x01: // DW_CFA_set_loc
        location = reader.u64();
        if (location > address) return true;
        break;
      case 0x02:
      case 0x03:
      case 0x04: // DW_CFA_advance_loc1, 2, 4
        location += reader.unsigned(2 ** (low - 2)) * cie.codeAlign;
        if (location > address) return true;
        break;
      case 0x05: // DW_CFA_offset_extended
        saveAt(reader.uleb(), reader.uleb());
        break;
      case 0x06: // DW_CFA_restore_extended
        restore(reader.uleb());
        break;
      case 0x07: // DW_CFA_undefined
        state.rules.set(reader.uleb(), { kind: 'undefined' });
        break;
      case 0x08: // DW_CFA_same_value
        state.rules.set(reader.uleb(), { kind: 'same' });
        break;
      case 0x09: // DW_CFA_register
        state.rules.set(reader.uleb(), { kind: 'register', register: reader.uleb() });
        break;
      case 0x0a: // DW_CFA_remember_state
        saved.push({ ...state, rules: new Map(state.rules) });
        break;
      case 0x0b: {
        // DW_CFA_restore_state
        const last = saved.pop();
        if (last === undefined) return false;
        Object.assign(state, last);
        break;
      }
      case 0x0c: // DW_CFA_def_cfa
        state.cfaRegister = reader.uleb();
        state.cfaOffset = reader.uleb();
        break;
      case 0x0d: // DW_CFA_def_cfa_register
        state.cfaRegister = reader.uleb();
        break;
      case 0x0e: // DW_CFA_def_cfa_offset
        state.cfaOffset = reader.uleb();
        break;
      case 0x11: // DW_CFA_offset_extended_sf
        saveAt(reader.uleb(), reader.sleb());
        break;
      case 0x12: // DW_CFA_def_cfa_sf
        state.cfaRegister = reader.uleb();
        state.cfaOffset = reader.sleb() * cie.dataAlign;
        break;
      case 0x13: // DW_CFA_def_cfa_offset_sf
        state.cfaOffset = reader.sleb() * cie.dataAlign;
        break;
      case 0x14: // DW_CFA_val_offset
        state.rules.set(reader.uleb(), { kind: 'value', offset: reader.uleb() * cie.dataAlign });
        break;
      case 0x2e: // DW_CFA_GNU_args_size
        reader.uleb();
        break;
      default:
        return false;
    }
  }
  return true;
}
