// What the rest of the kernel asks of Landlock about a thread that is in a domain, by kernel/late.ts.
import { FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIOQSIZE } from '../abi/ioctl.ts';
import { LANDLOCK_ACCESS_FS } from '../abi/landlock.ts';
import { EACCES, fail } from '../errno.ts';
import { PATH_HOOKS } from './paths.ts';

/** Those whose answer does not depend on the file behind the device (is_masked_device_ioctl). */
const HARMLESS_IOCTLS: ReadonlySet<number> = new Set([
  FIONCLEX,
  FIOCLEX,
  FIONBIO,
  FIOASYNC,
  FIOQSIZE,
  0xc004_5877, // FIFREEZE
  0xc004_5878, // FITHAW
  0xc020_660b, // FS_IOC_FIEMAP
  FIGETBSZ,
  0x4004_9409, // FICLONE
  0x4020_940d, // FICLONERANGE
  0xc018_9436, // FIDEDUPERANGE
  0x8011_1500, // FS_IOC_GETFSUUID
  0x8081_1501, // FS_IOC_GETFSSYSFSPATH
]);

/** ioctl of a device that was opened without the right to them: EACCES. */
function demandIoctl(deniedAccess: number, request: number): void {
  if ((deniedAccess & LANDLOCK_ACCESS_FS.IOCTL_DEV) !== 0 && !HARMLESS_IOCTLS.has(request >>> 0))
    fail(EACCES, 'Landlock denies ioctls of this device');
}

/** ftruncate, and open with O_TRUNC: EACCES. */
function demandResize(deniedAccess: number): void {
  if ((deniedAccess & LANDLOCK_ACCESS_FS.TRUNCATE) !== 0) fail(EACCES, 'Landlock denies the truncation');
}

export const LANDLOCK = {
  ...PATH_HOOKS,
  demandIoctl,
  demandResize,
} as const;
