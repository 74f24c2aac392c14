// How a path of the host is written: as a person types it, as the kernel takes it, and where the guest sees it.
// Options and guest.ts turn the one into the other; node-files.ts gives the kernel's form to node:fs.
// On Windows, C:\dir\file is C:/dir/file for the kernel, and the guest finds it at /mnt/c/dir/file, as WSL shows drives.

import fs from 'node:fs';

export const IS_WINDOWS = process.platform === 'win32';
const DRIVE = /^([A-Za-z]):/;

/** Bytes that are no UTF-8, as launch.cjs has them; halves of whole pairs are none. */
const OTHER_BYTES = /([\udc80-\udcff])/u;

/** What a person typed, or Node gave, as the kernel's byte string: one code unit a byte of UTF-8. */
export function byteString(text: string): string {
  if (!OTHER_BYTES.test(text)) return Buffer.from(text, 'utf8').toString('latin1');
  const parts = text.split(OTHER_BYTES);
  return parts
    .map((part, at) =>
      at % 2 === 1
        ? String.fromCharCode(part.charCodeAt(0) - 0xdc00)
        : Buffer.from(part, 'utf8').toString('latin1'),
    )
    .join('');
}

/** The current directory, in the kernel's form. Node has U+FFFD for bytes that are no UTF-8. */
export function currentHostDirectory(): string {
  const known = process.cwd();
  if (process.platform !== 'linux' || !known.includes('\ufffd')) return hostPath(known);
  return fs.readlinkSync('/proc/self/cwd', 'latin1');
}

/** A host path in bytes, as Node gives it for encoding latin1, with / between names. */
export function slashed(bytes: string, isWindows = IS_WINDOWS): string {
  return isWindows ? bytes.replaceAll('\\', '/') : bytes;
}

/** A host path as the kernel's byte string, with / between names. */
export function hostPath(path: string, isWindows = IS_WINDOWS): string {
  return slashed(byteString(path), isWindows);
}

/** The same, absolute and without a / at its end. */
export function absoluteHost(path: string): string {
  if (IS_WINDOWS) return hostPath(process.getBuiltinModule('node:path').resolve(path));
  const bytes = hostPath(path);
  const absolute = bytes.startsWith('/') ? bytes : `${currentHostDirectory()}/${bytes}`;
  return absolute.replace(/(?!^)\/+$/, '');
}

/** Where the guest sees an absolute host path that is shown where it lies. A drive is below /mnt, a share below /mnt/unc. */
export function guestPlace(host: string, isWindows = IS_WINDOWS): string {
  if (!isWindows) return host;
  const isShare = host.startsWith('//');
  const place = host.replace(DRIVE, (_, letter: string) => `/mnt/${letter.toLowerCase()}`);
  return (isShare ? `/mnt/unc${place.slice(1)}` : place).replace(/(?!^)\/+$/, '');
}

/** HOST:GUEST[:rw], GUEST beginning with /, as --mount has it; undefined when it is none. */
export function splitMount(
  text: string,
  isWindows = IS_WINDOWS,
): { readonly host: string; readonly guest: string; readonly isWritable: boolean } | undefined {
  const drive = isWindows ? (DRIVE.exec(text)?.[0] ?? '') : '';
  const match = /^(.+?):(\/.*?)(?::(rw|ro))?$/.exec(text.slice(drive.length));
  if (match === null) return undefined;
  const [, host = '', guest = '', mode] = match;
  return { host: drive + host, guest, isWritable: mode === 'rw' };
}
