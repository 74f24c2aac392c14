// `info auxv`: what the kernel told the program when it began.
// commands/info.ts lists it; the pairs are those of the process's image.
// Names, sentences and forms are gdb's (gdb/auxv.c, default_print_auxv_entry).
import { stringText } from '../../values/character-text.ts';
import type { Debugger } from '../debugger.ts';

type Form = 'decimal' | 'hexadecimal' | 'text';

const ENTRIES: Readonly<Record<number, readonly [name: string, description: string, form: Form]>> = {
  0: ['AT_NULL', 'End of vector', 'hexadecimal'],
  3: ['AT_PHDR', 'Program headers for program', 'hexadecimal'],
  4: ['AT_PHENT', 'Size of program header entry', 'decimal'],
  5: ['AT_PHNUM', 'Number of program headers', 'decimal'],
  6: ['AT_PAGESZ', 'System page size', 'decimal'],
  7: ['AT_BASE', 'Base address of interpreter', 'hexadecimal'],
  8: ['AT_FLAGS', 'Flags', 'hexadecimal'],
  9: ['AT_ENTRY', 'Entry point of program', 'hexadecimal'],
  11: ['AT_UID', 'Real user ID', 'decimal'],
  12: ['AT_EUID', 'Effective user ID', 'decimal'],
  13: ['AT_GID', 'Real group ID', 'decimal'],
  14: ['AT_EGID', 'Effective group ID', 'decimal'],
  16: ['AT_HWCAP', 'Machine-dependent CPU capability hints', 'hexadecimal'],
  17: ['AT_CLKTCK', 'Frequency of times()', 'decimal'],
  23: ['AT_SECURE', 'Boolean, was exec setuid-like?', 'decimal'],
  25: ['AT_RANDOM', 'Address of 16 random bytes', 'hexadecimal'],
  31: ['AT_EXECFN', 'File name of executable', 'text'],
  33: ['AT_SYSINFO_EHDR', "System-supplied DSO's ELF header", 'hexadecimal'],
  51: ['AT_MINSIGSTKSZ', 'Minimum stack size for signal delivery', 'hexadecimal'],
};

/** `info auxv`. */
export function auxv(debugging: Debugger): void {
  const { thread, session } = debugging;
  const words = new BigUint64Array(thread.mm.image.auxv.slice().buffer);
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [type, value] = [Number(words[at]), Number(words[at + 1])];
    const [name, description, form] = ENTRIES[type] ?? ['???', '', 'hexadecimal'];
    const number = form === 'decimal' ? String(value) : `0x${value.toString(16)}`;
    let text = '';
    if (form === 'text') {
      const bytes: number[] = [];
      for (let byte = 1; byte !== 0; ) {
        byte = session.read(thread, value + bytes.length, 1)?.[0] ?? 0;
        if (byte !== 0) bytes.push(byte);
      }
      text = ` ${stringText(Uint8Array.from(bytes))}`;
    }
    debugging.print(
      `${String(type).padEnd(4)} ${name.padEnd(20)} ${description.padEnd(30)} ${number}${text}`,
    );
  }
}
