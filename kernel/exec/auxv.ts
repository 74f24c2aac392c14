// The auxiliary vector: what the kernel tells a program and its loader at start (getauxval(3), fs/binfmt_elf.c).
// initial-stack.ts writes it after the environment; /proc/PID/auxv shows it.
// No AT_SYSINFO_EHDR (no vDSO), no AT_PLATFORM (riscv has none), no cache geometry.
import { type Credentials, shownGid, shownUid } from '../task/credentials.ts';
import type { LoadedProgram } from './load-elf.ts';

const AT_NULL = 0;
const AT_PHDR = 3;
const AT_PHENT = 4;
const AT_PHNUM = 5;
const AT_PAGESZ = 6;
const AT_BASE = 7;
const AT_FLAGS = 8;
const AT_ENTRY = 9;
const AT_UID = 11;
const AT_EUID = 12;
const AT_GID = 13;
const AT_EGID = 14;
const AT_HWCAP = 16;
const AT_CLKTCK = 17;
const AT_SECURE = 23;
const AT_RANDOM = 25;
const AT_EXECFN = 31;
const AT_MINSIGSTKSZ = 51;

/** One bit a letter of IMAFDC (arch/riscv/include/uapi/asm/hwcap.h). */
const HWCAP = [...'imafdc'].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) - 0x61)), 0);
/** siginfo and ucontext as signal-frame.ts writes them, rounded to 16. */
const SIGNAL_FRAME_SIZE = 1088;

export interface AuxvPlaces {
  /** Address of sixteen random bytes. */
  readonly random: number;
  /** Address of the name the program was started by. */
  readonly execfn: number;
}

/** Pairs of type and value in Linux's order, AT_NULL last. */
export function auxiliaryVector(
  program: LoadedProgram,
  credentials: Credentials,
  isSecure: boolean,
  places: AuxvPlaces,
): readonly (readonly [type: number, value: number])[] {
  return [
    [AT_MINSIGSTKSZ, SIGNAL_FRAME_SIZE],
    [AT_HWCAP, HWCAP],
    [AT_PAGESZ, 4096],
    [AT_CLKTCK, 100],
    [AT_PHDR, program.phdr],
    [AT_PHENT, 56],
    [AT_PHNUM, program.phnum],
    [AT_BASE, program.base],
    [AT_FLAGS, 0],
    [AT_ENTRY, program.entry],
    [AT_UID, shownUid(credentials, credentials.ruid)],
    [AT_EUID, shownUid(credentials, credentials.euid)],
    [AT_GID, shownGid(credentials, credentials.rgid)],
    [AT_EGID, shownGid(credentials, credentials.egid)],
    [AT_SECURE, isSecure ? 1 : 0],
    [AT_RANDOM, places.random],
    [AT_EXECFN, places.execfn],
    [AT_NULL, 0],
  ];
}
