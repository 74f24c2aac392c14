// The packet layer: framing, escapes, checksums, and whatever else a connection can bring.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToText, textToBytes } from '../../kernel/mm/user-memory.ts';
import { bytesOfHex, hexNumber, hexOf, PACKET_SIZE, PacketReader, packetBytes } from './packet.ts';
import { parseActions } from './resume.ts';
import { gdbSignal, linuxSignal } from './signals.ts';
import { parseThreadId } from './thread-ids.ts';

const anyBytes = fc.uint8Array({ maxLength: 400 });

describe('PacketReader', () => {
  it('reads back what packetBytes writes, whatever the payload and however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyBytes, { maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        (payloads, piece) => {
          const stream = payloads.flatMap((payload) => [...packetBytes(bytesToText(payload))]);
          const reader = new PacketReader();
          const found: string[] = [];
          for (let at = 0; at < stream.length; at += piece) {
            for (const incoming of reader.feed(Uint8Array.from(stream.slice(at, at + piece)))) {
              if (incoming.kind === 'packet') found.push(incoming.payload);
            }
          }
          expect(found).toEqual(payloads.map((bytes) => bytesToText(bytes)));
        },
      ),
    );
  });

  it('finds the next good packet after garbage', () => {
    fc.assert(
      fc.property(anyBytes, (garbage) => {
        const reader = new PacketReader();
        reader.feed(garbage);
        // a lone # may be taken for the end of a packet that garbage began; the one after it is whole
        const found = [...reader.feed(textToBytes('$g#67')), ...reader.feed(textToBytes('$g#67'))];
        expect(found.at(-1)).toEqual({ kind: 'packet', payload: 'g' });
      }),
    );
  });

  it('tells wrong checksums, acknowledgements and Ctrl-C apart', () => {
    const kinds = new PacketReader().feed(textToBytes('+-\x03$g#68$g#6z$?#3f')).map(({ kind }) => kind);
    expect(kinds).toEqual(['ack', 'nack', 'interrupt', 'damaged', 'damaged', 'packet']);
  });

  it('keeps no more than one packet of the announced size', () => {
    const reader = new PacketReader();
    expect(reader.feed(textToBytes(`$${'x'.repeat(PACKET_SIZE + 1)}#00`))).toEqual([{ kind: 'damaged' }]);
    expect(reader.feed(textToBytes('$g#67'))).toEqual([{ kind: 'packet', payload: 'g' }]);
  });
});

describe('parsers', () => {
  it('take any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseThreadId(text);
        parseActions(text);
        bytesOfHex(text);
        hexNumber(text);
      }),
    );
  });

  it('know thread ids with and without processes', () => {
    expect(parseThreadId('p2.3')).toEqual({ pid: 2, tid: 3 });
    expect(parseThreadId('p2.-1')).toEqual({ pid: 2, tid: -1 });
    expect(parseThreadId('p2')).toEqual({ pid: 2, tid: -1 });
    expect(parseThreadId('1f')).toEqual({ pid: 0, tid: 31 });
    expect(parseThreadId('-1')).toEqual({ pid: -1, tid: -1 });
    for (const bad of ['', 'p', '.', 'p2.', 'px.1', 'p2.3.4', '-2'])
      expect(parseThreadId(bad)).toBeUndefined();
  });

  it('know the actions of vCont', () => {
    expect(parseActions(';s:p2.2;c')).toEqual([
      { kind: 'step', signo: 0, id: { pid: 2, tid: 2 } },
      { kind: 'continue', signo: 0, id: { pid: -1, tid: -1 } },
    ]);
    expect(parseActions(';C0a:p2.2')).toEqual([{ kind: 'continue', signo: 7, id: { pid: 2, tid: 2 } }]);
    expect(parseActions(';r10,20:2')).toMatchObject([{ range: { start: 16, end: 32 } }]);
    for (const bad of ['', ';', ';q', ';Cxx', ';r1', ';c:zz']) expect(parseActions(bad)).toBeUndefined();
  });

  it('know gdb’s signal numbers both ways', () => {
    for (let signo = 1; signo <= 64; signo++) {
      if (signo !== 16) expect(linuxSignal(gdbSignal(signo))).toBe(signo); // gdb has no SIGSTKFLT
    }
    expect(hexOf(Uint8Array.of(0, 255))).toBe('00ff');
  });
});
