// Which layers of a domain deny what, while a question is looked up (security/landlock/ruleset.c, landlock_init_layer_masks).
import { LANDLOCK_ACCESS_FS } from '../abi/landlock.ts';
import type { Domain } from './domain.ts';

/** For each right, by its bit's number, the layers that deny it still: bit n - 1 for the layer of depth n. */
export class LayerMasks {
  readonly bits: Uint16Array = new Uint16Array(16);
  /** Rights that a layer handles at all. */
  handled = 0;

  constructor(domain: Domain, wanted: number, kind: 'fs' | 'net') {
    for (const { handled, depth } of domain.layers()) {
      // even layers that handle no files deny this, once one of them handles some (landlock_get_fs_access_mask)
      const always = kind === 'fs' ? LANDLOCK_ACCESS_FS.REFER : 0;
      const denied = (handled[kind] | always) & wanted;
      this.handled |= denied;
      for (let right = 0; right < 16; right++) if ((denied >> right) & 1) this.#set(right, depth);
    }
  }

  #set(right: number, depth: number): void {
    this.bits[right] = (this.bits[right] as number) | (1 << (depth - 1));
  }

  /** A rule of the layer of `depth` gives `allowed`. */
  allow(allowed: number, depth: number): void {
    for (let right = 0; right < 16; right++)
      if ((allowed >> right) & 1) this.bits[right] = (this.bits[right] as number) & ~(1 << (depth - 1));
  }

  /** Forgets all but `rights` (scope_to_request). */
  narrowTo(rights: number): void {
    for (let right = 0; right < 16; right++) if (((rights >> right) & 1) === 0) this.bits[right] = 0;
  }

  /** Those of `rights` that a layer still denies. */
  denied(rights: number): number {
    let denied = 0;
    for (let right = 0; right < 16; right++) if (this.bits[right] !== 0) denied |= 1 << right;
    return denied & rights;
  }
}
