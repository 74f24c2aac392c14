// Socket options and control messages as strace 6.1 prints them; each line was taken from its output on the same bytes.
import { describe, expect, it } from 'vitest';
import { cmsgAlign } from '../socket.ts';
import { BASE, shown, words } from './decoding.test-support.ts';

describe('socket options', () => {
  const value = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
  const set = (optname: number, optlen: number) =>
    shown('setsockopt', 'optval', { level: 1, optname, optval: BASE, optlen }, value);
  const get = (optname: number, length: number, level = 1) => {
    const memory = new Uint8Array([...value, length, 0, 0, 0]);
    return shown('getsockopt', 'optval', { level, optname, optval: BASE, optlen: BASE + 16 }, memory);
  };

  it('are integers where they are that long, else bytes', () => {
    expect([set(2, 4), set(2, 16), set(2, 3)]).toEqual(['[1]', '[1]', '0x1000']); // SO_REUSEADDR
    expect([set(3, 4), set(3, 3)]).toEqual(['[1]', '"\\1\\0\\0"']); // SO_TYPE, which cannot be set
    expect([get(2, 4), get(2, 2), get(2, 0)]).toEqual(['[1]', '"\\1\\0"', '0x1000']);
  });

  it('show errors by name', () => {
    expect(get(4, 4)).toBe('[EPERM]');
  });

  it('that are structs show the part that is there', () => {
    const memory = (length: number) => new Uint8Array([...value, length, 0, 0, 0]);
    const args = (optname: number) => ({ level: 1, optname, optval: BASE, optlen: BASE + 16 });
    expect(shown('getsockopt', 'optval', args(13), memory(2))).toBe('{l_onoff="\\x01\\x00"}');
    expect(shown('getsockopt', 'optval', args(17), memory(5))).toBe('{pid=1, uid="\\x00"}');
    expect(shown('getsockopt', 'optval', args(37), memory(8))).toBe('[1]'); // SO_TIMESTAMPING_OLD
  });

  it('that join groups show the group and the interface', () => {
    const setGroup = (level: number, optname: number, memory: number[], optlen = memory.length) =>
      shown('setsockopt', 'optval', { level, optname, optval: BASE, optlen }, Uint8Array.from(memory));
    const mreqn = [224, 0, 0, 251, 127, 0, 0, 1, 1, 0, 0, 0];
    const decoded = '{imr_multiaddr=inet_addr("224.0.0.251"), imr_interface=inet_addr("127.0.0.1")}';
    expect(setGroup(0, 35, mreqn)).toBe(decoded);
    expect(setGroup(0, 36, mreqn, 8)).toBe(decoded);
    expect(setGroup(0, 35, mreqn, 7)).toBe('0x1000');
    const group = [0xff, 2, ...Array(13).fill(0), 0xfb];
    expect(setGroup(41, 20, [...group, 1, 0, 0, 0])).toBe(
      '{inet_pton(AF_INET6, "ff02::fb", &ipv6mr_multiaddr), ipv6mr_interface=if_nametoindex("lo")}',
    );
    const request = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 239, 3, 1, 1, ...Array(120).fill(0)];
    expect(setGroup(0, 42, request)).toBe(
      '{gr_interface=if_nametoindex("lo"), gr_group={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("239.3.1.1")}}',
    );
    expect(setGroup(0, 38, mreqn)).toBe('"\\340\\0\\0\\373\\177\\0\\0\\1\\1\\0\\0\\0"'); // IP_BLOCK_SOURCE
  });

  it('of netlink are integers, but for the list of groups', () => {
    expect([get(9, 3, 270), get(9, 4, 270), get(8, 3, 270), get(8, 4, 270)]).toEqual([
      '[]',
      '[1]',
      '0x1000',
      '[1]',
    ]);
    const short = { level: 270, optname: 1, optval: BASE, optlen: 3 };
    expect(shown('setsockopt', 'optval', short, value)).toBe('0x1000');
  });

  it('of TCP with a name are strings', () => {
    const cubic = { level: 6, optname: 13, optval: BASE, optlen: 9 };
    expect(shown('setsockopt', 'optval', cubic, new Uint8Array(Buffer.from('nonesuch\0')))).toBe(
      '"nonesuch\\0"',
    );
  });

  it('that attach a filter show its address, with -v its instructions', () => {
    const instruction = (code: number, jt: number, jf: number, k: number) =>
      BigInt(code) | (BigInt(jt) << 16n) | (BigInt(jf) << 24n) | (BigInt(k) << 32n);
    const program = words(
      3,
      BASE + 16,
      instruction(0x30, 0, 0, 0),
      instruction(0x15, 0, 1, 0x6b),
      instruction(6, 0, 0, 0x64),
    );
    const args = { level: 1, optname: 26, optval: BASE, optlen: 16 };
    expect(shown('setsockopt', 'optval', args, program)).toBe('{len=3, filter=0x1010}');
    expect(shown('setsockopt', 'optval', args, program, 0, { isVerbose: true })).toBe(
      '{len=3, filter=[BPF_STMT(BPF_LD|BPF_B|BPF_ABS, 0), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x6b, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, 0x64)]}',
    );
    expect(shown('setsockopt', 'optval', { ...args, optlen: 8 }, program)).toBe('0x1000');
    expect(shown('getsockopt', 'optname', { level: 1, optname: 26 })).toBe('SO_GET_FILTER');
  });
});

describe('control messages', () => {
  /** What sendmsg shows of one message. */
  const control = (level: number, type: number, ...data: readonly number[]): string | undefined => {
    const length = 16 + data.length;
    const header = words(0, 0, 0, 0, BASE + 56, length, 0);
    const message = new Uint8Array(cmsgAlign(length));
    message.set(words(length, BigInt(level) | (BigInt(type) << 32n)));
    message.set(data, 16);
    const text = shown('sendmsg', 'msg', { msg: BASE }, new Uint8Array([...header, ...message]));
    return /cmsg_type=(.*)\}\], msg_controllen/.exec(text ?? '')?.[1];
  };

  it.each([
    [
      1,
      29,
      [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
      'SO_TIMESTAMP_OLD, cmsg_data={tv_sec=1, tv_usec=2}',
    ],
    [1, 29, [1, 0, 0, 0], 'SO_TIMESTAMP_OLD, cmsg_data=???'],
    [0, 1, [8], 'IP_TOS, cmsg_data=[0x8]'],
    [0, 2, [64, 0, 0, 0], 'IP_TTL, cmsg_data=[64]'],
    [0, 2, [64], 'IP_TTL'],
    [0, 0, [], '0 /* IP_??? */'],
    [
      0,
      8,
      [1, 0, 0, 0, 127, 0, 0, 5, 127, 0, 0, 5],
      'IP_PKTINFO, cmsg_data={ipi_ifindex=if_nametoindex("lo"), ipi_spec_dst=inet_addr("127.0.0.5"), ipi_addr=inet_addr("127.0.0.5")}',
    ],
    [0, 8, [1, 0, 0, 0, 127, 0, 0, 5], 'IP_PKTINFO'],
  ])('level %i, type %i, %j', (level, type, data, text) => {
    expect(control(level, type, ...data)).toBe(text);
  });

  it('show as many descriptors as -s says', () => {
    const fds = Array.from({ length: 33 }, () => [5, 0, 0, 0]).flat();
    expect(control(1, 1, ...fds)).toBe(`SCM_RIGHTS, cmsg_data=[${'5, '.repeat(32)}...]`);
  });
});
