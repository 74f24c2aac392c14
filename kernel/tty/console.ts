// The machine's console: a terminal whose far side is the person (or the program) that runs the machine.
// Machine makes one, gives its descriptors to the first process, types into it and gets what is written.
// The line discipline is the guest's, so the host's terminal must be raw meanwhile.

import { makeDev } from '../abi/device-number.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { IUTF8, STANDARD_TERMIOS } from '../abi/termios.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import { Tty, type TtyDriver, type WindowSize } from './tty.ts';
import { TtyFile } from './tty-file.ts';

export const CONSOLE_RDEV = makeDev(5, 1);
/** How much the host takes at once; it never refuses. */
const ROOM = 65_536;

export class Console implements TtyDriver {
  readonly tty: Tty;
  readonly room = ROOM;
  readonly pending = 0;
  readonly #kernel: Kernel;
  readonly #sink: (bytes: Uint8Array) => void;

  /** `sink` gets what programs write and what is echoed; it must not keep the bytes without copying. */
  constructor(kernel: Kernel, sink: (bytes: Uint8Array) => void) {
    this.#kernel = kernel;
    this.#sink = sink;
    const termios = { ...STANDARD_TERMIOS, iflag: STANDARD_TERMIOS.iflag | IUTF8 };
    this.tty = new Tty({ rdev: CONSOLE_RDEV, name: 'console', isPty: false }, this, termios);
  }

  /** A description of the console for a descriptor table, O_RDWR, with one reference. */
  open(): OpenFile {
    const path = this.#kernel.terminals.consolePath();
    return new OpenFile(new TtyFile(this.#kernel, this.tty, path.inode), O_RDWR, path);
  }

  /** Makes it the controlling terminal of `process`'s session, with its group in the foreground. */
  attach(process: Process): void {
    this.tty.control(process);
  }

  /** Bytes as the person's terminal sends them. What no program reads for long is lost beyond 12 KiB. */
  type(bytes: Uint8Array): void {
    const { inputRoom } = this.tty;
    if (inputRoom > 0) this.tty.type(bytes.subarray(0, inputRoom));
  }

  /** Bytes that may be typed now without loss. */
  get inputRoom(): number {
    return this.tty.inputRoom;
  }

  resize(rows: number, columns: number): void {
    const window: WindowSize = { row: rows, col: columns, xpixel: 0, ypixel: 0 };
    this.tty.setWindow(window);
  }

  /** The person is gone: SIGHUP to the session leader, end of file for readers. */
  hangUp(): void {
    this.tty.hangUp();
  }

  write(bytes: Uint8Array): void {
    this.#sink(bytes);
  }

  discard(): void {}

  notice(): void {}

  readonly isLocked = false;

  opened(): void {}

  lastClosed(): void {}

  inputTaken(): void {}
}
