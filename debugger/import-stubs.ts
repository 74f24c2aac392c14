// The stubs through which a program calls functions of libraries, under the names that objdump and gdb give them: `puts@plt`.
// symbols.ts adds them to what an ELF file says of itself.
// RISC-V ELF psABI, "Program linkage table": a header of 32 bytes, then 16 bytes for each function, in the order of .rela.plt.
import type { SectionHeader } from './elf-headers.ts';
import type { ElfSymbol } from './elf-symbols.ts';

const HEADER_SIZE = 32;
const STUB_SIZE = 16;
/** Elf64_Rela and Elf64_Sym. */
const RELOCATION_SIZE = 24;
const SYMBOL_SIZE = 24;

export function importStubs(bytes: Uint8Array, sections: readonly SectionHeader[]): ElfSymbol[] {
  const section = (name: string): SectionHeader | undefined => sections.find((each) => each.name === name);
  const [plt, relocations, symbols, strings] = ['.plt', '.rela.plt', '.dynsym', '.dynstr'].map(section);
  if (plt === undefined || relocations === undefined || symbols === undefined || strings === undefined)
    return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stubs: ElfSymbol[] = [];
  const count = Math.floor(relocations.size / RELOCATION_SIZE);
  for (let index = 0; index < count; index++) {
    const info = relocations.offset + index * RELOCATION_SIZE + 12; // the high half: the symbol's number
    if (info + 4 > bytes.length) break;
    const symbol = symbols.offset + view.getUint32(info, true) * SYMBOL_SIZE;
    if (symbol + 4 > bytes.length) break;
    const name = textAt(bytes, strings.offset + view.getUint32(symbol, true));
    const address = plt.address + HEADER_SIZE + index * STUB_SIZE;
    if (name === '' || address + STUB_SIZE > plt.address + plt.size) continue;
    stubs.push({ name: `${name}@plt`, address, size: STUB_SIZE, kind: 'function', isGlobal: false });
  }
  return stubs;
}

function textAt(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  return end < 0 ? '' : new TextDecoder().decode(bytes.subarray(start, end));
}
