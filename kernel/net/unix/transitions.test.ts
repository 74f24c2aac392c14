// The table in the head of kernel/net/unix.ts is what happens: each of its cells is tried on a fresh socket.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../../abi/socket.ts';
import { EAGAIN, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, isFailure } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { createUnixPair, createUnixSocket, UNIX } from '../unix.ts';
import type { UnixState } from './states.ts';
import { newCall, TestSink, TestSource, testKernel, testThread } from './unix.test-support.ts';

const kernel = testKernel();
const thread = testThread(kernel);
const ERRNOS = { EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP };
let serial = 0;
const freshName = () => Uint8Array.from([AF_UNIX, 0, 0, ...new TextEncoder().encode(`name ${serial++}`)]);

function bound(type: number): [OpenFile, Uint8Array] {
  const file = createUnixSocket(thread, type, 0);
  const name = freshName();
  UNIX.bind(thread, file, name);
  return [file, name];
}

function listening(type: number): [OpenFile, Uint8Array] {
  const [file, name] = bound(type);
  UNIX.listen(thread, file, 5);
  return [file, name];
}

/** A fresh socket in each state; streams where there is a choice. */
const MAKE: Record<string, () => OpenFile> = {
  UnboundUnixSocket: () => createUnixSocket(thread, SOCK_STREAM, 0),
  BoundUnixSocket: () => bound(SOCK_STREAM)[0],
  UnixListener: () => {
    const [file, name] = listening(SOCK_STREAM);
    UNIX.connect(thread, createUnixSocket(thread, SOCK_STREAM, 0), name);
    return file;
  },
  UnixStream: () => createUnixPair(thread, SOCK_STREAM, 0)[0],
  UnixSeqpacket: () => createUnixPair(thread, SOCK_SEQPACKET, 0)[0],
  UnixDatagram: () => createUnixSocket(thread, SOCK_DGRAM, 0),
  ConnectedUnixDatagram: () => createUnixPair(thread, SOCK_DGRAM, 0)[0],
};

const CALLS: Record<string, (file: OpenFile) => unknown> = {
  bind: (file) => UNIX.bind(thread, file, freshName()),
  listen: (file) => UNIX.listen(thread, file, 3),
  connect: (file) => {
    const { type } = (file.descriptor as UnixState).core;
    const [, target] = type === SOCK_DGRAM ? bound(type) : listening(type);
    return UNIX.connect(thread, file, target);
  },
  accept: (file) => UNIX.accept(thread, file),
  send: (file) =>
    UNIX.send(
      thread,
      file,
      { flags: MSG_DONTWAIT, name: undefined, control: undefined },
      new TestSource('x'),
    ),
  receive: (file) => {
    const message = { flags: MSG_DONTWAIT, control: undefined, name: undefined, outFlags: 0 };
    return UNIX.receive(thread, file, message, new TestSink(9));
  },
  'last close': (file) => file.release(),
};

/** States that a transition may lead to. */
const LEADS_TO: Record<string, readonly string[]> = {
  toBound: ['BoundUnixSocket'],
  toListener: ['UnixListener'],
  toConnected: ['UnixStream', 'UnixSeqpacket'],
  toPeer: ['ConnectedUnixDatagram'],
  toClosed: ['ClosedUnixSocket'],
};

function tableRows(): string[][] {
  const head = readFileSync('kernel/net/unix.ts', 'utf8').split('\nimport')[0] ?? '';
  return head
    .split('\n')
    .filter((line) => line.startsWith('//   '))
    .map((line) =>
      line
        .slice(5)
        .replace(/[⁰¹²³⁴-⁹]/g, '')
        .trim()
        .replace(/^(\w+) (?=[\w ])/, '$1  ')
        .split(/ {2,}/),
    );
}

/** The errno, or undefined. EAGAIN says only that nothing was there yet. */
function errnoOf(run: () => unknown): number | undefined {
  thread.call = newCall();
  try {
    run();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.errno === EAGAIN ? undefined : thrown.errno;
  }
  return undefined;
}

describe('the table of states', () => {
  const [titles = [], ...rows] = tableRows();

  it('has every state and every call', () => {
    expect(rows.map(([state]) => state)).toEqual(Object.keys(MAKE));
    expect(titles.slice(1)).toEqual(Object.keys(CALLS));
  });

  for (const [state = '', ...cells] of rows) {
    it(`is right about ${state}`, () => {
      cells.forEach((cell, column) => {
        const call = titles[column + 1] ?? '';
        const file = (MAKE[state] as () => OpenFile)();
        const { core } = file.descriptor as UnixState;
        expect(core.state?.constructor.name).toBe(state);
        const errno = errnoOf(() => CALLS[call]?.(file));
        const expected = ERRNOS[cell as keyof typeof ERRNOS];
        expect({ call, errno }).toEqual({ call, errno: expected });
        expect(LEADS_TO[cell] ?? [state]).toContain(core.state?.constructor.name);
      });
    });
  }
});
