// Packet mode of pty masters (TIOCPKT, ioctl_tty(2)): the status byte that tells what happened at the terminal.
import type { TtyNotice } from './tty.ts';

const BITS: Readonly<Record<TtyNotice, number>> = {
  'flush-read': 1,
  'flush-write': 2,
  stop: 4,
  start: 8,
  'no-stop': 16,
  'do-stop': 32,
  settings: 64,
};
const OPPOSITE: Partial<Record<TtyNotice, TtyNotice>> = {
  stop: 'start',
  start: 'stop',
  'no-stop': 'do-stop',
  'do-stop': 'no-stop',
};

/** `status` after `what` happened: opposite notices replace each other. */
export function packetStatus(status: number, what: TtyNotice): number {
  const opposite = OPPOSITE[what];
  return (opposite === undefined ? status : status & ~BITS[opposite]) | BITS[what];
}
