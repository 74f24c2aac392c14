// The multicast groups that an interface listens to, whoever joined them: struct ip_mc_list of net/ipv4/igmp.c, struct
// ifmcaddr6 of net/ipv6/mcast.c. multicast.ts enters and leaves them for sockets, ip-layer.ts and udp-delivery.ts ask who
// may send, proc-multicast.ts shows them. Each filter of a socket is counted here, by its mode and by the senders it names.
import { type FilterMode, MCAST_EXCLUDE, MCAST_INCLUDE } from '../../abi/inet.ts';
import { isAny } from './endpoint.ts';

/** How many filters there are, by their mode. */
type Counts = [exclude: number, include: number];

export class ListenedGroup {
  /** As endpoint.ts keeps addresses. */
  readonly group: string;
  /** How often it was joined. */
  users = 0;
  /** MAF_LOADED: the interface was told. */
  isLoaded = true;
  readonly filters: Counts = [0, 0];
  /** Senders that filters name, in the order in which they came. */
  readonly sources = new Map<string, Counts>();

  constructor(group: string) {
    this.group = group;
  }

  /** ip_check_mc_rcu, ipv6_chk_mcast_addr: may a packet from `source` come in? */
  accepts(source: string): boolean {
    if (isAny(source)) return true;
    const counts = this.sources.get(source);
    const excluding = this.filters[MCAST_EXCLUDE];
    if (counts === undefined) return excluding > 0;
    return counts[MCAST_INCLUDE] > 0 || counts[MCAST_EXCLUDE] !== excluding;
  }

  count(source: string, mode: FilterMode, change: 1 | -1): void {
    const counts = this.sources.get(source) ?? [0, 0];
    counts[mode] += change;
    if (counts[MCAST_EXCLUDE] === 0 && counts[MCAST_INCLUDE] === 0) this.sources.delete(source);
    else this.sources.set(source, counts);
  }
}

export class ListenedGroups {
  readonly #groups = new Map<string, ListenedGroup>();

  /** Newest first, as the tables show them. */
  get all(): ListenedGroup[] {
    return [...this.#groups.values()].reverse();
  }

  enter(group: string, mode: FilterMode): void {
    let listened = this.#groups.get(group);
    if (listened === undefined) {
      listened = new ListenedGroup(group);
      this.#groups.set(group, listened);
    }
    listened.users++;
    listened.filters[mode]++;
  }

  /** One who joined, with the filter that he has at last, leaves. */
  leave(group: string, mode: FilterMode, sources: readonly string[]): void {
    this.removeFilter(group, mode, sources);
    const listened = this.#groups.get(group);
    if (listened !== undefined && --listened.users === 0) this.#groups.delete(group);
  }

  /** ip_mc_add_src of a whole filter. */
  addFilter(group: string, mode: FilterMode, sources: readonly string[]): void {
    this.#change(group, mode, sources, 1);
  }

  /** ip_mc_del_src of a whole filter. */
  removeFilter(group: string, mode: FilterMode, sources: readonly string[]): void {
    this.#change(group, mode, sources, -1);
  }

  /** A filter names one sender more, or less. */
  countSource(group: string, mode: FilterMode, source: string, change: 1 | -1): void {
    this.#groups.get(group)?.count(source, mode, change);
  }

  accepts(group: string, source: string): boolean {
    return this.#groups.get(group)?.accepts(source) ?? false;
  }

  setLoaded(isLoaded: boolean): void {
    for (const listened of this.#groups.values()) listened.isLoaded = isLoaded;
  }

  #change(group: string, mode: FilterMode, sources: readonly string[], change: 1 | -1): void {
    const listened = this.#groups.get(group);
    if (listened === undefined) return;
    listened.filters[mode] += change;
    for (const source of sources) listened.count(source, mode, change);
  }
}
