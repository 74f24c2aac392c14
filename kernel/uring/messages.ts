// Message headers of an io_uring's operations: those of the program, and those that the kernel writes for handlers of system calls.
import { Msghdr, SOCKADDR_STORAGE_SIZE } from '../abi/socket.ts';
import type { StructValue } from '../abi/struct.ts';
import { IOV_MAX } from '../abi/uio.ts';
import { EINVAL, EMSGSIZE, fail } from '../errno.ts';
import type { KeptMemory } from '../mm/kept-memory.ts';
import type { Iovec } from '../mm/user-memory.ts';
import { importIovecs } from '../syscalls/read-write.ts';
import type { Request } from './request.ts';

const IOVEC_SIZE = 16;

/** As many buffers as one transfer takes (PEEK_MAX_IMPORT). */
export const LARGEST_BUNDLE = 256;

/** The bytes of all pieces. */
export function lengthOf(pieces: readonly Iovec[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Keeps a message's header, its vectors and the name of whom it is sent to; control data are looked at when it is sent.
 * The kept header is what handlers see. EFAULT, EINVAL, EMSGSIZE.
 */
export function keepMessage({ sqe, memory }: Request, isSent: boolean): Uint8Array {
  const header = memory.keep(sqe.addr, Msghdr.size);
  const { msg_name, msg_namelen, msg_iov, msg_iovlen } = Msghdr.decode(header);
  if (isSent && msg_name !== 0 && msg_namelen > 0)
    memory.keep(msg_name, Math.min(msg_namelen, SOCKADDR_STORAGE_SIZE));
  if (msg_name !== 0 && msg_namelen < 0) fail(EINVAL, 'the length of the name is negative');
  if (msg_iovlen > IOV_MAX) fail(EMSGSIZE, 'more than 1024 vectors');
  memory.keep(msg_iov, msg_iovlen * IOVEC_SIZE);
  importIovecs(memory, msg_iov, msg_iovlen);
  return header;
}

interface MessageParts {
  readonly pieces: readonly Iovec[];
  /** Of the name in `name`, or the room for one. */
  readonly nameLength: number;
  readonly control?: Iovec | undefined;
}

/** A msghdr in memory of the kernel's own, with its vectors and room for a name, which is written anew for each try. */
export class MessageHeader {
  readonly address: number;
  /** Where the vectors lie. */
  readonly vectors: number;
  readonly name = new Uint8Array(SOCKADDR_STORAGE_SIZE);
  readonly #header = new Uint8Array(Msghdr.size);
  readonly #vectors: DataView;
  readonly #nameAddress: number;

  constructor(memory: KeptMemory, mostPieces: number) {
    const vectors = new Uint8Array(mostPieces * IOVEC_SIZE);
    this.#vectors = new DataView(vectors.buffer);
    this.address = memory.reserve(this.#header);
    this.vectors = memory.reserve(vectors);
    this.#nameAddress = memory.reserve(this.name);
  }

  write({ pieces, nameLength, control }: MessageParts): void {
    pieces.forEach(({ base, length }, index) => {
      this.#vectors.setBigUint64(index * IOVEC_SIZE, BigInt(base), true);
      this.#vectors.setBigUint64(index * IOVEC_SIZE + 8, BigInt(length), true);
    });
    const header = Msghdr.encode({
      msg_name: nameLength > 0 ? this.#nameAddress : 0,
      msg_namelen: nameLength,
      msg_iov: this.vectors,
      msg_iovlen: pieces.length,
      msg_control: control?.base ?? 0,
      msg_controllen: control?.length ?? 0,
      msg_flags: 0,
    });
    this.#header.set(header);
  }

  /** What the handler made of it. */
  read(): StructValue<typeof Msghdr.fields> {
    return Msghdr.decode(this.#header);
  }
}
