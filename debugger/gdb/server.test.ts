// The server without a socket: what it answers, that broken packets are errors, and that looking changes nothing.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import { bytesToText, textToBytes } from '../../kernel/mm/user-memory.ts';
import { Machine } from '../../machine/machine.ts';
import { Session } from '../session/session.ts';
import { hexOf, PacketReader, packetBytes } from './packet.ts';
import { type GdbServer, serveGdb } from './server.ts';

const BOTH = ['both', 'server', 'client', 'pair'];
const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

let session: Session;
let server: GdbServer;
let replies: string[];

function start(program: string): void {
  replies = [];
  session = new Session(
    (output) => {
      const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
      for (const name of BOTH)
        machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
      machine.spawn({
        path: `/demo/${program}`,
        stdout: (b) => output(1, b),
        stderr: (b) => output(2, b),
      });
      return machine;
    },
    () => {},
  );
  const reader = new PacketReader();
  server = serveGdb(session, (bytes) => {
    for (const incoming of reader.feed(bytes)) if (incoming.kind === 'packet') replies.push(incoming.payload);
  });
}

/** Sends a packet and returns what comes back in the end. */
function ask(payload: string): string | undefined {
  replies = [];
  server.receive(packetBytes(payload));
  for (let turn = 0; turn < 200_000 && server.state === 'running' && !server.isIdle; turn++) server.pump(16);
  return replies.at(-1);
}

const hello = 'qSupported:multiprocess+;swbreak+;fork-events+;vfork-events+;exec-events+';

beforeEach(() => start('pair'));

describe('extended-remote', () => {
  it('runs the program once more after it was killed, and after its end', () => {
    ask(hello);
    expect(ask('!')).toBe('OK');
    const first = ask('?');
    expect(ask('vKill;2')).toBe('OK');
    expect(server.state).toBe('waiting');
    expect(ask('?')).toBe('W00');
    expect(ask('vRun;')).toBe(first);
    expect(ask('vCont;c')).toMatch(/fork/); // of the first run nothing is left
    expect(ask('vRun;')).toBe(first);
    expect(server.state).toBe('waiting');
  });

  it('keeps the arguments that it was started with', () => {
    ask(hello);
    ask('!');
    expect(ask(`vRun;;${hexOf(textToBytes('other'))}`)).toMatch(/^E\.the arguments/);
    expect(ask('vCont;c')).toMatch(/^T05/);
  });

  it('is asked for: else killing the program ends the connection', () => {
    ask(hello);
    expect(ask('vKill;2')).toBe('OK');
    expect(server.state).toBe('killed');
  });
});

