// How bytes lie in memory, as far as it shows: splice hands pages on without copying, and what takes them counts pages.
// Pipes keep runs as buffers, unix streams as parts of a message; a Source says how its bytes lie, a Sink takes runs whole.
// A FragmentPage knows how many buffers and messages have a part of it: each that gets one holds it, and releases it once.

/** Linux's pages, on the processors that it is compared with. */
export const PAGE = 4096;

/** Bytes that lie one behind the other. */
export interface PageRun {
  readonly length: number;
  /** What they lie in, one page or several: the same object for what lies together. */
  readonly block: object;
  /** Where in it they begin. */
  readonly at: number;
}

/** SKB_FRAG_PAGE_ORDER: 32 KiB. */
const FRAGMENT_SIZE = 8 * PAGE;
/** Less than that is not worth having (sk_page_frag_refill). */
const LEAST_LEFT = 32;

/** Where a thread's splices put what lay in the heads of messages, which no pipe can have (task_frag). */
export class FragmentPage {
  #used = 0;
  #holders = 0;

  hold(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
  }

  /** Room for up to `wanted` bytes; it begins anew when nobody has any of it. undefined: used up. */
  take(wanted: number): PageRun | undefined {
    if (this.#holders === 0) this.#used = 0;
    if (this.#used + LEAST_LEFT > FRAGMENT_SIZE) return undefined;
    const at = this.#used;
    const length = Math.min(wanted, FRAGMENT_SIZE - at);
    this.#used += length;
    return { length, block: this, at };
  }
}

/** Room for the beginning of `wanted` bytes, at most all, in the page that `owner` has or gets for it. */
export function takeFragment(owner: { fragment: FragmentPage | undefined }, wanted: number): PageRun {
  const room = owner.fragment?.take(wanted);
  if (room !== undefined) return room;
  owner.fragment = new FragmentPage();
  return owner.fragment.take(wanted) as PageRun;
}

/** Somebody has a part of `block` from now on. */
export function holdBlock(block: object | undefined): void {
  if (block instanceof FragmentPage) block.hold();
}

/** Somebody who had a part of `block` is done with it. */
export function releaseBlock(block: object | undefined): void {
  if (block instanceof FragmentPage) block.release();
}

/**
 * Adds a run to a list of parts that lie in one page each, at most `most` of them; what continues the last one joins it
 * (skb_append_pagefrags). Returns how many bytes there was room for.
 */
export function addByPages(list: PageRun[], { length, block, at }: PageRun, most: number): number {
  let done = 0;
  while (done < length) {
    const start = at + done;
    const part = Math.min(PAGE - (start % PAGE), length - done);
    const last = list.at(-1);
    const goesOn = last?.block === block && last.at + last.length === start && start % PAGE !== 0;
    if (goesOn) list[list.length - 1] = { ...last, length: last.length + part };
    else if (list.length >= most) break;
    else list.push({ length: part, block, at: start });
    done += part;
  }
  return done;
}
