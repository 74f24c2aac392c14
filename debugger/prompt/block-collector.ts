// Lines that belong to a command and end with `end`: those of commands, define, document, if and while.
// The Debugger owns one; engine.ts gives it each line before it looks for a command.
// Blocks within a block are collected with it, and understood when it is run.

/** A command that wants lines. */
export interface Block {
  /** The lines are words for people: nothing in them begins a block. */
  readonly isText?: boolean;
  /** All of them, without the last `end`. False when something failed. */
  finish(lines: readonly string[]): Promise<boolean> | boolean;
}

const BEGINS_BLOCK = /^(?:if|while|commands|define|document|python|py|guile|gu)\b/;
const END = /^end$/;

/** By how much `line` changes the depth of blocks. */
export function depthChange(line: string): -1 | 0 | 1 {
  const text = line.trim();
  return END.test(text) ? -1 : BEGINS_BLOCK.test(text) ? 1 : 0;
}

export class BlockCollector {
  #open: { readonly block: Block; readonly lines: string[]; depth: number } | undefined;

  /** How many blocks the next line stands in. */
  get depth(): number {
    return this.#open?.depth ?? 0;
  }

  begin(block: Block): void {
    this.#open = { block, lines: [], depth: 1 };
  }

  /** undefined when no block is open; else whether all is well, with the block run when this was its end. */
  take(line: string): Promise<boolean> | boolean | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { block, lines } = open;
    open.depth += block.isText === true ? Math.min(0, depthChange(line)) : depthChange(line);
    if (open.depth > 0) {
      lines.push(block.isText === true ? line : line.trim());
      return true;
    }
    this.#open = undefined;
    return block.finish(block.isText === true ? lines : lines.filter((each) => each !== ''));
  }

  /** A script ended before its block did. */
  giveUp(): void {
    this.#open = undefined;
  }
}

/** Lines as a listing shows them: what stands in blocks is moved in. */
export function indented(lines: readonly string[]): string[] {
  let depth = 0;
  return lines.map((line) => {
    const change = depthChange(line);
    const isBetween = /^else$/.test(line.trim());
    if (change < 0) depth = Math.max(0, depth - 1);
    const text = `${'  '.repeat(Math.max(0, depth - (isBetween ? 1 : 0)))}${line}`;
    if (change > 0) depth++;
    return text;
  });
}
