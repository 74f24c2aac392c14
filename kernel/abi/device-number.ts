// Device numbers: a major and a minor in one word. stat, devices and terminals make them, traces take them apart.

// include/uapi/linux/major.h; the terminals' are UNIX98_PTY_MASTER_MAJOR and UNIX98_PTY_SLAVE_MAJOR.
export const MISC_MAJOR = 10;
export const PTM_MAJOR = 128;
export const PTS_MAJOR = 136;

/** Device number as st_rdev and dev_t have it (include/linux/kdev_t.h, new_encode_dev). */
export function makeDev(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}

export function majorOf(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

export function minorOf(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}
