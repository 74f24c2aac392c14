// Names that the kernel has as strings of bytes, for people: text where they are UTF-8, octal numbers for other bytes.
// The prompt, `info wait` and the lines of a standstill show descriptors and paths with it.
// What comes out is text, never bytes: it is not to be used as a path.
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { describeFile } from '../trace/describe-fd.ts';

/** Characters of UTF-8 as bytes, but control characters, and any other byte. */
const CHARACTERS =
  /([ -~]+|[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2})|[\s\S]/g;

/** `bytes`: one code unit a byte. */
export function readable(bytes: string): string {
  if (/^[ -~]*$/.test(bytes)) return bytes;
  return bytes.replace(CHARACTERS, (all, character: string | undefined) =>
    character === undefined
      ? `\\${all.charCodeAt(0).toString(8).padStart(3, '0')}`
      : new TextDecoder().decode(Uint8Array.from(character, (each) => each.charCodeAt(0))),
  );
}

/** What an open file is: its path, the ends of a socket. */
export function shownFile(thread: Thread, file: OpenFile): string {
  return readable(describeFile(thread, file, 2));
}
