// ioctl(2) requests that every socket answers: the owner of SIGIO and SIGURG, network interfaces (sock_ioctl).
// Families call it for what they do not know themselves. FIONBIO, FIOASYNC and FIOCLEX are the ioctl call's own.
import { FIOGETOWN, FIOSETOWN, SIOCGPGRP, SIOCGSKNS, SIOCSPGRP } from '../abi/socket.ts';
import { EPERM, fail } from '../errno.ts';
import { ownerOf, setOwner } from '../file/async-owner.ts';
import type { OpenFile } from '../file/open-file.ts';
import { openNamespace } from '../namespaces/namespace-file.ts';
import { CAP_NET_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { interfaceIoctl } from './interface-ioctls.ts';
import { coreOf } from './socket.ts';

/** The answer, or undefined for another request. EFAULT; ESRCH, EINVAL as F_SETOWN. */
export function socketIoctl(
  thread: Thread,
  file: OpenFile,
  request: number,
  argument: number,
): number | undefined {
  switch (request) {
    case FIOSETOWN:
    case SIOCSPGRP:
      setOwner(thread, file, thread.user.readI32(argument));
      return 0;
    case FIOGETOWN:
    case SIOCGPGRP:
      thread.user.writeU32(argument, ownerOf(thread, file));
      return 0;
    case SIOCGSKNS: {
      const { net } = coreOf(file);
      if (!capableIn(thread.credentials, CAP_NET_ADMIN, net.owner))
        fail(EPERM, 'SIOCGSKNS needs CAP_NET_ADMIN');
      return openNamespace(thread, net);
    }
    default:
      return interfaceIoctl(thread, coreOf(file), request, argument);
  }
}
