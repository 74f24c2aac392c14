import { describe, expect, it } from 'vitest';
import { AF_UNIX, SOCK_DGRAM } from '../abi/socket.ts';
import { DATA, type Script, scriptMachine } from '../task/script-machine.test-support.ts';

const read = 63;
const write = 64;
const nanosleep = 101;
const kill = 129;
const socketpair = 199;
const clone = 220;
const wait4 = 260;
const SIGCHLD = 17;
const SIGKILL = 9;

/** Where the numbers of the two sockets, the byte that is read and a time lie. */
const PAIR = DATA + 0x100;
const BYTE = DATA + 0x200;
const TIME = DATA + 0x300;

/** One of two ints in a word. */
function fdAt(pair: bigint, index: number): number {
  return Number((pair >> BigInt(32 * index)) & 0xffff_ffffn);
}

/** Two children that read one datagram each from the same socket, and a parent that does `act` once they sleep. */
function twoReaders(act: (parent: Script, children: number[]) => void): string[] {
  const children: number[] = [];
  const { run, log } = scriptMachine((p) => {
    p.call(socketpair, AF_UNIX, SOCK_DGRAM, 0, PAIR);
    for (const _ of [0, 1]) {
      p.call(clone, SIGCHLD, 0, 0, 0, 0)
        .when(({ a0 }) => a0 === 0, 'reader')
        .do(({ a0 }) => children.push(a0));
    }
    p.do(({ memory }) => {
      memory.writeU64Number(TIME, 0);
      memory.writeU64Number(TIME + 8, 1_000_000);
    }).call(nanosleep, TIME, 0);
    act(p, children);
    p.call(nanosleep, TIME, 0);
    for (const child of [0, 1]) p.call(kill, () => children[child] as number, SIGKILL);
    for (const _ of [0, 1]) p.call(wait4, -1, 0, 0, 0);
    p.exit();
    p.label('reader')
      .call(read, ({ memory }) => fdAt(memory.readU64(PAIR), 0), BYTE, 8)
      .show('read')
      .exit();
  });
  run();
  return log;
}

const send = (p: Script): Script => p.call(write, ({ memory }) => fdAt(memory.readU64(PAIR), 1), TIME, 3);

describe('several that wait for a datagram', () => {
  it('one is woken for each', () => {
    expect(twoReaders((p) => send(p))).toEqual(['read=3']);
    expect(twoReaders((p) => send(send(p)))).toEqual(['read=3', 'read=3']);
  });

  it('the next one goes on when the one that was woken is killed before it could', () => {
    const log = twoReaders((p, children) => send(p).call(kill, () => children[0] as number, SIGKILL));
    expect(log).toEqual(['read=3']);
  });
});
