// What the panels show of a session at a stop, as plain data.
// session-view.ts takes it from a debugger, layout.ts lays it out; tests make it by hand.
// Texts are as they come, of any length and with any characters.

export interface PanelView {
  readonly code: CodeView;
  readonly registers: readonly RegisterRow[];
  readonly calls: readonly CallRow[];
  readonly threads: readonly ThreadRow[];
  /** Rings of threads that wait for each other: `pid 2 waits for pid 3, which waits for pid 2`. */
  readonly deadlocks: readonly string[];
  readonly status: { readonly left: string; readonly right: string };
}

/** Source or instructions around the present place. */
export interface CodeView {
  readonly title: string;
  /** In order; the layout shows those around `current`. */
  readonly rows: readonly CodeRow[];
  /** Index of the row that is looked at. */
  readonly current: number;
}

export interface CodeRow {
  /** A line number or an address. */
  readonly label: string;
  readonly text: string;
  /** The thread stands here; in a caller's frame, this is where it will come back to. */
  readonly isCurrent: boolean;
  readonly hasBreakpoint: boolean;
}

export interface RegisterRow {
  readonly name: string;
  /** 64 bits; undefined when an outer frame does not tell. */
  readonly bits: bigint | undefined;
  readonly isChanged: boolean;
}

export interface CallRow {
  /** As trace prints it: `[pid 2] close(3) = 0`. */
  readonly text: string;
  /** Columns at the end of `text` that matter most: the result. */
  readonly kept: number;
  readonly kind: 'ended' | 'failed' | 'upcoming';
}

export interface ThreadRow {
  readonly id: string;
  readonly name: string;
  /** How it stands, and what it waits for. */
  readonly state: string;
  readonly isSelected: boolean;
  readonly isStuck: boolean;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}
