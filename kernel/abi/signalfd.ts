// struct signalfd_siginfo (signalfd(2)): what a signalfd is read as.
import { b64, bytes, i32, struct, u16, u32, u64 } from './struct.ts';

export const SignalfdSiginfo = struct('signalfd_siginfo', {
  signo: u32,
  errno: i32,
  code: i32,
  pid: u32,
  uid: u32,
  fd: i32,
  tid: u32,
  band: u32,
  overrun: u32,
  trapno: u32,
  status: i32,
  int: i32,
  ptr: b64,
  utime: u64,
  stime: u64,
  addr: b64,
  addr_lsb: u16,
  pad2: u16,
  syscall: i32,
  call_addr: u64,
  arch: u32,
  pad: bytes(28),
});
