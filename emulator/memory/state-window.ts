// A block of memory laid out as a hart's state: the bias area of an address space, or a saved copy.
// Called by Hart, which reads and writes registers through it, and by GuestMemory, which renews it on growth.
// The words are always a view of the current buffer.
import { CONTROL_SIZE, HART_STATE_SIZE } from './layout.ts';

/** Whose state a window shows; told to take it away before the window goes. */
export interface Occupant {
  moveOut(): void;
}

export class StateWindow {
  occupant: Occupant | null = null;
  /** Two words a register, low half first; the words behind the state are those of generated code's exits. */
  words: Int32Array;
  /** The state alone. */
  bytes: Uint8Array;

  constructor(buffer: ArrayBuffer = new ArrayBuffer(CONTROL_SIZE)) {
    this.words = new Int32Array(buffer, 0, CONTROL_SIZE / 4);
    this.bytes = new Uint8Array(buffer, 0, HART_STATE_SIZE);
  }

  /** The buffer was replaced: asking the Memory for its buffer at every exit would cost more than the exit. */
  refresh(buffer: ArrayBuffer): void {
    this.words = new Int32Array(buffer, 0, CONTROL_SIZE / 4);
    this.bytes = new Uint8Array(buffer, 0, HART_STATE_SIZE);
  }
}
