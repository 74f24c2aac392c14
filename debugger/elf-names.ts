// What the numbers in ELF headers are called, in the words of readelf: machines, types of files, segments and sections, flags.
// elf-info.ts shows them with `rivulet info`.
// elf(5) and <elf.h>; of machines, those that Linux runs on. Others are shown as numbers.

const TYPES: Readonly<Record<number, string>> = {
  0: 'NONE',
  1: 'REL (relocatable file)',
  2: 'EXEC (executable)',
  3: 'DYN (shared object or position-independent executable)',
  4: 'CORE (core file)',
};

const EM_RISCV = 243;
const MACHINES: Readonly<Record<number, string>> = {
  2: 'Sparc',
  3: 'Intel 80386',
  4: 'MC68000',
  8: 'MIPS',
  15: 'HPPA',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 'IBM S/390',
  40: 'ARM',
  42: 'Renesas SH',
  43: 'Sparc v9',
  50: 'Intel IA-64',
  62: 'x86-64',
  94: 'Xtensa',
  183: 'AArch64',
  195: 'ARC',
  [EM_RISCV]: 'RISC-V',
  247: 'Linux BPF',
  252: 'C-SKY',
  258: 'LoongArch',
};

const SEGMENTS: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  5: 'SHLIB',
  6: 'PHDR',
  7: 'TLS',
  1685382480: 'GNU_EH_FRAME',
  1685382481: 'GNU_STACK',
  1685382482: 'GNU_RELRO',
  1685382483: 'GNU_PROPERTY',
  1685382484: 'GNU_SFRAME',
};

const SECTIONS: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'PROGBITS',
  2: 'SYMTAB',
  3: 'STRTAB',
  4: 'RELA',
  5: 'HASH',
  6: 'DYNAMIC',
  7: 'NOTE',
  8: 'NOBITS',
  9: 'REL',
  10: 'SHLIB',
  11: 'DYNSYM',
  14: 'INIT_ARRAY',
  15: 'FINI_ARRAY',
  16: 'PREINIT_ARRAY',
  17: 'GROUP',
  18: 'SYMTAB_SHNDX',
  19: 'RELR',
  1879048181: 'GNU_ATTRIBUTES',
  1879048182: 'GNU_HASH',
  1879048183: 'GNU_LIBLIST',
  1879048189: 'VERDEF',
  1879048190: 'VERNEED',
  1879048191: 'VERSYM',
};

/** RISC-V ELF psABI, "Section types" and "Program header table". */
const RISCV_ATTRIBUTES = 0x7000_0003;

export const typeName = (type: number): string => TYPES[type] ?? numbered(type);
export const machineName = (machine: number): string => MACHINES[machine] ?? `machine ${machine}`;

export function segmentName(type: number, machine: number): string {
  return SEGMENTS[type] ?? ofRiscv(type, machine) ?? numbered(type);
}

export function sectionName(type: number, machine: number): string {
  return SECTIONS[type] ?? ofRiscv(type, machine) ?? numbered(type);
}

function ofRiscv(type: number, machine: number): string | undefined {
  return machine === EM_RISCV && type === RISCV_ATTRIBUTES ? 'RISCV_ATTRIBUTES' : undefined;
}

/** As `R E`. */
export function segmentFlags(flags: number): string {
  return `${flags & 4 ? 'R' : ' '}${flags & 2 ? 'W' : ' '}${flags & 1 ? 'E' : ' '}`.trimEnd();
}

const FLOATS = ['soft-float ABI', 'single-float ABI', 'double-float ABI', 'quad-float ABI'];

/** RISC-V ELF psABI, "File header". */
export function fileFlags(flags: number, machine: number): string {
  if (machine !== EM_RISCV) return numbered(flags);
  const words = [
    ...(flags & 1 ? ['RVC'] : []),
    ...(flags & 8 ? ['RVE'] : []),
    FLOATS[(flags >> 1) & 3] as string,
    ...(flags & 0x10 ? ['TSO'] : []),
  ];
  return words.join(', ');
}

const numbered = (value: number): string => `0x${value.toString(16)}`;
