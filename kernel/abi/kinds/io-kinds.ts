// Kinds of reading and writing: iovecs in and out, offsets behind pointers, descriptor pairs, strings out.
// Rows of read, write, splice, pipe, getcwd and the like name them.
// Out-parameters show what the call's result says was written; after a failure they are addresses.
import type { Kind, PrintContext } from '../kind.ts';
import { Iovec } from '../uio.ts';
import { flags, kind, outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { hex, pointer, quoteBytes } from './format.ts';
import { arrayText, braces, bufferText, peekBytes, peekNumber, peekStruct } from './peek.ts';

/** `[{iov_base="ab", iov_len=2}, …]`; `available` = bytes of data there are over all of them, undefined = all. */
export function iovecsText(
  context: PrintContext,
  address: number,
  count: number,
  available: number | undefined,
  dataText = bufferText,
): string {
  let left = available ?? Number.POSITIVE_INFINITY;
  return arrayText(context, address, count, Iovec.size, (at) => {
    const iovec = peekStruct(context, at, Iovec);
    if (iovec === undefined) return undefined;
    const shown = Math.max(0, Math.min(iovec.iov_len, left));
    left -= shown;
    const base = iovec.iov_base === 0 ? 'NULL' : dataText(context, iovec.iov_base, shown);
    return braces([`iov_base=${base}`, `iov_len=${lengthText(context, at)}`]);
  });
}

/** All 64 bits of an iovec's length. */
function lengthText(context: PrintContext, iovec: number): string {
  return String(peekNumber(context, iovec + Iovec.offsets.iov_len, 'u64') ?? 0n);
}

/** iovecs that were filled with `result` bytes. */
export const IovecOut: Kind = outKind('struct iovec', 'u64', (value, context) => {
  if (context.result < 0) return addressesText(context, value, context.args.iovcnt ?? 0);
  return iovecsText(context, value, context.args.iovcnt ?? 0, context.result);
});

/** The rows call the number of iovecs iovcnt or nr_segs. */
export const IovecIn: Kind = kind('struct iovec', 'u64', (value, context) =>
  iovecsText(context, value, context.args.iovcnt ?? context.args.nr_segs ?? 0, undefined),
);

/** Another process's memory: addresses and lengths only. */
export const RemoteIovecs: Kind = outKind('struct iovec', 'u64', (value, context) =>
  addressesText(context, value, context.args.riovcnt ?? context.args.vlen ?? 0),
);
/** process_vm_readv's own side, filled with `result` bytes. */
export const LocalIovecsOut: Kind = outKind('struct iovec', 'u64', (value, context) =>
  context.result < 0
    ? addressesText(context, value, context.args.liovcnt ?? 0)
    : iovecsText(context, value, context.args.liovcnt ?? 0, context.result),
);
export const LocalIovecsIn: Kind = kind('struct iovec', 'u64', (value, context) =>
  iovecsText(context, value, context.args.liovcnt ?? 0, undefined),
);

/** iovecs by address and length alone. */
export function addressesText(context: PrintContext, address: number, count: number): string {
  return arrayText(context, address, count, Iovec.size, (at) => {
    const iovec = peekStruct(context, at, Iovec);
    if (iovec === undefined) return undefined;
    const base = peekNumber(context, at + Iovec.offsets.iov_base, 'u64') ?? 0n;
    return braces([`iov_base=${pointer(base)}`, `iov_len=${lengthText(context, at)}`]);
  });
}

export const ReadWriteFlags: Kind = flags('RWF_???', {
  RWF_HIPRI: 1,
  RWF_DSYNC: 2,
  RWF_SYNC: 4,
  RWF_NOWAIT: 8,
  RWF_APPEND: 16,
});
/** The upper half of preadv2's offset, which 64-bit kernels do not look at. */
export const OffsetHigh: Kind = kind('offset', 'u64', () => undefined);

/** An in-out `loff_t *`: `[3] => [10]` when the call changed it. */
export const OffsetInOut: Kind = {
  name: 'off_t *',
  register: 'u64',
  when: 'exit',
  capture: (value, context) => peekNumber(context, value, 'i64'),
  print: (value, context) => {
    if (value === 0) return 'NULL';
    const after = peekNumber(context, value, 'i64');
    const before = context.captured as bigint | undefined;
    if (after === undefined || before === undefined) return hex(value);
    return context.result < 0 || before === after ? `[${before}]` : `[${before}] => [${after}]`;
  },
};

/** `[3, 4]` of pipe2 and socketpair. */
export const FdPairOut: Kind = outKind('int[2]', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  return arrayText(context, value, 2, 4, (at) => {
    const fd = peekNumber(context, at, 'i32');
    return fd === undefined ? undefined : printFd(Number(fd), context);
  });
});

/** A string the call wrote, with its NUL counted in the result (getcwd). Never shortened. */
export const TerminatedOut: Kind = outKind('char *', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  const bytes = peekBytes(context, value, Math.max(0, context.result - 1));
  return bytes === undefined ? hex(value) : quoteBytes(bytes);
});

/** Random bytes: always in hex escapes. */
export const RandomOut: Kind = outKind('random bytes', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  const shown = Math.min(context.result, context.stringLimit);
  const bytes = peekBytes(context, value, shown);
  if (bytes === undefined) return hex(value);
  const text = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `"${text}"${context.result > shown ? '...' : ''}`;
});
