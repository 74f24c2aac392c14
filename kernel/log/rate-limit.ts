// How often a place of the kernel may write to its log (lib/ratelimit.c): so many messages in so many seconds; when the
// next may be written, one line says how many were left out. KernelLog keeps one for each place.

const INTERVAL_NS = 5e9;
const BURST = 10;

export class RateLimit {
  #beginNs: number | undefined;
  #left = BURST;
  #missed = 0;

  /** May a message be written at `nowNs`? And how many were not, which is to be told first; 0 mostly. */
  take(nowNs: number): { isAllowed: boolean; missed: number } {
    let missed = 0;
    this.#beginNs ??= nowNs;
    if (nowNs > this.#beginNs + INTERVAL_NS) {
      this.#beginNs = nowNs;
      this.#left = BURST;
      missed = this.#missed;
      this.#missed = 0;
    }
    const isAllowed = this.#left > 0;
    if (isAllowed) this.#left--;
    else this.#missed++;
    return { isAllowed, missed };
  }
}
