// Operations of an io_uring on files and paths (io_uring/rw.c, openclose.c, fs.c, statx.c, sync.c, splice.c, xattr.c).
// Each is a system call; here stands which fields of the entry are its arguments.
import { EPOLL_CTL_DEL, EpollEvent } from '../abi/epoll.ts';
import { O_CLOEXEC } from '../abi/fcntl.ts';
import type { OperationName } from '../abi/io-uring.ts';
import { IOV_MAX } from '../abi/uio.ts';
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE, fail } from '../errno.ts';
import { SocketDescriptor } from '../net/socket.ts';
import { ATTRIBUTE_CALLS } from '../syscalls/attributes.ts';
import { EPOLL_CALLS } from '../syscalls/epoll.ts';
import { demandIoPriority } from '../syscalls/io-priority.ts';
import { MEMORY_AREA_SYSCALLS } from '../syscalls/memory-areas.ts';
import { OPEN_CLOSE_CALLS } from '../syscalls/open-close.ts';
import { PATH_CALLS } from '../syscalls/paths.ts';
import { PIPE_CALLS } from '../syscalls/pipe.ts';
import { importIovecs, READ_WRITE_CALLS } from '../syscalls/read-write.ts';
import { SPLICE_CALLS } from '../syscalls/splice.ts';
import { STAT_CALLS } from '../syscalls/stat.ts';
import { SYNC_CALLS } from '../syscalls/sync.ts';
import type { Syscall } from '../syscalls/syscall.ts';
import { XATTR_CALLS } from '../syscalls/xattr.ts';
import { isWait } from '../wait.ts';
import { demandSlot, intoSlot } from './files.ts';
import { asCall, asTransfer, type Operation } from './operation.ts';
import type { Request, Sqe } from './request.ts';
import { runWithBuffer, selectsBuffer, withBuffer } from './with-buffer.ts';

/** No offset: the file's own position. */
const CURRENT = 2 ** 64;
const NO_OFFSET = 2n ** 64n - 1n;
const IORING_FSYNC_DATASYNC = 1;
const IORING_FIXED_FD_NO_CLOEXEC = 1;
/** RWF_* of reads and writes; those of the vector forms are looked at by the calls. */
const RWF_KNOWN = 0x3f;
const PATH_MAX = 4096;
const AT_FDCWD_FREE: readonly (keyof Sqe)[] = ['buf_index'];

export function rowOf(table: Readonly<Record<number, Syscall>>, number: number): Syscall {
  const row = table[number];
  if (row === undefined) throw new Error(`no system call ${number}`);
  return row;
}

export function signed(value: number): number {
  return value >= 2 ** 63 ? value - 2 ** 64 : value;
}

/**
 * `plain` at the file's position, `positioned` at an offset, for files that have one. Files of `looping` kinds are called
 * once for each piece of memory, so they never hear of no bytes (io_uring/rw.c, loop_rw_iter).
 */
function transfer(plain: Syscall, positioned: Syscall, looping: readonly string[]): Operation {
  const atPosition = asTransfer(plain, (sqe, { fd }) => ({ fd, buf: sqe.addr, count: sqe.len }));
  const atOffset = asTransfer(positioned, (sqe, { fd }) => ({
    fd,
    buf: sqe.addr,
    count: sqe.len,
    offset: signed(sqe.off),
  }));
  return {
    ...atPosition,
    usesPriority: true,
    prepare: demandPriority,
    run: (request) => {
      const { sqe, file } = request;
      if ((sqe.op_flags & ~RWF_KNOWN) !== 0) fail(EOPNOTSUPP, 'unknown RWF_ flag');
      demandNoOffset(request);
      if (sqe.len === 0 && looping.includes(file?.descriptor.kind ?? '')) return 0;
      const isPlain = sqe.off === CURRENT || file?.descriptor.seekable !== true;
      return (isPlain ? atPosition : atOffset).run(request);
    },
  };
}

