// epoll's flags and struct (epoll_ctl(2); include/uapi/linux/eventpoll.h).
// Used by kernel/poll and by traces. On riscv64 struct epoll_event is not packed: 16 bytes.
import { b64, struct, u8, u16, u32 } from './struct.ts';

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

export const EPOLLEXCLUSIVE = 0x1000_0000;
export const EPOLLWAKEUP = 0x2000_0000;
export const EPOLLONESHOT = 0x4000_0000;
export const EPOLLET = 0x8000_0000;
export const EPOLL_CLOEXEC = 0o2000000;

export const EpollEvent = struct('epoll_event', { events: u32, data: b64 });

/** What EPIOCSPARAMS sets (linux/eventpoll.h). */
export const EpollParams = struct('epoll_params', {
  busy_poll_usecs: u32,
  busy_poll_budget: u16,
  prefer_busy_poll: u8,
  __pad: u8,
});
