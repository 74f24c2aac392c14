// Structs and requests of seccomp's user notification (include/uapi/linux/seccomp.h).
// kernel/seccomp/ reads and writes them; traces name the requests.
import { b64, bytes, i32, struct, u16, u32 } from './struct.ts';

export const SeccompNotif = struct('seccomp_notif', { id: b64, pid: u32, flags: u32, data: bytes(64) });
export const SeccompNotifResp = struct('seccomp_notif_resp', { id: b64, val: b64, error: i32, flags: u32 });
export const SeccompNotifSizes = struct('seccomp_notif_sizes', {
  seccomp_notif: u16,
  seccomp_notif_resp: u16,
  seccomp_data: u16,
});
export const SeccompNotifAddfd = struct('seccomp_notif_addfd', {
  id: b64,
  flags: u32,
  srcfd: u32,
  newfd: u32,
  newfd_flags: u32,
});

export const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
/** As headers before Linux 5.8 had it. */
export const SECCOMP_IOCTL_NOTIF_ID_VALID_OLD = 0x8008_2102;
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x4018_2103;
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104;
