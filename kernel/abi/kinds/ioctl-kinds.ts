// Kinds of ioctl(2): the request by name and its argument as the request means it.
// The row of kernel/syscalls/ioctl.ts names them; its arguments are called fd, request, arg.
// Names come from the kernel's own constants (abi/ioctl.ts, abi/socket.ts); others are taken apart as _IOC(…).
import * as requests from '../ioctl.ts';
import type { Kind, PrintContext } from '../kind.ts';
import * as seccomp from '../seccomp.ts';
import * as socket from '../socket.ts';
import { Termios, Winsize } from '../termios.ts';
import * as userfault from '../userfault.ts';
import { kind, outKind } from './basic.ts';
import { flagText, hex, type NameTable, nameOf, names } from './format.ts';
import { INTERFACE_REQUESTS, interfaceArgument } from './interface-kinds.ts';
import { braces, bufferText, numberAt, structText } from './peek.ts';
import { namespaceText } from './process-kinds.ts';
import { notificationArgument } from './seccomp-kinds.ts';
import { featuresAsked, userfaultArgument } from './userfault-kinds.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  ...INTERFACE_REQUESTS,
  ...[
    ...Object.entries(socket),
    ...Object.entries(requests),
    ...Object.entries(seccomp),
    ...Object.entries(userfault),
  ]
    .filter((entry): entry is [string, never] =>
      /^(TIO|TC[GSXF]|FIO|SIOC|NS_[GM]|PIDFD_GET|FS_IOC_GETVERSION|RND|SECCOMP_IOCTL|UFFDIO_[A-Z]+$|USERFAULTFD_IOC)/.test(
        entry[0],
      ),
    )
    .map(([name, value]) => [Number(value) >>> 0, name] as const),
]);

function requestName(context: PrintContext): string {
  return NAMES.get((context.args.request ?? 0) >>> 0) ?? '';
}

const DIRECTIONS = ['_IOC_NONE', '_IOC_WRITE', '_IOC_READ', '_IOC_READ|_IOC_WRITE'];

export const IoctlRequest: Kind = kind('ioctl request', 'u32', (value) => {
  const known = NAMES.get(value >>> 0);
  if (known !== undefined) return known;
  const direction = DIRECTIONS[value >>> 30];
  return `_IOC(${direction}, ${hex((value >>> 8) & 0xff)}, ${hex(value & 0xff)}, ${hex((value >>> 16) & 0x3fff)})`;
});

const INPUT: NameTable = names({
  IGNBRK: 1,
  BRKINT: 2,
  IGNPAR: 4,
  PARMRK: 8,
  INPCK: 0x10,
  ISTRIP: 0x20,
  INLCR: 0x40,
  IGNCR: 0x80,
  ICRNL: 0x100,
  IUCLC: 0x200,
  IXON: 0x400,
  IXANY: 0x800,
  IXOFF: 0x1000,
  IMAXBEL: 0x2000,
  IUTF8: 0x4000,
});
const OUTPUT: NameTable = names({
  OPOST: 1,
  OLCUC: 2,
  ONLCR: 4,
  OCRNL: 8,
  ONOCR: 0x10,
  ONLRET: 0x20,
  OFILL: 0x40,
  OFDEL: 0x80,
});
const CONTROL: NameTable = names({
  CSTOPB: 0x40,
  CREAD: 0x80,
  PARENB: 0x100,
  PARODD: 0x200,
  HUPCL: 0x400,
  CLOCAL: 0x800,
});
const LOCAL: NameTable = names({
  ISIG: 1,
  ICANON: 2,
  XCASE: 4,
  ECHO: 8,
  ECHOE: 0x10,
  ECHOK: 0x20,
  ECHONL: 0x40,
  NOFLSH: 0x80,
  IEXTEN: 0x8000,
  ECHOCTL: 0x200,
  ECHOPRT: 0x400,
  ECHOKE: 0x800,
  FLUSHO: 0x1000,
  PENDIN: 0x4000,
  TOSTOP: 0x100,
  EXTPROC: 0x10000,
});
const SPEEDS = 'B0 B50 B75 B110 B134 B150 B200 B300 B600 B1200 B1800 B2400 B4800 B9600 B19200 B38400'.split(
  ' ',
);
/** Those above B38400 have a bit of their own, and BOTHER is that bit alone. */
const CBAUDEX = 0x1000;
const HIGH_SPEEDS =
  'BOTHER B57600 B115200 B230400 B460800 B500000 B576000 B921600 B1000000 B1152000 B1500000 B2000000 B2500000 B3000000 B3500000 B4000000'.split(
    ' ',
  );

function delays(value: number): string[] {
  return [
    (value & 0x100) === 0 ? 'NL0' : 'NL1',
    `CR${(value >> 9) & 3}`,
    (value & 0x1800) === 0x1800 ? 'XTABS' : `TAB${(value >> 11) & 3}`,
    `BS${(value >> 13) & 1}`,
    `VT${(value >> 14) & 1}`,
    `FF${(value >> 15) & 1}`,
  ];
}

