import { describe, expect, it } from 'vitest';
import { AF_UNIX, SCM_RIGHTS, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../abi/socket.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { createUnixPair, createUnixSocket, UNIX } from '../unix.ts';
import { newCall, TestSource, testKernel, testThread } from './unix.test-support.ts';

const kernel = testKernel();
const thread = testThread(kernel);

/** Sends `files` over `via` and nothing else. */
function pass(via: OpenFile, ...files: OpenFile[]): void {
  const fds = files.map((file) => thread.files.install(file.retain(), 10_000));
  const control = new Uint8Array(16 + fds.length * 4);
  const view = new DataView(control.buffer);
  view.setUint32(0, control.length, true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, SCM_RIGHTS, true);
  for (const [i, fd] of fds.entries()) view.setInt32(16 + i * 4, fd, true);
  thread.call = newCall();
  UNIX.send(thread, via, { flags: 0x40, name: undefined, control }, new TestSource('x'));
  for (const fd of fds) thread.files.close(thread, fd);
}

const open = (): number => [...kernel.net.unixSockets].length;

describe('the collector', () => {
  it('frees a socket in its own queue, 20000 times', () => {
    for (let i = 0; i < 20_000; i++) {
      const [a, b] = createUnixPair(thread, SOCK_DGRAM, 0);
      pass(a, b);
      a.release();
      b.release();
    }
    expect(open()).toBe(0);
    expect(kernel.net.inFlight.countOf(0)).toBe(0);
  });

  it('frees a triangle once nobody holds a corner, and not before', () => {
    const pairs = [0, 1, 2].map(() => createUnixPair(thread, SOCK_STREAM, 0));
    for (const [i, [left]] of pairs.entries()) pass(left, (pairs[(i + 1) % 3] as (typeof pairs)[0])[1]);
    const [held] = pairs.map(([, right]) => right) as [OpenFile];
    for (const [left, right] of pairs) {
      left.release();
      if (right !== held) right.release();
    }
    expect(open()).toBe(3);
    held.release();
    expect(open()).toBe(0);
  });

  it('reaches a listener through a connection that nobody accepted', () => {
    const name = Uint8Array.from([AF_UNIX, 0, 0, 1]);
    const listener = createUnixSocket(thread, SOCK_STREAM, 0);
    UNIX.bind(thread, listener, name);
    UNIX.listen(thread, listener, 5);
    const client = createUnixSocket(thread, SOCK_STREAM, 0);
    UNIX.connect(thread, client, name);
    pass(client, listener);
    client.release();
    expect(open()).toBe(2);
    listener.release();
    expect(open()).toBe(0);
  });

  it('does no search for sockets that pass no sockets', () => {
    const before = kernel.net.collector.searches;
    for (let i = 0; i < 100; i++) {
      const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
      a.release();
      b.release();
    }
    expect(kernel.net.collector.searches).toBe(before);
  });

  it('lets a chain of 50000 go without nesting', () => {
    let [, previous] = createUnixPair(thread, SOCK_DGRAM, 0);
    for (let i = 0; i < 50_000; i++) {
      const [left, right] = createUnixPair(thread, SOCK_DGRAM, 0);
      pass(left, previous);
      previous.release();
      left.release();
      previous = right;
    }
    previous.release();
    expect(open()).toBe(1); // the other end of the first pair
  });
});
