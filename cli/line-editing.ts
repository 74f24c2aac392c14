// Two ends of readline: where it writes the line that is edited, and where the lines typed wait to be executed.
// debug-terminal.ts connects them with the screen and the engine.
// Lines typed while the guest runs are kept, and executed in order.
import { Writable } from 'node:stream';

/** A line as it was typed; `isShown` when it stands on the screen already. */
export interface TypedLine {
  readonly text: string;
  readonly isShown: boolean;
}

/** undefined is the end of input. */
export class LineQueue {
  readonly #lines: (TypedLine | undefined)[] = [];
  #waiting: ((line: TypedLine | undefined) => void) | undefined;

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  push(line: TypedLine | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  next(): Promise<TypedLine | undefined> {
    if (this.#lines.length > 0) return Promise.resolve(this.#lines.shift());
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** The stream that readline takes for its terminal. */
export class EditedLine extends Writable {
  /** readline wraps the line by it. */
  columns: number;
  readonly #show: (text: string) => void;

  constructor(columns: number, show: (text: string) => void) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.#show = show;
  }

  override _write(text: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#show(text.toString());
    done();
  }
}