/** Other than readv and writev, a vector of nothing reaches files without a position, as `plain` does; see `transfer`. */
function vectors(positioned: Syscall, plain: Syscall, looping: readonly string[]): Operation {
  const operation = asTransfer(
    positioned,
    (sqe, { fd, file }) => ({
      fd,
      iov: sqe.addr,
      iovcnt: sqe.len,
      offset: sqe.off === CURRENT || file?.descriptor.seekable !== true ? -1 : signed(sqe.off),
      offset_high: 0,
      flags: sqe.op_flags,
    }),
    { usesPriority: true, prepare: keepVectors },
  );
  return {
    ...operation,
    run: (request) => {
      demandNoOffset(request);
      const { thread, wanted, file, fd } = request;
      const descriptor = file?.descriptor;
      if (wanted.len > 0 || descriptor?.seekable !== false || looping.includes(descriptor.kind))
        return operation.run(request);
      return plain.handler(thread, { fd, buf: 0, count: 0 });
    },
  };
}

/** ESPIPE: of files without a position, sockets do not pass an offset over (net/socket.c, sock_read_iter). */
function demandNoOffset({ sqe, file }: Request): void {
  if (sqe.off !== 0 && sqe.off !== CURRENT && file?.descriptor instanceof SocketDescriptor)
    fail(ESPIPE, 'a socket has no offset');
}

/** `ioprio` is a priority (io_prep_rw). EINVAL, EPERM. */
function demandPriority({ thread, sqe }: Request): void {
  if (sqe.ioprio !== 0) demandIoPriority(thread, sqe.ioprio);
}

/** EFAULT, EINVAL. */
function keepVectors(request: Request): void {
  const { memory, sqe } = request;
  demandPriority(request);
  if (sqe.len <= IOV_MAX) memory.keep(sqe.addr, sqe.len * 16);
  const pieces = importIovecs(memory, sqe.addr, sqe.len);
  request.wanted = { ...sqe, len: pieces.reduce((sum, { length }) => sum + length, 0) };
}

/** The vectors lie in a registered buffer. EFAULT. */
function fixedVectors(operation: Operation): Operation {
  return {
    ...operation,
    run: (request) => {
      const { sqe, ring } = request;
      const buffer = ring.buffers[sqe.buf_index] ?? fail(EFAULT, 'no such registered buffer');
      const count = Math.min(sqe.len, IOV_MAX);
      for (const { base, length } of request.memory.readIovecs(sqe.addr, count))
        if (base < buffer.base || base + length > buffer.base + buffer.length)
          fail(EFAULT, 'not inside the registered buffer');
      return operation.run(request);
    },
  };
}

/** The bytes lie in a registered buffer. EFAULT. */
export function demandRegistered({ sqe, ring }: Request): void {
  const buffer = ring.buffers[sqe.buf_index] ?? fail(EFAULT, 'no such registered buffer');
  const isInside = sqe.addr >= buffer.base && sqe.addr + sqe.len <= buffer.base + buffer.length;
  if (!isInside) fail(EFAULT, 'not inside the registered buffer');
}

function fixed(operation: Operation): Operation {
  return {
    ...operation,
    run: (request) => {
      demandRegistered(request);
      return operation.run(request);
    },
  };
}

/** What makes a descriptor can put the file into a slot of the registered files. */
function opening(syscall: Syscall, args: (sqe: Sqe) => Record<string, number>): Operation {
  return asCall(syscall, false, args, {
    zero: AT_FDCWD_FREE,
    prepare: ({ sqe, memory, usesRegisteredFile }) => {
      if (usesRegisteredFile) fail(EBADF, 'a registered file as directory');
      memory.keepString(sqe.addr, PATH_MAX);
      if (sqe.file_index !== 0 && (sqe.op_flags & O_CLOEXEC) !== 0)
        fail(EINVAL, 'slots are not closed by execve');
    },
    run: (request) => {
      demandSlot(request);
      const answer = syscall.handler(request.thread, args(request.sqe));
      return isWait(answer) ? answer : intoSlot(request, answer);
    },
  });
}

