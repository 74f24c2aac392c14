// Ancillary data of unix messages: from control messages to what a queue carries, and back (net/core/scm.c).
// send.ts collects it once per try, receive puts it out after the bytes are copied.
// Order on receive: SCM_CREDENTIALS, SCM_RIGHTS, SCM_PIDFD, SCM_INQ, as Linux writes them.
import {
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  SCM_CREDENTIALS,
  SCM_INQ,
  SCM_PIDFD,
  SCM_RIGHTS,
  SOL_SOCKET,
  Ucred,
} from '../../abi/socket.ts';
import { bytesOf, i32 } from '../../abi/struct.ts';
import { EINVAL, fail, isFailure } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { openPidFd } from '../../task/pid-fd.ts';
import type { Thread } from '../../task/thread.ts';
import { eachControlMessage } from '../control-messages.ts';
import type { Incoming, Outgoing } from '../socket.ts';
import {
  type ClaimedCredentials,
  checkClaim,
  encodeUcred,
  type SenderCredentials,
  senderCredentialsOf,
  UNKNOWN_SENDER,
} from './credentials.ts';
import type { Message } from './message-queue.ts';
import { collectRights, type Rights } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** What a sendmsg call carries besides bytes. No references are held. */
export interface Ancillary {
  readonly files: readonly OpenFile[];
  /** Given by hand; otherwise the kernel fills them in when either side asked. */
  readonly credentials: SenderCredentials | undefined;
}

/** What most messages bring along. */
export const NO_ANCILLARY: Ancillary = { files: [], credentials: undefined };

/** EINVAL for a malformed header or an unknown type; EBADF, EPERM, ESRCH as the parts say (__scm_send). */
export function collectAncillary(thread: Thread, message: Outgoing): Ancillary {
  if (message.control === undefined) return NO_ANCILLARY;
  const files: OpenFile[] = [];
  let credentials: SenderCredentials | undefined;
  eachControlMessage(message.control, ({ level, type, data }) => {
    if (level !== SOL_SOCKET) return;
    switch (type) {
      case SCM_RIGHTS:
        collectRights(thread, data, files);
        break;
      case SCM_CREDENTIALS:
        if (data.length !== Ucred.size) fail(EINVAL, 'SCM_CREDENTIALS carries one struct ucred');
        credentials = checkClaim(thread, Ucred.decode(data));
        break;
      default:
        fail(EINVAL, 'only SCM_RIGHTS and SCM_CREDENTIALS can be sent');
    }
  });
  return { files, credentials };
}

/** Someone wants to see who sends: then an unbound sender gets a name and messages get credentials. */
export function passesCredentials(socket: UnixSocket): boolean {
  return socket.settings.passCredentials || socket.settings.passPidfd;
}

/** The credentials a message carries: those sent by hand, or the caller's if an end asked (unix_maybe_add_creds). */
export function messageCredentials(
  thread: Thread,
  sender: UnixSocket,
  receiver: UnixSocket,
  ancillary: Ancillary,
): SenderCredentials | undefined {
  if (ancillary.credentials !== undefined) return ancillary.credentials;
  // A connection nobody accepted yet may still be asked for credentials, so they are kept.
  if (passesCredentials(sender) || passesCredentials(receiver) || receiver.file === undefined) {
    return senderCredentialsOf(thread);
  }
  return undefined;
}

/** What came with received bytes. */
export interface Received {
  /** Undefined when no message was read, 'unknown' for one that was sent when nobody asked who sends. */
  credentials: SenderCredentials | 'unknown' | undefined;
  /** Detached from the queue or copied by a peek; either way its references are the reader's. */
  rights: Rights | undefined;
}

/** Takes a message's rights for the reader; a peek copies them (unix_detach_fds, unix_peek_fds). */
export function receiveRights(
  socket: UnixSocket,
  message: Message,
  received: Received,
  isPeek: boolean,
): void {
  const { rights } = message;
  if (rights === undefined) return;
  if (isPeek) {
    for (const file of rights.files) file.retain();
  } else {
    socket.queue.takeRights(message);
    socket.kernel.net.inFlight.detach(rights, socket);
  }
  received.rights = rights;
}

/** The reader is done with rights; what was installed has references of its own. */
export function releaseReceived(socket: UnixSocket, rights: Rights): void {
  socket.kernel.net.inFlight.release(rights);
}

/** Puts the ancillary data into the receiver's control buffer (scm_recv_unix). The caller releases the rights. */
export function deliverAncillary(
  thread: Thread,
  socket: UnixSocket,
  message: Incoming,
  received: Received,
): void {
  const { control } = message;
  const { settings } = socket;
  if (control === undefined) {
    const isLost = settings.passCredentials || settings.passPidfd || settings.passSecurity;
    if (isLost || received.rights !== undefined) message.outFlags |= MSG_CTRUNC;
    return;
  }
  if (settings.passCredentials) {
    control.put(SOL_SOCKET, SCM_CREDENTIALS, encodeUcred(thread, claimOf(received)));
  }
  if (received.rights !== undefined) {
    control.putDescriptors(received.rights.files, (message.flags & MSG_CMSG_CLOEXEC) !== 0);
  }
  if (settings.passPidfd) putPidFd(thread, message, received);
  message.outFlags |= control.flags;
}

function claimOf({ credentials }: Received): ClaimedCredentials {
  if (credentials === undefined) return { pid: 0, uid: 0, gid: 0 }; // end of file: Linux hands out zeros
  return credentials === 'unknown' ? UNKNOWN_SENDER : credentials;
}

/**
 * SCM_PIDFD is all or nothing: a cut one would lose its descriptor, and so would one that cannot be stored. Where no
 * descriptor can be made its place holds the negative errno (scm_pidfd_recv).
 */
function putPidFd(thread: Thread, message: Incoming, received: Received): void {
  const { control } = message;
  const { credentials: sender } = received;
  if (control === undefined) return;
  if (control.left < 20) {
    message.outFlags |= MSG_CTRUNC;
    return;
  }
  if (sender === undefined || sender === 'unknown') return;
  const fd = pidFdOrError(thread, sender);
  const { used } = control;
  control.put(SOL_SOCKET, SCM_PIDFD, bytesOf(i32, fd));
  if (control.used === used && fd >= 0) thread.files.close(thread, fd);
}

function pidFdOrError(caller: Thread, { process, thread }: SenderCredentials): number {
  try {
    return openPidFd(caller, process, thread, 0);
  } catch (thrown) {
    if (isFailure(thrown)) return -thrown.errno;
    throw thrown;
  }
}

/** SO_INQ: how many bytes are still queued. */
export function deliverQueued(socket: UnixSocket, message: Incoming): void {
  const { control } = message;
  if (!socket.settings.reportQueued) return;
  if (control === undefined) {
    message.outFlags |= MSG_CTRUNC;
    return;
  }
  control.put(SOL_SOCKET, SCM_INQ, bytesOf(i32, socket.queue.reportedCount));
  message.outFlags |= control.flags;
}
