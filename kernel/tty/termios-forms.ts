// The three struct forms in which a program reads and sets terminal settings: termios, termios2 and the old termio.
// tty-ioctl.ts uses it. Baud rates live in the c_cflag bits, or as plain numbers with BOTHER.
import {
  BOTHER,
  CBAUD,
  CIBAUD,
  NCCS,
  NOTHING_LOCKED,
  Termio,
  Termios,
  Termios2,
  type TermiosValue,
} from '../abi/termios.ts';
import type { UserMemory } from '../mm/user-memory.ts';

export type TermiosForm = 'termios' | 'termios2' | 'termio';

/** B0 … B38400, then B57600 … B4000000 (asm-generic/termbits.h). */
const SLOW = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400];
const FAST = [
  0, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000,
  2_500_000, 3_000_000, 3_500_000, 4_000_000,
];
const IBSHIFT = 16;

export function writeTermios(
  user: UserMemory,
  address: number,
  form: TermiosForm,
  termios: TermiosValue,
): void {
  if (form === 'termios') user.writeStruct(address, Termios, termios);
  else if (form === 'termios2') user.writeStruct(address, Termios2, termios);
  else user.writeStruct(address, Termio, { ...termios, cc: termios.cc.slice(0, 8) });
}

/** The new settings; what the form does not hold stays as in `old`. EFAULT. */
export function readTermios(
  user: UserMemory,
  address: number,
  form: TermiosForm,
  old: TermiosValue,
): TermiosValue {
  if (form === 'termio') {
    const value = user.readStruct(address, Termio);
    const cc = old.cc.slice();
    cc.set(value.cc);
    const merged = {
      iflag: high(old.iflag) | value.iflag,
      oflag: high(old.oflag) | value.oflag,
      cflag: high(old.cflag) | value.cflag,
      lflag: high(old.lflag) | value.lflag,
    };
    return withSpeeds({ ...old, ...merged, line: value.line, cc });
  }
  if (form === 'termios') return withSpeeds({ ...old, ...user.readStruct(address, Termios) });
  return withSpeeds(user.readStruct(address, Termios2));
}

/** What is locked stays as in `old` (drivers/tty/tty_ioctl.c, unset_locked_termios). */
export function withLocked(wanted: TermiosValue, old: TermiosValue, locked: TermiosValue): TermiosValue {
  if (locked === NOTHING_LOCKED) return wanted;
  const mixed = (key: 'iflag' | 'oflag' | 'cflag' | 'lflag'): number =>
    ((wanted[key] & ~locked[key]) | (old[key] & locked[key])) >>> 0;
  return {
    ...wanted,
    iflag: mixed('iflag'),
    oflag: mixed('oflag'),
    cflag: mixed('cflag'),
    lflag: mixed('lflag'),
    line: locked.line === 0 ? wanted.line : old.line,
    cc: wanted.cc.map((character, i) => (locked.cc[i] === 0 ? character : (old.cc[i] ?? 0))),
  };
}

function high(flags: number): number {
  return flags & 0xffff_0000;
}

/** tty_termios_baud_rate: the bits decide unless they say BOTHER; without input bits the rates are equal. */
function withSpeeds(termios: TermiosValue): TermiosValue {
  const output = termios.cflag & CBAUD;
  const input = (termios.cflag & CIBAUD) >>> IBSHIFT;
  const ospeed = output === BOTHER ? termios.ospeed : baud(output);
  const ispeed = input === 0 ? ospeed : input === BOTHER ? termios.ispeed : baud(input);
  return { ...termios, cc: termios.cc.slice(0, NCCS), ispeed, ospeed };
}

function baud(bits: number): number {
  return ((bits & BOTHER) !== 0 ? FAST[bits & 15] : SLOW[bits & 15]) ?? 0;
}