/** Paths, no descriptor. */
function onPath(
  syscall: Syscall,
  args: (sqe: Sqe) => Record<string, number>,
  paths: readonly ('addr' | 'off' | 'addr3')[] = ['addr'],
): Operation {
  return asCall(syscall, false, args, {
    zero: ['buf_index'],
    prepare: ({ usesRegisteredFile, memory, sqe }) => {
      if (usesRegisteredFile) fail(EBADF, 'a registered file as directory');
      for (const field of paths) memory.keepString(sqe[field], PATH_MAX);
    },
  });
}

const CLOSE: Operation = {
  syscall: OPEN_CLOSE_CALLS[57],
  needsFile: false,
  zero: ['off', 'addr', 'len', 'op_flags', 'buf_index'],
  prepare: ({ sqe, usesRegisteredFile }) => {
    if (usesRegisteredFile) fail(EBADF, 'registered files have slots');
    if (sqe.file_index !== 0 && sqe.fd !== 0) fail(EINVAL, 'a slot and a descriptor');
  },
  run: ({ thread, sqe, ring }) => {
    if (sqe.file_index !== 0) return ring.files.close(sqe.file_index - 1);
    if (thread.files.any(sqe.fd).descriptor.kind === 'io_uring') fail(EBADF, 'rings are closed by close(2)');
    ring.releaseLater(thread.files.any(sqe.fd).retain());
    thread.files.close(thread, sqe.fd);
    return 0;
  },
};

