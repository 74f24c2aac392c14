// Netlink messages as strace 6.1 prints them; each line was taken from its output on such bytes.
import { expect, test } from 'vitest';
import { messagesText } from './messages.ts';

const ROUTE = 0;
const DIAG = 4;

/** A message: header with length, and its payload. */
function message(type: number, flags: number, ...payload: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16 + payload.length);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, bytes.length, true);
  data.setUint16(4, type, true);
  data.setUint16(6, flags, true);
  data.setUint32(8, 7, true);
  bytes.set(payload, 16);
  return bytes;
}

const text = (protocol: number, ...parts: readonly Uint8Array[]): string | undefined =>
  messagesText(Uint8Array.from(parts.flatMap((part) => [...part])), { protocol, limit: 32 });

const word = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
const attribute = (type: number, ...payload: readonly number[]): number[] => {
  const length = 4 + payload.length;
  return [length, 0, type, 0, ...payload, ...Array<number>((4 - (length % 4)) % 4).fill(0)];
};

test('a request to dump, the end of a dump, and less than a header', () => {
  expect(text(ROUTE, message(18, 0x301, 0, 0, 0, 0))).toBe(
    '[{nlmsg_len=20, nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, nlmsg_seq=7, nlmsg_pid=0}, {ifi_family=AF_UNSPEC, ...}]',
  );
  expect(text(ROUTE, message(3, 2, ...word(0)))).toBe(
    '[{nlmsg_len=20, nlmsg_type=NLMSG_DONE, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=7, nlmsg_pid=0}, 0]',
  );
  expect(text(DIAG, message(20, 1))).toBe(
    '{nlmsg_len=16, nlmsg_type=SOCK_DIAG_BY_FAMILY, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=7, nlmsg_pid=0}',
  );
  expect(text(DIAG, new Uint8Array(15))).toBeUndefined();
});

test('several messages stand in a list, each with its attributes', () => {
  const address = message(
    20,
    2,
    ...[2, 8, 0x80, 254, 1, 0, 0, 0],
    ...attribute(1, 127, 0, 0, 1),
    ...attribute(3, 108, 111, 0),
    ...attribute(8, ...word(0x80)),
  );
  const head = '{nlmsg_len=48, nlmsg_type=RTM_NEWADDR, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=7, nlmsg_pid=0}';
  const one =
    `[${head}, {ifa_family=AF_INET, ifa_prefixlen=8, ifa_flags=IFA_F_PERMANENT, ifa_scope=RT_SCOPE_HOST, ifa_index=if_nametoindex("lo")}, ` +
    '[[{nla_len=8, nla_type=IFA_ADDRESS}, inet_addr("127.0.0.1")], [{nla_len=7, nla_type=IFA_LABEL}, "lo"], [{nla_len=8, nla_type=IFA_FLAGS}, IFA_F_PERMANENT]]]';
  expect(text(ROUTE, address)).toBe(one);
  expect(text(ROUTE, address, address)).toBe(`[${one}, ${one}]`);
});

test('sockets: a request is told from an answer by its flag', () => {
  const request = [1, 0, 0, 0, ...word(1 << 10), ...word(0), ...word(1), ...word(5), ...word(0)];
  expect(text(DIAG, message(20, 1, ...request))).toContain(
    '{sdiag_family=AF_UNIX, sdiag_protocol=0, udiag_states=1<<TCP_LISTEN, udiag_ino=0, udiag_show=UDIAG_SHOW_NAME, udiag_cookie=[5, 0]}]',
  );
  const answer = [1, 1, 10, 0, ...word(9), ...word(3), ...word(0), ...attribute(6, 0)];
  expect(text(DIAG, message(20, 0, ...answer))).toContain(
    '{udiag_family=AF_UNIX, udiag_type=SOCK_STREAM, udiag_state=TCP_LISTEN, udiag_ino=9, udiag_cookie=[3, 0]}, [{nla_len=5, nla_type=UNIX_DIAG_SHUTDOWN}, 0]]',
  );
  const place = attribute(1, ...word(125990), ...word(0x1b));
  expect(text(DIAG, message(20, 0, ...answer, ...place))).toContain(
    '{udiag_vfs_dev=makedev(0, 0x1b), udiag_vfs_ino=125990}',
  );
});

test('an error shows which message it answers', () => {
  const asked = message(20, 1, 3, 0, 0, 0);
  expect(text(DIAG, message(2, 0, ...word(-22), ...asked))).toBe(
    '[{nlmsg_len=40, nlmsg_type=NLMSG_ERROR, nlmsg_flags=0, nlmsg_seq=7, nlmsg_pid=0}, {error=-EINVAL, msg=[{nlmsg_len=20, nlmsg_type=SOCK_DIAG_BY_FAMILY, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=7, nlmsg_pid=0}, {family=0x3 /* AF_??? */, data="\\x00\\x00\\x00"}]}]',
  );
  const capped = message(2, 0x100, ...word(0), ...asked.subarray(0, 16));
  expect(text(DIAG, capped)).toContain('nlmsg_flags=NLM_F_CAPPED, ');
  expect(text(DIAG, capped)).toContain('{error=0, msg={nlmsg_len=20, ');
});

test('nonsense is shown and ends', () => {
  const wrong = message(20, 0, 1, 1, 10, 0, ...Array<number>(12).fill(0), 0, 0, 0xff, 0xff);
  expect(text(DIAG, wrong)).toContain(
    '{nla_len=0, nla_type=NLA_F_NESTED|NLA_F_NET_BYTEORDER|0x3fff /* UNIX_DIAG_??? */}',
  );
  const short = message(20, 0);
  short[0] = 3;
  expect(text(DIAG, short, short)).toMatch(/^\{nlmsg_len=3, .*\}$/);
});
