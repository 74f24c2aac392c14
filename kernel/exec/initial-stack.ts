// The stack a program finds: argc, argv, envp, auxiliary vector, then the strings (fs/binfmt_elf.c, create_elf_tables).
// exec.ts calls it for a new address space; the layout of the strings is the one ps and prctl rely on.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { pageFloor } from '../mm/layout.ts';
import { placeArea } from '../mm/mapping.ts';
import type { Mm } from '../mm/mm.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, VmaFlag } from '../mm/vma.ts';
import type { Random } from '../random.ts';
import type { AuxvPlaces } from './auxv.ts';

/** Mapped below the strings from the start (fs/exec.c, stack_expand). */
const INITIAL_STACK = 128 << 10;

export interface StackPlaces {
  readonly stackPointer: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  readonly auxv: Uint8Array;
}

/** What goes onto the stack. */
export interface StackContents {
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  /** AT_EXECFN. */
  readonly filename: string;
  readonly isExecutable: boolean;
  readonly random: Random;
  readonly auxv: (places: AuxvPlaces) => readonly (readonly [type: number, value: number])[];
}

/** Maps the stack and fills it. ENOMEM. */
export function buildStack(mm: Mm, contents: StackContents): StackPlaces {
  const { argv, envp } = contents;
  // A page above the strings stays unused but present: the processor's quick check of an access asks for the page
  // behind it too, and main's frame often lies on the last page but one.
  const top = mm.layout.stackTop - PAGE_SIZE;
  // From the top: a null word, the file name, the environment, the arguments.
  const filename = `${contents.filename}\0`;
  const execfn = top - 8 - filename.length;
  const environment = envp.map((text) => `${text}\0`).join('');
  const envStart = execfn - environment.length;
  const args = argv.map((text) => `${text}\0`).join('');
  const argStart = envStart - args.length;
  const random = align16(argStart) - 16;
  const vector = contents.auxv({ random, execfn });
  const words = [
    argv.length,
    ...pointersTo(argv, argStart),
    0,
    ...pointersTo(envp, envStart),
    0,
    ...vector.flat(),
  ];
  const stackPointer = align16(random - words.length * 8);
  mapStack(mm, pageFloor(stackPointer - INITIAL_STACK), mm.layout.stackTop, contents.isExecutable);
  mm.user.write(top, new Uint8Array(8));

  mm.user.write(argStart, textToBytes(`${args}${environment}${filename}`));
  mm.user.write(random, contents.random.fill(new Uint8Array(16)));
  const table = new Uint8Array(words.length * 8);
  const view = new DataView(table.buffer);
  for (const [i, word] of words.entries()) view.setUint32(i * 8, word, true); // addresses are below 2^32
  mm.user.write(stackPointer, table);
  const auxv = table.slice((words.length - 2 * vector.length) * 8);
  return { stackPointer, argStart, argEnd: envStart, envStart, envEnd: execfn, auxv };
}

function mapStack(mm: Mm, start: number, end: number, isExecutable: boolean): void {
  const prot = PROT_READ | PROT_WRITE | (isExecutable ? PROT_EXEC : 0);
  const shape = { start, end, prot, maxProt: 7, flags: VmaFlag.GrowsDown, backing: undefined };
  placeArea(mm, { ...shape, offset: 0 });
}

function pointersTo(strings: readonly string[], start: number): number[] {
  let at = start;
  return strings.map((text) => {
    const here = at;
    at += text.length + 1;
    return here;
  });
}

function align16(address: number): number {
  return address - (address % 16);
}
