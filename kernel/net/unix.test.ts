import { describe, expect, it } from 'vitest';
import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../abi/socket.ts';
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EISCONN,
  ENOBUFS,
  ENOMEM,
  ENOTCONN,
  EPIPE,
  fail,
} from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import { isWait, type Wait, WOULD_BLOCK } from '../wait.ts';
import type { Incoming } from './socket.ts';
import { newCall, TestSink, TestSource, testKernel, testThread } from './unix/unix.test-support.ts';
import { createUnixPair, createUnixSocket, UNIX } from './unix.ts';

const name = (text: string): Uint8Array =>
  Uint8Array.from([AF_UNIX, 0, 0, ...new TextEncoder().encode(text)]);

function fresh(thread: Thread): void {
  thread.call = newCall();
}

function send(thread: Thread, file: OpenFile, text: string, flags = MSG_DONTWAIT, to?: Uint8Array): number {
  fresh(thread);
  return numberOf(UNIX.send(thread, file, { flags, name: to, control: undefined }, new TestSource(text)));
}

function receive(thread: Thread, file: OpenFile, size = 100, flags = MSG_DONTWAIT): string {
  fresh(thread);
  const sink = new TestSink(size);
  const message: Incoming = { flags, control: undefined, name: undefined, outFlags: 0 };
  numberOf(UNIX.receive(thread, file, message, sink));
  return sink.text;
}

function numberOf(answer: number | Wait): number {
  if (answer === WOULD_BLOCK) fail(EAGAIN);
  if (isWait(answer)) throw new Error('it would wait');
  return answer;
}

function errnoOf(run: () => unknown): number {
  try {
    run();
  } catch (thrown) {
    return (thrown as { errno: number }).errno;
  }
  return 0;
}

describe('streams', () => {
  const kernel = testKernel();
  const thread = testThread(kernel);

  it('carry bytes without boundaries and end when the peer closes', () => {
    const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
    expect(send(thread, a, 'hello ')).toBe(6);
    send(thread, a, 'world');
    expect(receive(thread, b, 8)).toBe('hello wo');
    expect(receive(thread, b)).toBe('rld');
    expect(errnoOf(() => receive(thread, b))).toBe(EAGAIN);
    a.release();
    expect(receive(thread, b)).toBe('');
    expect(errnoOf(() => send(thread, b, 'x'))).toBe(EPIPE);
  });

  it('fill after 278 one-byte sends, and admit the next only when read below the limit', () => {
    const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
    let count = 0;
    while (errnoOf(() => send(thread, a, 'x')) === 0) count++;
    expect(count).toBe(278);
    receive(thread, b, 1);
    expect(send(thread, a, 'y')).toBe(1);
  });

  it('reset the peer once when closed with unread bytes', () => {
    const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
    send(thread, b, 'unread');
    a.release();
    expect(errnoOf(() => receive(thread, b))).toBe(ECONNRESET);
    expect(receive(thread, b)).toBe('');
  });

  it('connect through a listener, first come first served, and refuse once it is closed', () => {
    const listener = createUnixSocket(thread, SOCK_STREAM, 0);
    UNIX.bind(thread, listener, name('srv'));
    expect(listener.descriptor.kind).toBe('unix-bound');
    UNIX.listen(thread, listener, 0);
    const clients = [0, 1].map(() => createUnixSocket(thread, SOCK_STREAM, 0)) as [OpenFile, OpenFile];
    expect(UNIX.connect(thread, clients[0], name('srv'))).toBe(0);
    fresh(thread);
    expect(isWait(UNIX.connect(thread, clients[1], name('srv')) as number)).toBe(true);
    expect(errnoOf(() => UNIX.connect(thread, clients[0], name('srv')))).toBe(0); // full backlog comes before EISCONN
    send(thread, clients[0], 'early');
    const server = UNIX.accept(thread, listener) as OpenFile;
    expect(receive(thread, server)).toBe('early');
    expect(UNIX.peerName(clients[0])).toEqual(name('srv'));
    expect(errnoOf(() => UNIX.connect(thread, clients[0], name('srv')))).toBe(EISCONN);
    expect(UNIX.connect(thread, clients[1], name('srv'))).toBe(0);
    listener.release();
    expect(errnoOf(() => receive(thread, clients[1]))).toBe(ECONNRESET);
    const late = createUnixSocket(thread, SOCK_STREAM, 0);
    expect(errnoOf(() => UNIX.connect(thread, late, name('srv')))).toBe(ECONNREFUSED);
  });

  it('stop at the urgent byte and read it out of band', () => {
    const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
    send(thread, a, 'abc', MSG_OOB | MSG_DONTWAIT);
    send(thread, a, 'de');
    expect(receive(thread, b)).toBe('ab');
    expect(receive(thread, b, 1, MSG_OOB)).toBe('c');
    expect(receive(thread, b)).toBe('de');
    expect(errnoOf(() => receive(thread, b, 1, MSG_OOB))).toBe(EINVAL);
  });

  it('peek without taking', () => {
    const [a, b] = createUnixPair(thread, SOCK_STREAM, 0);
    send(thread, a, 'ab');
    send(thread, a, 'cd');
    expect(receive(thread, b, 3, MSG_PEEK)).toBe('abc');
    expect(receive(thread, b)).toBe('abcd');
  });
});

describe('memory', () => {
  it('ends with an errno, and is free again when all is closed', () => {
    const kernel = testKernel(64 * 4096);
    const thread = testThread(kernel);
    const open: OpenFile[] = [];
    const sendUntilRefused = (): number => {
      for (;;) {
        const pair = createUnixPair(thread, SOCK_STREAM, 0);
        open.push(...pair);
        let errno = 0;
        while (errno === 0) errno = errnoOf(() => send(thread, pair[0], 'x'.repeat(16_000)));
        if (errno !== EAGAIN) return errno;
      }
    };
    expect(sendUntilRefused()).toBe(ENOBUFS);
    let errno = 0;
    while (errno === 0) errno = errnoOf(() => open.push(...createUnixPair(thread, SOCK_STREAM, 0)));
    expect(errno).toBe(ENOMEM);
    for (const file of open) file.release();
    expect(kernel.net.unixSockets.size).toBe(0);
    expect(kernel.memory.usedPages).toBe(0);
  });
});

describe('messages', () => {
  const kernel = testKernel();
  const thread = testThread(kernel);

  it('keep their boundaries and are cut to the buffer', () => {
    const [a, b] = createUnixPair(thread, SOCK_SEQPACKET, 0);
    send(thread, a, 'first');
    send(thread, a, 'second');
    expect(receive(thread, b, 3)).toBe('fir');
    expect(receive(thread, b)).toBe('second');
  });

  it('wait or fail when eleven are unread', () => {
    const receiver = createUnixSocket(thread, SOCK_DGRAM, 0);
    UNIX.bind(thread, receiver, name('log'));
    const sender = createUnixSocket(thread, SOCK_DGRAM, 0);
    for (let i = 0; i < 11; i++) expect(send(thread, sender, 'x', MSG_DONTWAIT, name('log'))).toBe(1);
    expect(errnoOf(() => send(thread, sender, 'x', MSG_DONTWAIT, name('log')))).toBe(EAGAIN);
  });

  it('find the peer gone once, and then no peer at all', () => {
    const [a, b] = createUnixPair(thread, SOCK_DGRAM, 0);
    b.release();
    expect(errnoOf(() => send(thread, a, 'x'))).toBe(ECONNREFUSED);
    expect(errnoOf(() => send(thread, a, 'x'))).toBe(ENOTCONN);
    expect(a.descriptor.kind).toBe('unix-datagram');
  });
});