describe('serveGdb', () => {
  it('says what it can, and describes the processor', () => {
    expect(ask(hello)).toMatch(/PacketSize=20000;QStartNoAckMode\+;multiprocess\+.*ReverseContinue\+/);
    expect(ask('?')).toMatch(/^T05thread:p2\.2;core:0;02:[0-9a-f]{16};08:0{16};20:[0-9a-f]{16};$/);
    const xml = ask('qXfer:features:read:target.xml:0,ffff') ?? '';
    expect(xml).toMatch(/^l<\?xml/);
    expect(xml.match(/<reg /g)).toHaveLength(71);
    expect(ask('g')).toHaveLength(33 * 16 + 32 * 16 + 3 * 8 + 3 * 16);
    expect(ask('p20')).toHaveLength(16);
    expect(ask('qXfer:exec-file:read:2:0,100')).toBe('l/demo/pair');
    expect(ask('qXfer:threads:read::0,fff')).toContain('<thread id="p2.2" core="0" name="pair">');
    expect(ask('qfThreadInfo')).toBe('mp2.2');
  });

  it('stops at calls by number, before and after', () => {
    ask(hello);
    expect(ask('QCatchSyscalls:1;c7')).toBe('OK'); // socketpair
    expect(ask('vCont;c')).toMatch(/^T05syscall_entry:c7;thread:p2\.2;/);
    expect(ask('vCont;c')).toMatch(/^T05syscall_return:c7;thread:p2\.2;/);
    expect(ask('QCatchSyscalls:0')).toBe('OK');
  });

  it('tells of forks, holds the child until it is let go, and tells of each end', () => {
    ask(hello);
    const fork = ask('vCont;c') ?? '';
    const child = /^T05fork:p(\d+)\.\1;thread:p2\.2;/.exec(fork)?.[1];
    expect(child).toBeDefined();
    expect(ask(`vCont;c:p2.-1`)).toMatch(/^O/); // the parent waits for the child, which stands still
    server.receive(Uint8Array.of(3));
    server.pump(1);
    expect(replies.at(-1)).toMatch(/^T02thread:p/);
    expect([ask('vCont;c'), ask('vCont;c')].sort()).toEqual(['W00;process:2', `W07;process:${child}`]);
    expect(server.state).toBe('detached');
  });

  it('goes back to where it was, with the same registers', () => {
    ask(hello);
    const first = ask('g');
    ask('vCont;s:p2.2');
    ask('vCont;s:p2.2');
    const second = ask('g');
    ask('vCont;s:p2.2');
    expect(ask('bs')).toMatch(/^T05thread:p2\.2/);
    expect(ask('g')).toBe(second);
    expect(ask('bc')).toMatch(/^T05replaylog:begin;/);
    expect(ask('g')).toBe(first);
  });

  it('writes memory, code too, and registers', () => {
    ask(hello);
    const pc = session.thread?.hart.pc.toString(16) ?? '';
    expect(ask(`M${pc},2:0100`)).toBe('OK');
    expect(ask(`m${pc},2`)).toBe('0100');
    expect(ask(`X${pc},3:a}\x03`)).toBe('OK');
    expect(ask(`m${pc},3`)).toBe('617d03');
    expect(ask(`X${pc},4:abc`)).toBe('E16');
    expect(ask('P5=1122334455667788')).toBe('OK');
    expect(ask('p5')).toBe('1122334455667788');
    expect(ask('m0,4')).toBe('E0e');
    expect(ask('M0,1:00')).toBe('E0e');
  });

  it('reads the guest’s files, and only reads', () => {
    ask(hello);
    const name = hexOf(textToBytes('/demo/pair'));
    expect(ask(`vFile:open:${name},0,0`)).toBe('F3');
    expect(ask('vFile:pread:3,4,0')).toBe('F4;\x7fELF');
    expect(ask('vFile:fstat:3')).toMatch(/^F40;/);
    expect(ask('vFile:close:3')).toBe('F0');
    expect(ask('vFile:pread:3,4,0')).toBe('F-1,9');
    const maps = hexOf(textToBytes('/proc/2/maps'));
    expect(ask(`vFile:open:${maps},0,0`)).toBe('F4');
    expect(ask('vFile:pread:4,1000,0')).toMatch(/^F[0-9a-f]+;[0-9a-f]+-[0-9a-f]+ r-xp .*\n/);
    expect(ask(`vFile:readlink:${hexOf(textToBytes('/proc/2/cwd'))}`)).toBe('F1;/');
    expect(ask(`vFile:open:${name},1,0`)).toBe('F-1,1e');
    expect(ask(`vFile:open:${hexOf(textToBytes('/none'))},0,0`)).toBe('F-1,2');
  });

  it('changes nothing by looking', () => {
    const run = (looks: boolean): { hash: number; calls: number } => {
      start('pair');
      ask(hello);
      ask('QCatchSyscalls:1');
      for (let reply = ask('vCont;c') ?? ''; !reply.startsWith('W'); reply = ask('vCont;c') ?? '') {
        if (!looks) continue;
        ask('g');
        ask('qXfer:auxv:read::0,fff');
        for (const { start: from } of [...(session.thread?.mm.vmas ?? [])]) ask(`m${from.toString(16)},2000`);
      }
      return { hash: session.log.hash, calls: session.log.count };
    };
    expect(run(true)).toEqual(run(false));
  });

  it('kills', () => {
    ask(hello);
    expect(ask('vKill;2')).toBe('OK');
    expect(server.state).toBe('killed');
  });
});

describe('broken packets', () => {
  const words = [
    'q',
    'Q',
    'v',
    'm',
    'M',
    'X',
    'Z0',
    'z2',
    'H',
    'Hg',
    'T',
    'P',
    'G',
    'p',
    'vCont;',
    'vFile:',
    'D',
    'b',
  ];
  const more = [
    'qXfer:auxv:read:',
    'qRcmd,',
    'vFile:open:',
    'vFile:pread:',
    'QCatchSyscalls:1;',
    'QPassSignals:',
    'c',
    's',
    'vKill;',
  ];
  const tail = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.stringMatching(/^[0-9a-f,:;.p=-]{0,30}$/),
    fc.constantFrom(
      'ffffffffffffffff,ffffffffffffffff',
      'p2.2',
      '0,0',
      '-1',
      'fffffffffffff000,2000:00',
      '1000,1:zz',
    ),
  );

  it('are answered, and the server goes on', () => {
    ask(hello);
    fc.assert(
      fc.property(fc.constantFrom(...words, ...more), tail, (word, rest) => {
        if (server.state !== 'waiting') start('pair');
        ask(bytesToText(textToBytes(word + rest)));
      }),
      { numRuns: 400 },
    );
  });

  it('any bytes at all are survived', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (server.state !== 'waiting') start('pair');
        server.receive(bytes);
      }),
    );
    start('pair');
    server.receive(textToBytes('+++$g#00'));
    expect(ask('qC')).toBe('QC2');
  });
});
