// Poll events (poll(2), epoll_ctl(2); asm-generic/poll.h).
// poll() of every kind of file answers with them; wait queues are woken with them.
import { i16, i32, struct } from './struct.ts';

export const Pollfd = struct('pollfd', { fd: i32, events: i16, revents: i16 });

export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
export const POLLRDNORM = 0x040;
export const POLLRDBAND = 0x080;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLRDHUP = 0x2000;

/** There is something to read. */
export const READ_EVENTS = POLLIN | POLLRDNORM;
/** There is room to write. */
export const WRITE_EVENTS = POLLOUT | POLLWRNORM;
/** The same of a socket (sock_def_write_space). */
export const SOCKET_WRITE_EVENTS = WRITE_EVENTS | POLLWRBAND;
/** What a terminal says that was hung up (hung_up_tty_poll). */
export const HUNG_UP_EVENTS = READ_EVENTS | WRITE_EVENTS | POLLERR | POLLHUP;
