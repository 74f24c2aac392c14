// Control messages (cmsg(3)): taken apart on send, put together on receive.
// Socket families call it from sendmsg and recvmsg; the header layout is in abi/socket.ts.
// What does not fit the receiver's buffer is cut and MSG_CTRUNC says so (put_cmsg, net/core/scm.c).
import {
  Cmsghdr,
  cmsgAlign,
  cmsgLength,
  cmsgSpace,
  MSG_CTRUNC,
  SCM_RIGHTS,
  SOL_SOCKET,
} from '../abi/socket.ts';
import type { Value } from '../abi/struct.ts';
import { EINVAL, fail, isFailure } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';

export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** Headers are read here: a view of each control buffer would cost more than all else that is done with it. */
const HEADER = new Uint8Array(Cmsghdr.size);
const HEADER_VIEW = new DataView(HEADER.buffer);

/**
 * Takes msg_control apart. Each message is acted upon before the next header is read, so the first mistake of either sort
 * is what fails. EINVAL: a header whose length is below its own size or beyond the buffer.
 */
export function eachControlMessage(control: Uint8Array, visit: (message: ControlMessage) => void): void {
  for (let at = 0; at + Cmsghdr.size <= control.length; ) {
    for (let i = 0; i < Cmsghdr.size; i++) HEADER[i] = control[at + i] as number;
    const header = Cmsghdr.read(HEADER_VIEW, 0);
    if (header.cmsg_len < Cmsghdr.size || header.cmsg_len > control.length - at) {
      fail(EINVAL, 'a control message reaches beyond the control buffer');
    }
    const data = control.slice(at + Cmsghdr.size, at + header.cmsg_len);
    visit({ level: header.cmsg_level, type: header.cmsg_type, data });
    at += cmsgAlign(header.cmsg_len);
  }
}

/** The receiver's msg_control buffer while it is filled. */
export class ControlWriter {
  readonly #thread: Thread;
  readonly #start: number;
  #at: number;
  #left: number;
  /** MSG_CTRUNC once something did not fit. */
  flags = 0;

  constructor(thread: Thread, address: number, length: number) {
    this.#thread = thread;
    this.#start = address;
    this.#at = address;
    this.#left = length;
  }

  /** What msg_controllen becomes. */
  get used(): number {
    return this.#at - this.#start;
  }

  get left(): number {
    return this.#left;
  }

  /** Adds a message, cut to what fits. A fault loses it and nothing else. */
  put(level: number, type: number, data: Uint8Array): void {
    if (this.#left < Cmsghdr.size) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    let length = cmsgLength(data.length);
    if (this.#left < length) {
      this.flags |= MSG_CTRUNC;
      length = this.#left;
    }
    const bytes = new Uint8Array(length);
    bytes.set(Cmsghdr.encode({ cmsg_len: length, cmsg_level: level, cmsg_type: type }));
    bytes.set(data.subarray(0, length - Cmsghdr.size), Cmsghdr.size);
    if (!this.#store(this.#at, bytes)) return;
    this.#advance(cmsgSpace(data.length));
  }

  /**
   * Installs descriptors and adds SCM_RIGHTS with those that fit the buffer and RLIMIT_NOFILE; each slot holds a
   * reference of its own. The rest is not installed, and MSG_CTRUNC is set (scm_detach_fds).
   */
  putDescriptors(files: readonly OpenFile[], closeOnExec: boolean): void {
    const room = this.#left <= Cmsghdr.size ? 0 : Math.floor((this.#left - Cmsghdr.size) / 4);
    const most = Math.min(room, files.length);
    let done = 0;
    while (
      done < most &&
      this.#installOne(files[done] as OpenFile, this.#at + Cmsghdr.size + done * 4, closeOnExec)
    ) {
      done++;
    }
    if (done > 0) {
      const header = { cmsg_len: cmsgLength(done * 4), cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS };
      if (this.#storeHeader(header)) this.#advance(cmsgSpace(done * 4));
    }
    if (done < files.length) this.flags |= MSG_CTRUNC;
  }

  #installOne(file: OpenFile, address: number, closeOnExec: boolean): boolean {
    const { files, process, user } = this.#thread;
    // The number is written before the slot is filled, so that a fault leaves no descriptor nobody knows of.
    if (user.accessible(address, 4, true) < 4) return false;
    try {
      const fd = files.install(file, process.limits.get(RLIMIT_NOFILE).soft, closeOnExec);
      file.retain();
      user.writeU32(address, fd);
      return true;
    } catch (thrown) {
      if (isFailure(thrown)) return false;
      throw thrown;
    }
  }

  #storeHeader(header: Value<typeof Cmsghdr>): boolean {
    const { user } = this.#thread;
    if (user.accessible(this.#at, Cmsghdr.size, true) < Cmsghdr.size) return false;
    user.writeStruct(this.#at, Cmsghdr, header);
    return true;
  }

  #store(address: number, bytes: Uint8Array): boolean {
    try {
      this.#thread.user.write(address, bytes);
      return true;
    } catch (thrown) {
      if (isFailure(thrown)) return false;
      throw thrown;
    }
  }

  #advance(space: number): void {
    const step = Math.min(space, this.#left);
    this.#at += step;
    this.#left -= step;
  }
}
