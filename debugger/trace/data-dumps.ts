// -e read=FDS and -e write=FDS: all bytes that a call moved, in hexadecimal and as text, below its line.
// Tracer asks at the end of each call that did not fail.
// The layout is that of strace 6.1 (src/util.c, dumpstr and dumpiov_upto).
import type { PrintContext } from '../../kernel/abi/kind.ts';
import { peekBytes } from '../../kernel/abi/kinds/peek.ts';
import type { CallText } from './call-text.ts';
import type { TraceOptions } from './options.ts';

interface Mover {
  readonly direction: 'read' | 'write';
  /** What its second argument points to. */
  readonly holds: 'bytes' | 'vector' | 'message';
}

const bytes = (direction: Mover['direction']): Mover => ({ direction, holds: 'bytes' });
const vector = (direction: Mover['direction']): Mover => ({ direction, holds: 'vector' });

const MOVERS: Readonly<Record<string, Mover>> = {
  read: bytes('read'),
  pread64: bytes('read'),
  recvfrom: bytes('read'),
  readv: vector('read'),
  preadv: vector('read'),
  preadv2: vector('read'),
  recvmsg: { direction: 'read', holds: 'message' },
  write: bytes('write'),
  pwrite64: bytes('write'),
  sendto: bytes('write'),
  writev: vector('write'),
  pwritev: vector('write'),
  pwritev2: vector('write'),
  sendmsg: { direction: 'write', holds: 'message' },
};

const PER_LINE = 16;
const HALF = 8;
/** Two digits and a space for each byte, and one space more in the middle. */
const HEX_WIDTH = 3 * PER_LINE + 1;
/** Of struct iovec, and where struct msghdr has its vector and the length of that. */
const VECTOR_SIZE = 16;
const MESSAGE_VECTOR = 16;
const MESSAGE_LENGTH = 24;
const MOST_BUFFERS = 1024;

/** Lines below the call's; none when nobody wants them. */
export function dumpLines(text: CallText, result: number, options: TraceOptions): string[] {
  const mover = MOVERS[text.call.syscall.name];
  const [fd, address, count] = [0, 1, 2].map((index) => Number(text.raw(index))) as [number, number, number];
  if (mover === undefined) return [];
  const isWanted = mover.direction === 'read' ? options.dumpsReads : options.dumpsWrites;
  if (!isWanted(fd)) return [];
  const context = text.context('exit', result, 1);
  if (mover.holds === 'bytes')
    return hexLines(peekBytes(context, address, mover.direction === 'read' ? result : count));
  if (mover.holds === 'vector') return vectorLines(context, address, count, result);
  const place = word(context, address + MESSAGE_VECTOR);
  return vectorLines(context, place ?? 0, word(context, address + MESSAGE_LENGTH) ?? 0, result);
}

function word(context: PrintContext, address: number): number | undefined {
  const found = peekBytes(context, address, 8);
  if (found === undefined || found.length < 8) return undefined;
  return Number(new DataView(found.buffer, found.byteOffset, 8).getBigUint64(0, true));
}

function vectorLines(context: PrintContext, address: number, count: number, moved: number): string[] {
  const lines: string[] = [];
  let left = moved;
  for (let index = 0; index < Math.min(count, MOST_BUFFERS) && left > 0; index++) {
    const base = word(context, address + index * VECTOR_SIZE);
    const length = Math.min(word(context, address + index * VECTOR_SIZE + 8) ?? 0, left);
    if (base === undefined) break;
    left -= length;
    lines.push(` * ${length} bytes in buffer ${index}`, ...hexLines(peekBytes(context, base, length)));
  }
  return lines;
}

/** ` | 00000  61 0a 01 80 62 63                                 a...bc           |`. */
export function hexLines(content: Uint8Array | undefined): string[] {
  const lines: string[] = [];
  for (let start = 0; content !== undefined && start < content.length; start += PER_LINE) {
    const part = [...content.subarray(start, start + PER_LINE)];
    const hex = part.map(
      (byte, at) => `${byte.toString(16).padStart(2, '0')}${at === HALF - 1 ? '  ' : ' '}`,
    );
    const shown = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
    const offset = start.toString(16).padStart(5, '0');
    lines.push(` | ${offset}  ${hex.join('').padEnd(HEX_WIDTH)} ${shown.join('').padEnd(PER_LINE)} |`);
  }
  return lines;
}
