import { beforeEach, describe, expect, it } from 'vitest';
import {
  ECHO,
  ICANON,
  ICRNL,
  IUTF8,
  ONLCR,
  STANDARD_TERMIOS,
  type TermiosValue,
  VMIN,
} from '../abi/termios.ts';
import { BufferSink, BufferSource } from '../file/buffer.ts';
import type { InputActions } from './input.ts';
import { LineDiscipline } from './line-discipline.ts';
import type { TtyOutput } from './output.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A terminal whose output is kept as text and whose signals are counted. */
class Lab implements InputActions, TtyOutput {
  isStopped = false;
  capacity = 100_000;
  output = '';
  readonly signals: number[] = [];
  readonly discipline: LineDiscipline;

  constructor(change: Partial<TermiosValue> = {}) {
    this.discipline = new LineDiscipline(this, this, { ...STANDARD_TERMIOS, ...change });
  }

  get room(): number {
    return this.isStopped ? 0 : Math.max(0, this.capacity - this.output.length);
  }

  write(piece: Uint8Array): void {
    this.output += String.fromCharCode(...piece);
  }

  start(): void {
    this.isStopped = false;
  }

  stop(): void {
    this.isStopped = true;
  }

  signal(signo: number): void {
    this.signals.push(signo);
  }

  type(text: string): this {
    this.discipline.receive(bytes(text));
    return this;
  }

  read(size = 100): string | undefined {
    if (!this.discipline.isReadable(1)) return undefined;
    const sink = new BufferSink(new Uint8Array(size));
    this.discipline.read(sink);
    return String.fromCharCode(...sink.filled);
  }

  print(text: string): number {
    return this.discipline.write(new BufferSource(bytes(text)));
  }
}

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});

describe('a line', () => {
  it('is read only when it is complete, and one at a time', () => {
    lab.type('one\ntw');
    expect(lab.read()).toBe('one\n');
    expect(lab.read()).toBeUndefined();
    lab.type('o\r');
    expect(lab.read()).toBe('two\n');
  });

  it('is echoed with the newline as carriage return and line feed', () => {
    expect(lab.type('hi\r').output).toBe('hi\r\n');
  });

  it('loses what is erased, on the screen too', () => {
    lab.type('ab\x7fc\n');
    expect(lab.read()).toBe('ac\n');
    expect(lab.output).toBe('ab\b \bc\r\n');
  });

  it('takes a whole UTF-8 character back with one key', () => {
    lab = new Lab({ iflag: STANDARD_TERMIOS.iflag | IUTF8 });
    lab.type('a\xe2\x82\xac\x7f\n');
    expect(lab.read()).toBe('a\n');
    expect(lab.output).toBe('a\xe2\x82\xac\b \b\r\n');
  });

  it('ends with ^D, which is not data; alone it is end of file', () => {
    lab.type('part\x04\x04');
    expect(lab.read()).toBe('part');
    expect(lab.read()).toBe('');
    expect(lab.read()).toBeUndefined();
  });

  it('gives its end-of-file mark together with a read that it fills exactly', () => {
    lab.type('ab\x04');
    expect(lab.read(2)).toBe('ab');
    expect(lab.read()).toBeUndefined();
  });

  it('of more than the buffer keeps its newline', () => {
    lab.discipline.receive(new Uint8Array(6000).fill(122));
    lab.type('\n');
    const line = lab.read(10_000);
    expect(line?.length).toBe(4096);
    expect(line?.endsWith('z\n')).toBe(true);
  });

  it('may contain any character after ^V', () => {
    lab.type('a\x16\x03\n');
    expect(lab.read()).toBe('a\x03\n');
    expect(lab.signals).toEqual([]);
  });
});

describe('special characters', () => {
  it('send signals and show as ^C', () => {
    lab.type('x\x03\x1a');
    expect(lab.signals).toEqual([2, 20]);
    expect(lab.output).toBe('x^C^Z');
  });

  it('stop and start the output; echoes wait', () => {
    lab.type('\x13ab');
    expect(lab.output).toBe('');
    expect(lab.print('text')).toBe(0);
    lab.type('\x11');
    expect(lab.output).toBe('ab');
    expect(lab.print('text')).toBe(4);
  });

  it('are plain bytes in raw mode', () => {
    lab = new Lab({ iflag: 0, lflag: 0 });
    lab.type('\x03\x13\r\x7f');
    expect(lab.read()).toBe('\x03\x13\r\x7f');
    expect(lab.output).toBe('');
  });
});

describe('changing the mode', () => {
  it('to raw makes half a line readable', () => {
    lab.type('half');
    lab.discipline.setTermios({ ...STANDARD_TERMIOS, lflag: STANDARD_TERMIOS.lflag & ~ICANON });
    expect(lab.read()).toBe('half');
  });

  it('to lines makes what was typed before a line of its own', () => {
    lab = new Lab({ lflag: STANDARD_TERMIOS.lflag & ~ICANON });
    lab.type('left');
    lab.discipline.setTermios(STANDARD_TERMIOS);
    lab.type(' more\n');
    expect(lab.read()).toBe('left');
    expect(lab.read()).toBe(' more\n');
  });

  it('makes poll wait for VMIN bytes', () => {
    const cc = STANDARD_TERMIOS.cc.slice();
    cc[VMIN] = 3;
    lab = new Lab({ lflag: 0, cc });
    lab.type('ab');
    expect(lab.discipline.isReadable(lab.discipline.pollMinimum)).toBe(false);
    lab.type('c');
    expect(lab.discipline.isReadable(lab.discipline.pollMinimum)).toBe(true);
  });
});

describe('output', () => {
  it('takes no character whose expansion does not fit', () => {
    lab.capacity = 3;
    expect(lab.print('ab\nc')).toBe(2);
    lab.capacity = 4;
    expect(lab.print('\nc')).toBe(1);
    expect(lab.output).toBe('ab\r\n');
  });

  it('goes through unchanged without OPOST', () => {
    lab = new Lab({ oflag: ONLCR });
    lab.print('a\nb\t');
    expect(lab.output).toBe('a\nb\t');
  });

  it('knows where a tab that is erased began', () => {
    lab.print('prompt> ');
    lab.type('a\t\x7f');
    expect(lab.output).toBe(`prompt> a\t${'\b'.repeat(7)}`);
  });

  it('is not echoed without ECHO, and CR stays CR without ICRNL', () => {
    const { iflag, lflag } = STANDARD_TERMIOS;
    lab = new Lab({ iflag: iflag & ~ICRNL, lflag: lflag & ~ECHO });
    lab.type('a\rb\n');
    expect(lab.read()).toBe('a\rb\n');
    expect(lab.output).toBe('');
  });
});
