// What a recorder kept of a host's files, a replay's host gives again, read for read: also of files that change.
import { expect, it } from 'vitest';
import type { Host, HostError, HostFile, HostFiles, HostStat } from '../../kernel/host.ts';
import { Recorder } from './recorder.ts';
import { ReplayHost } from './replay-host.ts';

const S_IFREG = 0o100000;
const EIO = 5;

/** A host with files whose contents the test changes; what is undefined cannot be read. */
function fakeHost(files: Record<string, string | undefined>, sizes: Record<string, number> = {}): Host {
  const stat = (path: string): HostStat => {
    const size = sizes[path] ?? files[path]?.length ?? 0;
    const times = { atimeNs: 1n, mtimeNs: 2n, ctimeNs: 3n };
    return { mode: S_IFREG | 0o644, uid: 0, gid: 0, size, ino: 1, dev: 1, nlink: 1, rdev: 0, ...times };
  };
  const open = (path: string): HostFile => ({
    read: (into, position) => {
      const content = files[path];
      if (content === undefined) throw { hostErrno: EIO, message: 'no longer' } satisfies HostError;
      const piece = Buffer.from(content, 'latin1').subarray(position, position + into.length);
      into.set(piece);
      return piece.length;
    },
    stat: () => stat(path),
    write: (bytes) => bytes.length,
    truncate: () => {},
    sync: () => {},
    close: () => {},
  });
  return {
    monotonicNs: () => 0,
    realtimeNs: () => 0n,
    random: () => {},
    files: { lstat: stat, open } as unknown as HostFiles,
    terminal: undefined,
    warn: () => {},
  };
}

/** What a program sees that makes these steps on `host`. */
function go(
  host: Host,
  steps: (open: (path: string) => HostFile, read: (file: HostFile) => void) => void,
): string[] {
  const seen: string[] = [];
  const { files } = host;
  if (files === undefined) throw new Error('no files');
  steps(
    (path) => files.open(path, false),
    (file) => {
      const into = new Uint8Array(8);
      try {
        seen.push(
          `${Buffer.from(into.subarray(0, file.read(into, 0))).toString('latin1')} of ${file.stat().size}`,
        );
      } catch (error) {
        seen.push(`errno ${(error as HostError).hostErrno}`);
      }
    },
  );
  return seen;
}

function replayHost(recorder: Recorder): ReplayHost {
  const settings = { root: undefined, memory: undefined, maxProcesses: undefined, seed: undefined };
  const recording = recorder.finish({ ...settings, virtualTime: false, quantum: undefined }, 0);
  return new ReplayHost(
    recording,
    () => {},
    () => {},
  );
}

it('a file that changes between two reads, and fails at the last, is read as it was each time', () => {
  const files: Record<string, string | undefined> = { '/log': 'one' };
  const recorder = new Recorder();
  const seen = go(recorder.host(fakeHost(files)), (open, read) => {
    const file = open('/log');
    read(file);
    read(file);
    files['/log'] = 'one two';
    read(file);
    files['/log'] = 'one';
    read(open('/log'));
    files['/log'] = undefined;
    read(file);
  });
  expect(seen).toEqual(['one of 3', 'one of 3', 'one two of 7', 'one of 3', 'errno 5']);
  const again = go(replayHost(recorder), (open, read) => {
    const file = open('/log');
    read(file);
    read(file);
    read(file);
    read(open('/log'));
    read(file);
  });
  expect(again).toEqual(seen);
});

it('a file of the host that says it is empty and is not, as in /proc, is read as it was', () => {
  const recorder = new Recorder();
  const steps: Parameters<typeof go>[1] = (open, read) => read(open('/proc/x'));
  const seen = go(recorder.host(fakeHost({ '/proc/x': '42' }, { '/proc/x': 0 })), steps);
  expect(seen).toEqual(['42 of 0']);
  expect(go(replayHost(recorder), steps)).toEqual(seen);
});

it('what a debugger opens and reads beside does not change what the program gets', () => {
  const recorder = new Recorder();
  const files = { '/a': 'a', '/b': 'bb' };
  const seen = go(recorder.host(fakeHost(files)), (open, read) => {
    read(open('/a'));
    read(open('/b'));
  });
  const again = go(replayHost(recorder), (open, read) => {
    open('/b').read(new Uint8Array(1), 0);
    read(open('/a'));
    open('/a');
    read(open('/b'));
  });
  expect(again).toEqual(seen);
});
