// Terminal settings (termios(3), ioctl_tty(2); asm-generic/termbits.h): structs, flags and control characters.
// kernel/tty works with them; traces print them. Values are those of riscv64 and x86_64 alike.
import { bytes, struct, u8, u16, u32 } from './struct.ts';

export const NCCS = 19;

export const Termios = struct('termios', {
  iflag: u32,
  oflag: u32,
  cflag: u32,
  lflag: u32,
  line: u8,
  cc: bytes(NCCS),
});
export const Termios2 = struct('termios2', {
  iflag: u32,
  oflag: u32,
  cflag: u32,
  lflag: u32,
  line: u8,
  cc: bytes(NCCS),
  ispeed: u32,
  ospeed: u32,
});
/** The old struct termio of TCGETA and TCSETA. */
export const Termio = struct('termio', {
  iflag: u16,
  oflag: u16,
  cflag: u16,
  lflag: u16,
  line: u8,
  cc: bytes(8),
});
export const Winsize = struct('winsize', { row: u16, col: u16, xpixel: u16, ypixel: u16 });

export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;

export const PARMRK = 0o10;
export const ISTRIP = 0o40;
export const INLCR = 0o100;
export const IGNCR = 0o200;
export const ICRNL = 0o400;
export const IUCLC = 0o1000;
export const IXON = 0o2000;
export const IXANY = 0o4000;
export const IUTF8 = 0o40000;

export const OPOST = 0o1;
export const OLCUC = 0o2;
export const ONLCR = 0o4;
export const OCRNL = 0o10;
export const ONOCR = 0o20;
export const ONLRET = 0o40;
export const TABDLY = 0o14000;
export const XTABS = 0o14000;

export const CBAUD = 0o10017;
export const B38400 = 0o17;
export const BOTHER = 0o10000;
export const CS8 = 0o60;
export const CREAD = 0o200;
export const CLOCAL = 0o4000;
export const HUPCL = 0o2000;
export const CIBAUD = 0o2003600000;

export const ISIG = 0o1;
export const ICANON = 0o2;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;
export const ECHOPRT = 0o2000;
export const ECHOKE = 0o4000;
export const IEXTEN = 0o100000;
export const EXTPROC = 0o200000;

export interface TermiosValue {
  readonly iflag: number;
  readonly oflag: number;
  readonly cflag: number;
  readonly lflag: number;
  readonly line: number;
  /** NCCS bytes; 0 disables a special character. */
  readonly cc: Uint8Array;
  /** Baud. */
  readonly ispeed: number;
  readonly ospeed: number;
}

/** Nothing is locked (TIOCSLCKTRMIOS). */
export const NOTHING_LOCKED: TermiosValue = {
  iflag: 0,
  oflag: 0,
  cflag: 0,
  lflag: 0,
  line: 0,
  cc: new Uint8Array(NCCS),
  ispeed: 0,
  ospeed: 0,
};

/** INIT_C_CC: ^C ^\ ^? ^U ^D, TIME 0, MIN 1, ^Q ^S ^Z, ^R ^O ^W ^V. */
const CONTROL_CHARACTERS = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

/** tty_std_termios. */
export const STANDARD_TERMIOS: TermiosValue = {
  iflag: ICRNL | IXON,
  oflag: OPOST | ONLCR,
  cflag: B38400 | CS8 | CREAD | HUPCL,
  lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
  line: 0,
  cc: Uint8Array.from(CONTROL_CHARACTERS),
  ispeed: 38_400,
  ospeed: 38_400,
};