function set(words: string[], rest: number, table: NameTable): string {
  const more = rest === 0 ? [] : [flagText(rest, table, '???').replace(/ \/\*.*/, '')];
  return [...words, ...more].join('|') || '0';
}

const CHARACTERS =
  'VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSWTC VSTART VSTOP VSUSP VEOL VREPRINT VDISCARD VWERASE VLNEXT VEOL2'.split(
    ' ',
  );

function termiosText(context: PrintContext, termios: ReturnType<typeof Termios.decode>): string {
  const speed = termios.cflag & 0x100f;
  const name = (speed & CBAUDEX) === 0 ? SPEEDS[speed] : HIGH_SPEEDS[speed & 0xf];
  const controlWords = [name ?? hex(speed), `CS${5 + ((termios.cflag >> 4) & 3)}`];
  return braces([
    `c_iflag=${set([], termios.iflag, INPUT)}`,
    `c_oflag=${set(delays(termios.oflag), termios.oflag & 0xff, OUTPUT)}`,
    `c_cflag=${set(controlWords, termios.cflag & 0xfc0, CONTROL)}`,
    `c_lflag=${set([], termios.lflag, LOCAL)}`,
    ...(context.isVerbose
      ? [
          `c_line=${nameOf(termios.line, DISCIPLINES, 'N_???')}`,
          `c_cc=[${[...termios.cc].map((byte, i) => `[${CHARACTERS[i] ?? i}]=${hex(byte)}`).join(', ')}]`,
        ]
      : ['...']),
  ]);
}

const DISCIPLINES = names({ N_TTY: 0 });
const FLUSHES = names({ TCIFLUSH: 0, TCOFLUSH: 1, TCIOFLUSH: 2 });
const FLOWS = names({ TCOOFF: 0, TCOON: 1, TCIOFF: 2, TCION: 3 });

const INTEGER_OUT =
  /^(FIONREAD|SIOCINQ|SIOCOUTQ|TIOCOUTQ|TIOCGPTN|TIOCGPGRP|TIOCGSID|TIOCGETD|SIOCATMARK|FIOGETOWN|SIOCGPGRP|TIOCGPTLCK|TIOCGPKT|TIOCGEXCL|FIOQSIZE|NS_GET_OWNER_UID|RNDGETENTCNT)$/;
const INTEGER_IN =
  /^(FIONBIO|FIOASYNC|TIOCSPTLCK|TIOCSPGRP|TIOCPKT|TIOCSETD|FIOSETOWN|SIOCSPGRP|RNDADDTOENTCNT)$/;

export const IoctlArgument: Kind = {
  ...outKind('ioctl argument', 'u64', (value, context) => {
    const name = requestName(context);
    if (/^TCGETS|^TCSETS|LCKTRMIOS$/.test(name)) {
      const isReadable = /^(TCS|TIOCS)/.test(name) || context.result >= 0;
      return structText(context, value, Termios, (termios) => termiosText(context, termios), isReadable);
    }
    if (name === 'TIOCGWINSZ' || name === 'TIOCSWINSZ') {
      const isReadable = name === 'TIOCSWINSZ' || context.result >= 0;
      return structText(
        context,
        value,
        Winsize,
        ({ row, col, xpixel, ypixel }) =>
          braces([`ws_row=${row}`, `ws_col=${col}`, `ws_xpixel=${xpixel}`, `ws_ypixel=${ypixel}`]),
        isReadable,
      );
    }
    if (name === 'TIOCSTI') return bufferText(context, value, 1);
    const special =
      interfaceArgument(context, name, value) ??
      notificationArgument(context, name, value) ??
      userfaultArgument(context, name, value);
    if (special !== undefined) return special;
    if (/^NS_GET_(MNTNS_)?ID$/.test(name)) return numberAt(context, value, 'u64', context.result >= 0);
    if (INTEGER_OUT.test(name)) return numberAt(context, value, 'i32', context.result >= 0);
    if (INTEGER_IN.test(name)) return numberAt(context, value, 'i32');
    if (
      /^(FIOCLEX|FIONCLEX|TIOCEXCL|TIOCNXCL|TIOCNOTTY|NS_GET_(USERNS|PARENT|NSTYPE)|RND(ZAPENTCNT|CLEARPOOL|RESEEDCRNG))$/.test(
        name,
      )
    )
      return undefined;
    if (name === 'TCFLSH') return nameOf(value, FLUSHES, 'TC???');
    if (name === 'TCXONC') return nameOf(value, FLOWS, 'TC???');
    return name === 'TIOCSCTTY' || name === 'TCSBRK' || name === 'TCSBRKP' || /PIDNS$/.test(name)
      ? String(value)
      : hex(context.raw);
  }),
  isOptional: true,
  capture: (value, context) => featuresAsked(context, requestName(context), value),
};

/** NS_GET_NSTYPE answers with the flag of a sort of namespaces. */
export const IoctlResult: Kind = kind('ioctl result', 'i64', (value, context) =>
  requestName(context) === 'NS_GET_NSTYPE' ? `${value} (${namespaceText(value)})` : String(value),
);
