import { describe, expect, it } from 'vitest';
import { BufferSink, BufferSource } from '../file/buffer.ts';
import { MemoryAccount } from '../mm/account.ts';
import { PIPE_PAGE, Pipe } from './pipe.ts';
import { PipeAccounts } from './pipe-accounts.ts';
import { PipeSink, PipeSource } from './transfer.ts';

function write(pipe: Pipe, text: string, isPacket = false): number {
  const source = new BufferSource(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  const merged = isPacket ? 0 : pipe.merge(source);
  return merged + pipe.append(source, isPacket);
}

function read(pipe: Pipe, size: number): string {
  const sink = new BufferSink(new Uint8Array(size));
  pipe.read(sink);
  return String.fromCharCode(...sink.filled);
}

function newAccounts(): PipeAccounts {
  return new PipeAccounts(new MemoryAccount(1024 * PIPE_PAGE));
}

function newPipe(accounts = newAccounts(), uid = 1000): Pipe {
  return new Pipe(accounts, uid);
}

describe('a pipe', () => {
  it('merges small writes into the last page and holds 65536 single bytes', () => {
    const pipe = newPipe();
    let count = 0;
    while (write(pipe, 'x') === 1) count++;
    expect(count).toBe(16 * PIPE_PAGE);
    expect(pipe.slots.length).toBe(16);
  });

  it('takes a new page for a write that does not fit behind the last one', () => {
    const pipe = newPipe();
    write(pipe, 'a'.repeat(3000));
    write(pipe, 'b'.repeat(3000));
    expect(pipe.slots.map((slot) => slot.length)).toEqual([3000, 3000]);
    expect(pipe.byteCount).toBe(6000);
  });

  it('writes no more than there is room for', () => {
    const pipe = newPipe();
    expect(write(pipe, 'y'.repeat(70_000))).toBe(65_536);
    expect(pipe.isFull).toBe(true);
    read(pipe, 1);
    expect(pipe.isFull).toBe(true);
    read(pipe, 4095);
    expect(pipe.isFull).toBe(false);
  });

  it('gives packets one by one and cuts off what a read leaves of them', () => {
    const pipe = newPipe();
    write(pipe, 'one', true);
    write(pipe, 'three', true);
    expect(read(pipe, 100)).toBe('one');
    expect(read(pipe, 2)).toBe('th');
    expect(pipe.isEmpty).toBe(true);
  });

  it('never writes into a page that it shares', () => {
    const pipe = newPipe();
    const page = new Uint8Array(PIPE_PAGE).fill(97);
    pipe.appendShared(page, 0, 3);
    write(pipe, 'bc');
    expect(read(pipe, 10)).toBe('aaabc');
    expect(page[3]).toBe(97);
  });

  it('counts its pages as memory of the machine, and gives all back', () => {
    const accounts = newAccounts();
    const pipe = newPipe(accounts);
    write(pipe, 'x'.repeat(50_000));
    pipe.appendShared(new Uint8Array(10), 0, 10);
    expect(accounts.memory.usedPages).toBe(14);
    read(pipe, 30_000);
    write(pipe, 'y');
    pipe.free();
    expect(accounts.memory.usedPages).toBe(0);
  });

  it('is small for a user whose pipes hold too much', () => {
    const accounts = newAccounts();
    accounts.userPagesSoft = 40;
    const first = newPipe(accounts);
    newPipe(accounts);
    expect(first.slotLimit).toBe(16);
    expect(newPipe(accounts).slotLimit).toBe(2);
    first.free();
    expect(newPipe(accounts).slotLimit).toBe(16);
    expect(newPipe(accounts, 0).slotLimit).toBe(16);
  });
});

describe('between pipes and buffers', () => {
  it('a source gives back across buffers', () => {
    const pipe = newPipe();
    pipe.appendShared(Uint8Array.of(1, 2, 3), 0, 3);
    pipe.appendShared(Uint8Array.of(4, 5), 0, 2);
    const source = new PipeSource(pipe, 10);
    expect(source.remaining).toBe(5);
    expect([...source.take(10)]).toEqual([1, 2, 3]);
    expect([...source.take(10)]).toEqual([4, 5]);
    source.giveBack(4);
    expect(source.remaining).toBe(4);
    expect([...source.take(10)]).toEqual([2, 3]);
    expect(pipe.byteCount).toBe(5);
  });

  it('a sink takes no more than its limit and the free buffers', () => {
    const pipe = newPipe();
    const sink = new PipeSink(pipe, 5000);
    expect(sink.put(new Uint8Array(100_000))).toBe(5000);
    expect(sink.remaining).toBe(0);
    expect(new PipeSink(pipe, 1_000_000).remaining).toBe(14 * PIPE_PAGE);
  });
});