/** A registered file becomes a descriptor as well. */
const FIXED_FD_INSTALL: Operation = asCall(OPEN_CLOSE_CALLS[23], true, (_, { fd }) => ({ fildes: fd }), {
  zero: ['off', 'addr', 'len', 'buf_index', 'file_index', 'addr3'],
  prepare: ({ sqe, usesRegisteredFile }) => {
    if (!usesRegisteredFile) fail(EBADF, 'a descriptor already');
    if ((sqe.op_flags & ~IORING_FIXED_FD_NO_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  },
  run: ({ thread, sqe, fd }) => {
    const answer = OPEN_CLOSE_CALLS[23].handler(thread, { fildes: fd }) as number;
    thread.files.setCloseOnExec(answer, sqe.op_flags === 0);
    return answer;
  },
});

/** The file that bytes come from is named in the entry's last field, as a descriptor or as a slot. */
const SPLICE_F_FD_IN_FIXED = 0x8000_0000;
const SPLICE_FLAGS = 0xf;

function demandSpliceFlags({ sqe }: Request): void {
  if ((sqe.op_flags & ~(SPLICE_FLAGS | SPLICE_F_FD_IN_FIXED)) !== 0) fail(EINVAL, 'unknown flags');
}

function spliceInput(request: Request): number {
  const { sqe, thread } = request;
  const fd = request.holdOther(sqe.file_index | 0, (sqe.op_flags & SPLICE_F_FD_IN_FIXED) !== 0);
  thread.files.get(fd); // EBADF, also when nothing is to be moved
  return fd;
}

/** Offsets are the entry's own; the call wants to know where they lie. */
function spliceOffset({ memory }: Request, bits: bigint): number {
  if (bits === NO_OFFSET) return 0;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return memory.reserve(bytes);
}

const SPLICE: Operation = {
  syscall: SPLICE_CALLS[76],
  needsFile: true,
  prepare: (request) => {
    demandSpliceFlags(request);
    const { addrBits, offBits } = request.sqe;
    request.data = { off_in: spliceOffset(request, addrBits), off_out: spliceOffset(request, offBits) };
  },
  run: (request) => {
    const { sqe, fd, thread } = request;
    const offsets = request.data as { off_in: number; off_out: number };
    const files = { fd_in: spliceInput(request), fd_out: fd };
    const flags = sqe.op_flags & SPLICE_FLAGS;
    return SPLICE_CALLS[76].handler(thread, { ...files, ...offsets, len: sqe.len, flags });
  },
  isShort: ({ len }, result) => result !== len,
};

const TEE: Operation = {
  syscall: SPLICE_CALLS[77],
  needsFile: true,
  zero: ['off', 'addr'],
  prepare: demandSpliceFlags,
  run: (request) => {
    const { sqe, fd, thread } = request;
    const fd_in = spliceInput(request);
    const flags = sqe.op_flags & SPLICE_FLAGS;
    return SPLICE_CALLS[77].handler(thread, { fd_in, fd_out: fd, len: sqe.len, flags });
  },
  isShort: ({ len }, result) => result !== len,
};

const LOOPING_READS = ['inotify', 'fanotify'];
const LOOPING_WRITES = ['eventfd'];
const READ = transfer(READ_WRITE_CALLS[63], READ_WRITE_CALLS[67], LOOPING_READS);
const READV = vectors(READ_WRITE_CALLS[286], READ_WRITE_CALLS[63], LOOPING_READS);
const WRITE: Operation = {
  ...transfer(READ_WRITE_CALLS[64], READ_WRITE_CALLS[68], LOOPING_WRITES),
  failsLater: true,
};
const WRITEV: Operation = {
  ...vectors(READ_WRITE_CALLS[287], READ_WRITE_CALLS[64], LOOPING_WRITES),
  failsLater: true,
};

export const FILE_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  NOP: asCall(SYNC_CALLS[81], false, () => ({}), {
    run: ({ sqe }) => ((sqe.op_flags & 1) !== 0 ? sqe.len | 0 : 0),
  }),
  READ: withBuffer(READ, 'consumed'),
  WRITE,
  READV: {
    ...READV,
    selectsBuffer: true,
    prepare: (request) => {
      if (selectsBuffer(request) && request.sqe.len !== 1) fail(EINVAL, 'one vector');
      keepVectors(request);
    },
    run: (request) => {
      if (!selectsBuffer(request)) return READV.run(request);
      const [vector] = request.memory.readIovecs(request.sqe.addr, 1);
      return runWithBuffer(READ, request, 'consumed', vector?.length);
    },
  },
  WRITEV,
  READ_FIXED: fixed(READ),
  WRITE_FIXED: fixed(WRITE),
  READV_FIXED: fixedVectors(READV),
  WRITEV_FIXED: fixedVectors(WRITEV),
  FSYNC: asCall(SYNC_CALLS[82], true, (_, { fd }) => ({ fd }), {
    zero: ['addr', 'buf_index', 'file_index'],
    prepare: ({ sqe }) => {
      if ((sqe.op_flags & ~IORING_FSYNC_DATASYNC) !== 0) fail(EINVAL, 'unknown flags');
    },
  }),
  SYNC_FILE_RANGE: asCall(
    SYNC_CALLS[84],
    true,
    (sqe, { fd }) => ({ fd, offset: signed(sqe.off), nbytes: sqe.len, flags: sqe.op_flags }),
    { zero: ['addr', 'buf_index', 'file_index'] },
  ),
  FALLOCATE: asCall(
    ATTRIBUTE_CALLS[47],
    true,
    (sqe, { fd }) => ({ fd, mode: sqe.len, offset: signed(sqe.off), len: signed(sqe.addr) }),
    { zero: ['buf_index', 'op_flags', 'file_index'] },
  ),
  FTRUNCATE: asCall(ATTRIBUTE_CALLS[46], true, (sqe, { fd }) => ({ fd, length: signed(sqe.off) }), {
    zero: ['op_flags', 'addr', 'len', 'buf_index', 'file_index', 'addr3'],
  }),
  FADVISE: asCall(
    SYNC_CALLS[223],
    true,
    (sqe, { fd }) => ({
      fd,
      offset: signed(sqe.off),
      len: sqe.addr === 0 ? sqe.len : signed(sqe.addr),
      advice: sqe.op_flags,
    }),
    { zero: ['buf_index', 'file_index'] },
  ),
  MADVISE: asCall(
    rowOf(MEMORY_AREA_SYSCALLS, 233),
    false,
    (sqe) => ({ addr: sqe.addr, length: sqe.off === 0 ? sqe.len : sqe.off, advice: sqe.op_flags }),
    { zero: ['buf_index', 'file_index'] },
  ),
  OPENAT: opening(OPEN_CLOSE_CALLS[56], (sqe) => ({
    dfd: sqe.fd,
    filename: sqe.addr,
    flags: sqe.op_flags,
    mode: sqe.len,
  })),
  OPENAT2: opening(OPEN_CLOSE_CALLS[437], (sqe) => ({
    dfd: sqe.fd,
    filename: sqe.addr,
    how: sqe.off,
    usize: sqe.len,
  })),
  CLOSE,
  STATX: asCall(
    STAT_CALLS[291],
    false,
    (sqe) => ({ dfd: sqe.fd, filename: sqe.addr, flags: sqe.op_flags, mask: sqe.len, buffer: sqe.off }),
    {
      zero: ['buf_index', 'file_index'],
      prepare: ({ usesRegisteredFile }) => {
        if (usesRegisteredFile) fail(EBADF, 'a registered file as directory');
      },
    },
  ),
  RENAMEAT: onPath(
    PATH_CALLS[276],
    (sqe) => ({
      olddfd: sqe.fd,
      oldname: sqe.addr,
      newdfd: sqe.len | 0,
      newname: sqe.off,
      flags: sqe.op_flags,
    }),
    ['addr', 'off'],
  ),
  UNLINKAT: onPath(PATH_CALLS[35], (sqe) => ({ dfd: sqe.fd, pathname: sqe.addr, flags: sqe.op_flags })),
  MKDIRAT: onPath(PATH_CALLS[34], (sqe) => ({ dfd: sqe.fd, pathname: sqe.addr, mode: sqe.len })),
  SYMLINKAT: onPath(PATH_CALLS[36], (sqe) => ({ oldname: sqe.addr, newdfd: sqe.fd, newname: sqe.off }), [
    'addr',
    'off',
  ]),
  LINKAT: onPath(
    PATH_CALLS[37],
    (sqe) => ({
      olddfd: sqe.fd,
      oldname: sqe.addr,
      newdfd: sqe.len | 0,
      newname: sqe.off,
      flags: sqe.op_flags,
    }),
    ['addr', 'off'],
  ),
  FSETXATTR: asCall(XATTR_CALLS[7], true, (sqe, { fd }) => ({
    fd,
    name: sqe.addr,
    value: sqe.off,
    size: sqe.len,
    flags: sqe.op_flags,
  })),
  FGETXATTR: asCall(XATTR_CALLS[10], true, (sqe, { fd }) => ({
    fd,
    name: sqe.addr,
    value: sqe.off,
    size: sqe.len,
  })),
  SETXATTR: onPath(
    XATTR_CALLS[5],
    (sqe) => ({
      path: sqe.addr3,
      name: sqe.addr,
      value: sqe.off,
      size: sqe.len,
      flags: sqe.op_flags,
    }),
    ['addr', 'addr3'],
  ),
  GETXATTR: onPath(
    XATTR_CALLS[8],
    (sqe) => ({
      path: sqe.addr3,
      name: sqe.addr,
      value: sqe.off,
      size: sqe.len,
    }),
    ['addr', 'addr3'],
  ),
  EPOLL_CTL: asCall(
    EPOLL_CALLS[21],
    false,
    (sqe) => ({ epfd: sqe.fd, op: sqe.len, fd: signed(sqe.off), event: sqe.addr }),
    {
      zero: ['buf_index', 'file_index'],
      prepare: ({ sqe, memory }) => {
        if (sqe.len !== EPOLL_CTL_DEL) memory.keep(sqe.addr, EpollEvent.size);
      },
    },
  ),
  SPLICE,
  TEE,
  PIPE: asCall(PIPE_CALLS[59], false, (sqe) => ({ fds: sqe.addr, flags: sqe.op_flags }), {
    zero: ['fd', 'off', 'addr3', 'file_index'],
  }),
  FIXED_FD_INSTALL,
};
