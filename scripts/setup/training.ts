// The program that the build runs so that V8's code caches hold what most programs need before their own work begins:
// the system calls of a C library and its loader, then execve of another program.
// build.ts writes it to a file; it is made here because a compiler for riscv64 is not always there.
import { assemble } from '../../emulator/testing/assembler.ts';
import { AT_FDCWD } from '../../kernel/abi/fcntl.ts';
import {
  ElfHeader,
  ET_EXEC,
  PF_R,
  PF_W,
  PF_X,
  ProgramHeader,
  PT_LOAD,
} from '../../kernel/exec/elf-header.ts';

const TEXT = 0x1_0000;
const DATA = 0x2_0000;
const DATA_SIZE = 0x4000;
const ENTRY = 0x200;
/** Room for what calls write, on the second page of the data; the third is protected. */
const BUFFER = DATA + 0x1000;
const PROTECTED = DATA + 0x2000;
const HEAP = DATA + DATA_SIZE;
const A0 = 10;
const A7 = 17;

/** `execve`d last: a path of the host, relative to where the build runs. */
export function trainingProgram(next: string): Uint8Array {
  const strings = new Strings();
  const [nothing, self, file, directory, path] = ['', '/proc/self/exe', '/etc/passwd', '/etc', next].map(
    (text) => strings.add(text),
  ) as [number, number, number, number, number];
  const argv = strings.addPointers([path, 0]);
  const calls: readonly (readonly [number: number, ...args: number[]])[] = [
    [214, 0], // brk
    [214, HEAP + 0x1000],
    [96, BUFFER], // set_tid_address
    [99, BUFFER, 24], // set_robust_list
    [293, BUFFER, 32, 0, 0x53053053], // rseq
    [261, 0, 3, 0, BUFFER], // prlimit64
    [78, AT_FDCWD, self, BUFFER, 4096], // readlinkat
    [278, BUFFER, 8, 1], // getrandom
    [214, HEAP + 0x21000],
    [226, PROTECTED, 0x1000, 1], // mprotect
    [48, AT_FDCWD, file, 4], // faccessat
    [56, AT_FDCWD, file, 0], // openat
    [79, 3, nothing, BUFFER, 0x1000], // newfstatat
    [80, 3, BUFFER], // fstat
    [63, 3, BUFFER, 64], // read
    [67, 3, BUFFER, 64, 0], // pread64
    [62, 3, 0, 0], // lseek
    [222, 0, 0x1000, 5, 2, 3, 0], // mmap of the file
    [57, 3], // close
    [222, 0, 0x3000, 3, 0x22, -1, 0], // mmap of memory
    [215, PROTECTED, 0x1000], // munmap
    [56, AT_FDCWD, directory, 0x4000],
    [61, 3, BUFFER, 0x1000], // getdents64
    [57, 3],
    [29, 1, 0x5401, BUFFER], // ioctl TCGETS
    [25, 1, 3], // fcntl F_GETFL
    [134, 17, 0, BUFFER, 8], // rt_sigaction
    [135, 0, 0, BUFFER, 8], // rt_sigprocmask
    [113, 1, BUFFER], // clock_gettime
    [160, BUFFER], // uname
    [17, BUFFER, 4096], // getcwd
    [172], // getpid
    [174], // getuid
    [79, 1, nothing, BUFFER, 0x1000],
    // the rest of the kernel: a pair of sockets
    [199, 1, 1, 0, BUFFER], // socketpair
    [206, 3, BUFFER, 8, 0, 0, 0], // sendto
    [207, 4, BUFFER, 8, 0, 0, 0], // recvfrom
    [57, 3],
    [57, 4],
    [221, path, argv, 0], // execve
    [94, 1], // exit_group
  ];
  const words = calls.flatMap(([number, ...args]) => [
    ...args.flatMap((value, i) => loadImmediate(A0 + i, value)),
    ...loadImmediate(A7, number),
    assemble('ecall'),
  ]);
  return programOf(words, strings.bytes);
}

/** NUL-terminated strings and arrays of pointers, at the start of the data. */
class Strings {
  readonly bytes = new Uint8Array(0x1000);
  #end = 0;

  add(text: string): number {
    const at = this.#end;
    this.#end = at + new TextEncoder().encodeInto(text, this.bytes.subarray(at)).written + 1;
    return DATA + at;
  }

  addPointers(pointers: readonly number[]): number {
    const at = Math.ceil(this.#end / 8) * 8;
    const view = new DataView(this.bytes.buffer);
    for (const [i, pointer] of pointers.entries()) view.setUint32(at + 8 * i, pointer, true);
    this.#end = at + 8 * pointers.length;
    return DATA + at;
  }
}

/** lui and addi: the low 12 bits are added with their sign. */
function loadImmediate(rd: number, value: number): number[] {
  const low = (value << 20) >> 20;
  return [assemble('lui', { rd, imm: (value - low) | 0 }), assemble('addi', { rd, rs1: rd, imm: low })];
}

function programOf(words: readonly number[], data: Uint8Array): Uint8Array {
  const size = ENTRY + words.length * 4;
  const dataOffset = Math.ceil(size / 0x1000) * 0x1000;
  const file = new Uint8Array(dataOffset + data.length);
  const segment = { type: PT_LOAD, paddr: 0, align: 0x1000 };
  file.set(
    ElfHeader.encode({
      ident: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1),
      type: ET_EXEC,
      machine: 243,
      version: 1,
      entry: TEXT + ENTRY,
      phoff: ElfHeader.size,
      shoff: 0,
      flags: 5,
      ehsize: ElfHeader.size,
      phentsize: ProgramHeader.size,
      phnum: 2,
      shentsize: 0,
      shnum: 0,
      shstrndx: 0,
    }),
  );
  const text = { ...segment, flags: PF_R | PF_X, offset: 0, vaddr: TEXT, filesz: size, memsz: size };
  const variables = {
    ...segment,
    flags: PF_R | PF_W,
    offset: dataOffset,
    vaddr: DATA,
    filesz: data.length,
    memsz: DATA_SIZE,
  };
  file.set(ProgramHeader.encode(text), ElfHeader.size);
  file.set(ProgramHeader.encode(variables), ElfHeader.size + ProgramHeader.size);
  const view = new DataView(file.buffer);
  for (const [i, word] of words.entries()) view.setInt32(ENTRY + 4 * i, word, true);
  file.set(data, dataOffset);
  return file;
}
