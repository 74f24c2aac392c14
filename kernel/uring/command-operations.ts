// IORING_OP_URING_CMD: commands of a kind of file, here of sockets (io_uring/uring_cmd.c, cmd_net.c).
import { IORING_SETUP_CQE32, type OperationName } from '../abi/io-uring.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { SIOCOUTQ, SOL_SOCKET } from '../abi/socket.ts';
import { EINVAL, EOPNOTSUPP, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { InetSocket } from '../net/inet/inet-socket.ts';
import { SocketDescriptor } from '../net/socket.ts';
import { IOCTL_CALLS } from '../syscalls/ioctl.ts';
import { SOCKET_CALLS } from '../syscalls/socket.ts';
import { rowOf } from './file-operations.ts';
import type { Operation } from './operation.ts';
import type { Request } from './request.ts';

const IORING_URING_CMD_FIXED = 1;
const IORING_URING_CMD_MULTISHOT = 2;
const SETSOCKOPT = rowOf(SOCKET_CALLS, 208);
const GETSOCKOPT = rowOf(SOCKET_CALLS, 209);

/** Where calls that answer through memory put a number. */
function slotOf({ data }: Request): number {
  return data as number;
}

/** SOCKET_URING_OP_SIOCINQ and SIOCOUTQ, which protocols without ioctls do not have: AF_UNIX, AF_NETLINK, AF_PACKET. */
function countQueued(request: Request, ioctl: number): number {
  const { thread, fd, memory, file } = request;
  const { descriptor } = file as OpenFile;
  if (!(descriptor instanceof SocketDescriptor) || !(descriptor.core instanceof InetSocket))
    fail(EOPNOTSUPP, 'the protocol has no ioctls');
  const slot = slotOf(request);
  IOCTL_CALLS[29].handler(thread, { fd, request: ioctl, arg: slot });
  return memory.readI32(slot);
}

/** The level and the option's number share the field of the address; the length is in `file_index`. */
function optionOf({ sqe, fd }: Request): Record<'fd' | 'level' | 'optname' | 'optval', number> {
  const { addrBits } = sqe;
  return {
    fd,
    level: Number(BigInt.asIntN(32, addrBits)),
    optname: Number(BigInt.asIntN(32, addrBits >> 32n)),
    optval: sqe.addr3,
  };
}

/** SOCKET_URING_OP_GETSOCKOPT: the result is the length. */
function getOption(request: Request): number {
  const option = optionOf(request);
  if (option.level !== SOL_SOCKET) fail(EOPNOTSUPP, 'only options of sockets as such');
  const slot = slotOf(request);
  request.memory.writeU32(slot, request.sqe.file_index);
  GETSOCKOPT.handler(request.thread, { ...option, optlen: slot });
  return request.memory.readI32(slot);
}

function setOption(request: Request): number {
  SETSOCKOPT.handler(request.thread, { ...optionOf(request), optlen: request.sqe.file_index | 0 });
  return 0;
}

/** SOCKET_URING_OP_TX_TIMESTAMP, whose results fill completions of 32 bytes; it is missing there. */
function awaitTimestamps({ ring }: Request): never {
  const isSmall = (ring.shape.flags & IORING_SETUP_CQE32) === 0;
  return isSmall ? fail(EINVAL, 'completions of 16 bytes') : fail(EOPNOTSUPP, 'timestamps of what was sent');
}

/** By cmd_op. */
const SOCKET_COMMANDS: readonly ((request: Request) => number)[] = [
  (request) => countQueued(request, FIONREAD),
  (request) => countQueued(request, SIOCOUTQ),
  getOption,
  setOption,
  awaitTimestamps,
];

const URING_CMD: Operation = {
  syscall: IOCTL_CALLS[29],
  needsFile: true,
  prepare: (request) => {
    const { sqe, memory } = request;
    if (sqe.offBits >> 32n !== 0n) fail(EINVAL, 'padding that is not 0');
    if ((sqe.op_flags & ~(IORING_URING_CMD_FIXED | IORING_URING_CMD_MULTISHOT)) !== 0)
      fail(EINVAL, 'unknown flags');
    request.data = memory.reserve(new Uint8Array(4));
  },
  run: (request) => {
    const descriptor = request.file?.descriptor;
    if (descriptor?.kind === 'null') return 0; // drivers/char/mem.c, uring_cmd_null
    if (!(descriptor instanceof SocketDescriptor)) fail(EOPNOTSUPP, 'the file has no commands');
    const command = SOCKET_COMMANDS[Number(request.sqe.offBits)];
    return command === undefined ? fail(EOPNOTSUPP, 'no such command') : command(request);
  },
};

export const COMMAND_OPERATIONS: Partial<Record<OperationName, Operation>> = { URING_CMD };
