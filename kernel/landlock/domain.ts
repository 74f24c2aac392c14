// What confines a thread that called landlock_restrict_self(2): a chain of layers, the newest first.
// Credentials hold a domain; sockets and files keep the one of who made them. Domains never change, so they are shared,
// and a layer's identity is its place in the hierarchy (security/landlock/domain.h).
import type { Inode } from '../fs/inode.ts';

/** Which rights a ruleset takes away where no rule gives them back, as LANDLOCK_* bits. */
export interface Handled {
  readonly fs: number;
  readonly net: number;
  readonly scoped: number;
}

/** Rights by what they are for: files beneath an inode, or a TCP port. */
export interface Rules {
  readonly inodes: ReadonlyMap<Inode, number>;
  readonly ports: ReadonlyMap<number, number>;
}

export class Domain {
  readonly handled: Handled;
  readonly rules: Rules;
  /** The layer that was there before. */
  readonly parent: Domain | undefined;
  /** Layers from the first one to this, 1 for the first. */
  readonly depth: number;
  /** What any of the layers handles. */
  readonly united: Handled;

  constructor(handled: Handled, rules: Rules, parent: Domain | undefined) {
    this.handled = handled;
    this.rules = rules;
    this.parent = parent;
    this.depth = (parent?.depth ?? 0) + 1;
    const { fs, net, scoped } = parent?.united ?? { fs: 0, net: 0, scoped: 0 };
    this.united = { fs: fs | handled.fs, net: net | handled.net, scoped: scoped | handled.scoped };
  }

  /** This layer and those before it. */
  *layers(): Generator<Domain> {
    for (let layer: Domain | undefined = this; layer !== undefined; layer = layer.parent) yield layer;
  }

  /** The layer of that depth in the chain; undefined when it is shorter. */
  ancestor(depth: number): Domain | undefined {
    let layer: Domain | undefined = this;
    while (layer !== undefined && layer.depth > depth) layer = layer.parent;
    return layer?.depth === depth ? layer : undefined;
  }
}

/**
 * Does a layer of `client` keep it from what is in `server`? A layer that is scoped reaches only what has the same layer:
 * its own members and those that were confined further (domain_is_scoped).
 */
export function isScoped(client: Domain, server: Domain | undefined, scope: number): boolean {
  if ((client.united.scoped & scope) === 0) return false;
  for (const layer of client.layers())
    if ((layer.handled.scoped & scope) !== 0 && server?.ancestor(layer.depth) !== layer) return true;
  return false;
}

/** Is whoever is in `child` confined by all that confines `parent`, so that the one may trace the other (domain_scope_le)? */
export function isWithin(parent: Domain, child: Domain | undefined): boolean {
  return child?.ancestor(parent.depth) === parent;
}
