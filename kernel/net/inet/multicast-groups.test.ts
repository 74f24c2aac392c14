// What an interface lets in of what is sent to a group, by the filters of those who joined it.
import { describe, expect, it } from 'vitest';
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../abi/inet.ts';
import { ANY_V4, ipOf } from './endpoint.ts';
import { ListenedGroups } from './multicast-groups.ts';

const GROUP = ipOf(Uint8Array.of(239, 1, 1, 1));
const ONE = ipOf(Uint8Array.of(127, 0, 0, 1));
const TWO = ipOf(Uint8Array.of(127, 0, 0, 2));

describe('a group of an interface', () => {
  it('is closed to everyone until it is joined, and after the last has left', () => {
    const groups = new ListenedGroups();
    expect(groups.accepts(GROUP, ONE)).toBe(false);
    groups.enter(GROUP, MCAST_EXCLUDE);
    groups.enter(GROUP, MCAST_EXCLUDE);
    groups.leave(GROUP, MCAST_EXCLUDE, []);
    expect(groups.accepts(GROUP, ONE)).toBe(true);
    groups.leave(GROUP, MCAST_EXCLUDE, []);
    expect([groups.accepts(GROUP, ONE), groups.all]).toEqual([false, []]);
  });

  it('keeps out whom all filters that exclude name, unless one includes him', () => {
    const groups = new ListenedGroups();
    for (let i = 0; i < 2; i++) groups.enter(GROUP, MCAST_EXCLUDE);
    groups.countSource(GROUP, MCAST_EXCLUDE, ONE, 1);
    expect(groups.accepts(GROUP, ONE)).toBe(true);
    groups.countSource(GROUP, MCAST_EXCLUDE, ONE, 1);
    expect([groups.accepts(GROUP, ONE), groups.accepts(GROUP, TWO)]).toEqual([false, true]);
    groups.enter(GROUP, MCAST_INCLUDE);
    groups.countSource(GROUP, MCAST_INCLUDE, ONE, 1);
    expect(groups.accepts(GROUP, ONE)).toBe(true);
  });

  it('lets in only whom a filter includes when none excludes, and who has no address', () => {
    const groups = new ListenedGroups();
    groups.enter(GROUP, MCAST_INCLUDE);
    groups.countSource(GROUP, MCAST_INCLUDE, ONE, 1);
    expect([ONE, TWO, ANY_V4].map((source) => groups.accepts(GROUP, source))).toEqual([true, false, true]);
    groups.leave(GROUP, MCAST_INCLUDE, [ONE]);
    expect(groups.accepts(GROUP, ANY_V4)).toBe(false);
  });
});
