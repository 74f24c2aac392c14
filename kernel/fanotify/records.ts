// What an event of a group that reports handles says of files (fs/notify/fanotify/fanotify_user.c, copy_info_records_to_user):
// the directory with a name, where it is now, and the file itself, each as a record with file system and handle.
import { concat } from '../abi/concat.ts';
import {
  DIRENT_EVENTS,
  FAN_EVENT_INFO_TYPE_DFID,
  FAN_EVENT_INFO_TYPE_DFID_NAME,
  FAN_EVENT_INFO_TYPE_FID,
  FAN_EVENT_INFO_TYPE_NEW_DFID_NAME,
  FAN_EVENT_INFO_TYPE_OLD_DFID_NAME,
  FAN_ONDIR,
  FAN_RENAME,
  FAN_REPORT_DIR_FID,
  FAN_REPORT_FID,
  FAN_REPORT_NAME,
  FAN_REPORT_TARGET_FID,
  FanotifyEventInfoHeader,
  FID_BITS,
} from '../abi/fanotify.ts';
import { type EncodedHandle, encodeHandle } from '../fs/handles.ts';
import type { Inode } from '../fs/inode.ts';
import type { Happening } from '../fs/notify.ts';
import type { Dentry } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { textToBytes } from '../mm/user-memory.ts';

/** Header, __kernel_fsid_t, and the two fields of a struct file_handle. */
const FID_RECORD_SIZE = 20;
const ALIGNMENT = 4;

interface Place {
  readonly inode: Inode;
  readonly dentry: Dentry | undefined;
}

/** A place as it is told: its file system, its handle, and a name in it. */
interface Told {
  readonly dev: number;
  readonly handle: EncodedHandle;
  readonly name: string | undefined;
}

/** What an event tells of files. What it is called depends on what it has been merged with until it is read. */
export interface Report {
  readonly directory: Told | undefined;
  readonly target: Told | undefined;
  readonly object: Told | undefined;
}

/** What a group of these flags is told of a happening; `roles` are the marks that wanted a rename. */
export function makeReport(
  kernel: Kernel,
  flags: number,
  happening: Happening,
  mask: number,
  roles: ReadonlySet<string>,
): Report {
  const { directory, name, target, object } = placesOf(flags & FID_BITS, happening, mask, roles);
  const told = (place: Place | undefined, named?: string): Told | undefined =>
    place && {
      dev: place.inode.fs.dev,
      handle: encodeHandle(kernel, place.inode, place.dentry),
      name: named,
    };
  return {
    directory: told(directory, name),
    target: told(target?.place, target?.name),
    object: told(object),
  };
}

export function isSameReport(a: Report, b: Report): boolean {
  return isSame(a.directory, b.directory) && isSame(a.target, b.target) && isSame(a.object, b.object);
}

function isSame(a: Told | undefined, b: Told | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.dev !== b.dev || a.name !== b.name || a.handle.type !== b.handle.type) return false;
  return a.handle.bytes.every((byte, index) => byte === b.handle.bytes[index]);
}

/** The records, in their order. */
export function encodeReport({ directory, target, object }: Report, flags: number, mask: number): Uint8Array {
  const parts: Uint8Array[] = [];
  if (directory !== undefined) {
    const named = directory.name === undefined ? FAN_EVENT_INFO_TYPE_DFID : FAN_EVENT_INFO_TYPE_DFID_NAME;
    parts.push(record((mask & FAN_RENAME) === 0 ? named : FAN_EVENT_INFO_TYPE_OLD_DFID_NAME, directory));
  }
  if (target !== undefined) parts.push(record(FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, target));
  if (object !== undefined) parts.push(objectRecord(flags, mask, object, parts.length > 0));
  return concat(parts);
}

interface ToldPlaces {
  readonly directory: Place | undefined;
  readonly name: string | undefined;
  readonly target: { readonly place: Place; readonly name: string } | undefined;
  readonly object: Place | undefined;
}

/** Which of the places are told (fanotify_alloc_event). */
function placesOf(
  fidMode: number,
  happening: Happening,
  mask: number,
  roles: ReadonlySet<string>,
): ToldPlaces {
  const { inode, dentry, moved } = happening;
  const isEntryEvent = (mask & DIRENT_EVENTS) !== 0;
  const parent = happening.directory && { inode: happening.directory.inode, dentry: happening.directory };
  const isSelf = !isEntryEvent && inode.isDirectory;
  const self: Place = { inode, dentry };
  const object = isEntryEvent && (fidMode & FAN_REPORT_TARGET_FID) === 0 ? (parent ?? self) : self;
  const around = isSelf ? self : parent;
  const none = { directory: undefined, name: undefined, target: undefined };
  if ((fidMode & FAN_REPORT_DIR_FID) === 0 || around === undefined) return { ...none, object };
  const reportsChild = isEntryEvent
    ? (fidMode & FAN_REPORT_TARGET_FID) !== 0
    : (fidMode & FAN_REPORT_FID) !== 0 && (mask & FAN_ONDIR) === 0;
  const child = reportsChild && object.inode !== around.inode ? object : undefined;
  const isNamed = (fidMode & FAN_REPORT_NAME) !== 0 && (isEntryEvent || (mask & FAN_ONDIR) === 0);
  if (!isNamed && child === undefined) return { ...none, object: around };
  const name = isNamed ? happening.name : undefined;
  if ((mask & FAN_RENAME) === 0 || moved === undefined)
    return { directory: around, name, target: undefined, object: child };
  const place = { inode: moved.directory.inode, dentry: moved.directory };
  const hasOld = roles.has('fs') || roles.has('inode');
  const hasNew = roles.has('fs') || roles.has('target');
  return {
    directory: hasOld ? around : undefined,
    name: hasOld ? name : undefined,
    target: hasNew ? { place, name: moved.name } : undefined,
    object: child,
  };
}

function objectRecord(flags: number, mask: number, object: Told, isSecond: boolean): Uint8Array {
  if (isSecond || (flags & FID_BITS) === FAN_REPORT_FID) return record(FAN_EVENT_INFO_TYPE_FID, object);
  const isDirectory = (mask & FAN_ONDIR) !== 0;
  if ((flags & FAN_REPORT_NAME) !== 0 && isDirectory)
    return record(FAN_EVENT_INFO_TYPE_DFID_NAME, { ...object, name: '.' });
  const isAround = isDirectory || (mask & DIRENT_EVENTS) !== 0;
  return record(isAround ? FAN_EVENT_INFO_TYPE_DFID : FAN_EVENT_INFO_TYPE_FID, object);
}

function record(type: number, { dev, handle, name }: Told): Uint8Array {
  const nameSize = name === undefined ? 0 : name.length + 1;
  const used = FID_RECORD_SIZE + handle.bytes.length + nameSize;
  const bytes = new Uint8Array(Math.ceil(used / ALIGNMENT) * ALIGNMENT);
  bytes.set(FanotifyEventInfoHeader.encode({ info_type: type, pad: 0, len: bytes.length }));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, dev, true);
  view.setUint32(12, handle.bytes.length, true);
  view.setInt32(16, handle.type, true);
  bytes.set(handle.bytes, FID_RECORD_SIZE);
  if (name !== undefined) bytes.set(textToBytes(name), FID_RECORD_SIZE + handle.bytes.length);
  return bytes;
}
