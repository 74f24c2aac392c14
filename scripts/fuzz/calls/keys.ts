// Scripts about keys and keyrings: add_key, request_key and keyctl. Listed in families.ts.
import fc from 'fast-check';
import { bits, family, mostly, one, row } from './family.ts';

// What v0 and v5 lead to stays; what v4 and v6 name may be taken away, and is asked for by its name alone
const ring = mostly(one('v0', 'v0', 'v5'), one(-6, -7, -8, 0, 'v1', -99, 0x7fffffff));
const anyRing = mostly(one('v0', 'v5', 'v6', -3, -1, -2), one(0, 'v1', -99));
const key = mostly(one('v1', 'v1', 'v2', 'v3', 'v5'), one(-3, -6, 0, -99));
const kept = one('=v1', '=v1', '=v2', '=v3');
const type = mostly(
  one('"user"', '"user"', '"logon"', '"keyring"'),
  one('"nothing"', '".own"', '""', 'n32', 'n31', 0, 16),
);
const name = mostly(
  one('"a"', '"a"', '"b"', '"p:a"', '"p:b"'),
  one('""', '":a"', '".a"', 'n4095', 'n4096', 0, 16),
);
const payload = mostly(one('[d20]'), one(0, 16));
const size = mostly(one(5, 5, 20), one(0, 1, 32767, 32768, 1 << 20, -1));
const RIGHT = 0x01010101;
const permissions = mostly(
  one(0x3f3f0000, 0x3f010000, 0x3f3f3f3f, 0x3f000000, 0x3f0b0000),
  bits(...[1, 2, 4, 8, 16, 32].map((bit) => bit * RIGHT), 0x3f000000, 0x3f0000),
  one(-1, 0x40),
);
const id = one(0, 1000, 1001);
const anyId = mostly(id, one(-1));

const CALLS = [
  row`12 add_key ${type} ${name} ${payload} ${size} ${ring} ${kept}`,
  row`5 add_key ${type} ${name} ${payload} ${size} ${one('v6', -1, -2)} =v4`,
  row`2 add_key "keyring" ${one('"x"', '""', '".x"', 'n4096', 0)} ${mostly(one(0), one('[d5]'))} ${mostly(one(0), one(5))} ${mostly(one('v6'), one('v1', 0))} =v4`,
  row`5 request_key ${type} ${name} 0 ${mostly(one(0), anyRing)} ${one('=v4', '=v7')}`,
  row`3 keyctl 0 ${anyRing} ${one(0, 1)} 0 0 ${one('=v7')}`,
  row`1 keyctl 1 ${one('".s"', '""', 16)} 0 0 0`,
  row`5 keyctl 2 ${key} ${payload} ${mostly(one(5, 20), one(0, 4096, 4097, -1))} 0`,
  row`1 keyctl 3 ${one('v3', 0)} 0 0 0`,
  row`3 keyctl 4 ${key} ${anyId} ${anyId} 0`,
  row`6 keyctl 5 ${key} ${permissions} 0 0`,
  row`8 keyctl 6 ${key} ${mostly(one('[t60]'), one(0, 16))} ${mostly(one(60), one(0, 5, -1))} 0`,
  row`1 keyctl 7 ${one('v6', 'v6', 'v1', 0)} 0 0 0`,
  row`8 keyctl 8 ${key} ${mostly(one('v6', 'v6', -1, -2), one(0, 'v1', -99))} 0 0`, // what it displaces goes a little later
  row`6 keyctl 9 ${mostly(one('v1', 'v2', 'v3'), one(0))} ${mostly(one('v6', -1, -2), one('v1', 0))} 0 0`,
  row`8 keyctl 10 ${anyRing} ${mostly(type, one('"keyring"'))} ${name} ${mostly(one(0), anyRing)} =v7`,
  row`8 keyctl 11 ${one('v1', 'v2')} ${mostly(one('[x40]'), one(0, 16))} ${mostly(one(40), one(0, 4, 5, -1))} 0`,
  row`3 keyctl 11 ${anyRing} 0 ${one(0, 4)} 0`,
  row`2 keyctl 15 ${key} ${one(0, 100, -1)} 0 0`,
  row`1 keyctl 17 ${key} ${mostly(one('[x10]'), one(0))} ${one(10, 0, 1)} 0`,
  row`3 keyctl 30 ${one('v1', 'v2', 0)} ${mostly(one('v6', -1, 'v1'), one(0))} ${mostly(one('v0', 'v5', -2), one('v1'))} ${mostly(one(0, 1), one(2))}`,
  row`1 keyctl 31 ${mostly(one('[z2]', '[z4]'), one(0, 16))} ${one(2, 4, 0, 1)} 0 0`,
  row`2 keyctl ${one(12, 13, 19, 20, 16)} ${key} ${one(0, 5)} 0 0`,
  row`1 keyctl ${one(99, -1)} 0 0 0 0`,
  row`2 setresuid ${id} ${id} ${id}`,
  row`1 setresgid ${id} ${id} ${id}`,
  row`2 fork ${fc.nat(1)}`,
  row`1 exit`,
];

const opening = fc
  .nat(2)
  .map((how) => [
    '0 keyctl 1 0 0 0 0 =v0',
    '0 add_key "user" "a" [d20] 20 v0 =v1',
    '0 add_key "keyring" "r" 0 0 v0 =v5',
    '0 add_key "keyring" "s" 0 0 v0 =v6',
    ...(how === 0 ? [] : ['0 add_key "logon" "p:a" [d20] 5 v5 =v2']),
    ...(how === 2 ? ['0 fork 0', '1 setresgid 1000 1000 1000', '1 setresuid 1000 1000 1000'] : []),
  ]);

export const KEYS = family({
  name: 'keys',
  opening,
  calls: CALLS,
  excluded: [
    'numbers of keys, also of those that nothing leads to any more: they go a little later',
    "the keyrings of users, which the host's other processes have too",
    'keys that a program makes, and where they would be put; the session of a parent',
    'persistent keyrings, public keys, notifications, namespaces of keys',
  ],
  inTest: 120,
});
