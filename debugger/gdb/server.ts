// A server for gdb's remote protocol on one connection: bytes in, bytes out, and turns of the machine in between.
// cli/gdb.ts owns the socket and calls `receive` and `pump`; target.ts drives the session.
// Whatever arrives is answered or ignored: a packet that makes no sense is an error reply, never an exception.
import { isFailure } from '../../kernel/errno.ts';
import { textToBytes } from '../../kernel/mm/user-memory.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Session } from '../session/session.ts';
import { CallCatches } from './call-catches.ts';
import { GuestFiles } from './files.ts';
import { readMemory, writeMemory } from './memory.ts';
import {
  bytesOfHex,
  hexNumber,
  hexOf,
  type Incoming,
  PACKET_SIZE,
  PacketReader,
  packetBytes,
} from './packet.ts';
import { answerQuery, BAD_REQUEST, type QueryContext } from './queries.ts';
import { readAllRegisters, readRegister, writeAllRegisters, writeRegister } from './registers.ts';
import { stopReply } from './replies.ts';
import { parseActions, parseOldAction } from './resume.ts';
import { GdbTarget, type ResumeAction, type TargetStop } from './target.ts';
import { idCovers, parseThreadId, type ThreadId } from './thread-ids.ts';

/** How a connection stands. */
export type ConnectionState =
  /** gdb has let threads go: call `pump`. */
  | 'running'
  /** gdb has to say something first. */
  | 'waiting'
  /** gdb has detached from everything, or there is nothing left; the rest of the guest runs on by itself. */
  | 'detached'
  /** gdb has killed the program. */
  | 'killed';

const OK = 'OK';
const NOT_THERE = 'E03';
const NO_ACCESS = 'E0e';
const FAILED = 'E05';
const ANY: ThreadId = { pid: 0, tid: 0 };

type Handler = (rest: string, packet: string) => string | undefined;

/** Serves `session`, which nobody else drives meanwhile; `send` writes to the connection. */
export function serveGdb(session: Session, send: (bytes: Uint8Array) => void): GdbServer {
  return new GdbServer(session, send);
}

export class GdbServer {
  readonly #target: GdbTarget;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #reader = new PacketReader();
  readonly #files = new GuestFiles();
  readonly #catches: CallCatches;
  readonly #features = new Set<string>();
  readonly #handlers: Readonly<Record<string, Handler>>;
  #usesAcks = true;
  #sent: Uint8Array | undefined;
  #general = ANY;
  #continue = ANY;
  #state: ConnectionState = 'waiting';
  #lastStop: TargetStop | undefined;
  #isIdle = false;
  /** The connection outlives the program: gdb may run it once more. */
  #isExtended = false;
  /** Without the program's name. */
  readonly #arguments: readonly string[];
  readonly #libraryNumberFields = new Map<number, number>();

  constructor(session: Session, send: (bytes: Uint8Array) => void) {
    this.#target = new GdbTarget(session);
    this.#arguments = this.#target.current?.process.commandLine.slice(1) ?? [];
    this.#catches = new CallCatches(this.#target);
    this.#send = send;
    this.#handlers = this.#table();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** All threads sleep for good; only the person can change that, so `pump` need not be called until bytes arrive. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Bytes from gdb. */
  receive(bytes: Uint8Array): void {
    for (const incoming of this.#reader.feed(bytes)) this.#take(incoming);
  }

  /** While running: at most `turns` steps of the machine, and the reply when it has stopped. */
  pump(turns: number): void {
    if (this.#state !== 'running') return;
    const stop = this.#target.pump(turns);
    if (stop === undefined) return;
    if (stop === 'idle') {
      if (!this.#isIdle)
        this.#print('All threads sleep, and nothing is left that could wake one. Ctrl-C stops here.\n');
      this.#isIdle = true;
    } else if (stop === 'finished') this.#reply('W00');
    else this.#stopped(stop);
  }

  /** The connection is gone: nothing of gdb's stays behind, so that the guest can run on. */
  close(): void {
    this.#catches.clear();
    for (const { pid } of this.#target.watch.processes) this.#target.detach(pid);
  }

  #take(incoming: Incoming): void {
    switch (incoming.kind) {
      case 'ack':
        this.#sent = undefined;
        return;
      case 'nack':
        if (this.#sent !== undefined) this.#send(this.#sent);
        return;
      case 'damaged':
        if (this.#usesAcks) this.#send(textToBytes('-'));
        return;
      case 'interrupt':
        this.#isIdle = false;
        if (this.#state === 'running') this.#target.interrupt();
        return;
      case 'packet':
        if (this.#usesAcks) this.#send(textToBytes('+'));
        this.#packet(incoming.payload);
        return;
    }
  }

  #packet(payload: string): void {
    if (this.#state !== 'waiting') return; // while threads run only Ctrl-C has a meaning
    let answer: string | undefined;
    try {
      answer = this.#answer(payload);
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      answer = `E${Math.min(thrown.errno, 255).toString(16).padStart(2, '0')}`;
    }
    if (answer !== undefined) this.#reply(answer);
  }

  /** undefined when the reply comes later, or never. */
  #answer(payload: string): string | undefined {
    const letter = payload.charAt(0);
    if (letter === 'q' || letter === 'Q') return answerQuery(payload, this.#context()) ?? '';
    if (letter === 'v') return this.#verbose(payload);
    const handler = this.#handlers[letter];
    return handler === undefined ? '' : handler(payload.slice(1), payload);
  }

  #reply(text: string): void {
    const bytes = packetBytes(text);
    if (this.#usesAcks) this.#sent = bytes;
    this.#send(bytes);
  }

  /** For gdb's console; only while threads run. */
  #print(text: string): void {
    this.#reply(`O${hexOf(new TextEncoder().encode(text))}`);
  }

  #table(): Record<string, Handler> {
    return {
      '?': () => this.#status(),
      '!': () => {
        this.#isExtended = true;
        return OK;
      },
      g: () => this.#withThread(readAllRegisters),
      G: (hex) => this.#changing((thread) => writeAllRegisters(thread, hex)),
      p: (number) => this.#withThread((thread) => readRegister(thread, hexNumber(number)) ?? BAD_REQUEST),
      P: (text) => {
        const [number = '', hex = ''] = text.split('=');
        return this.#changing((thread) => writeRegister(thread, hexNumber(number), hex));
      },
      m: (text) => this.#readMemory(text),
      M: (text) => this.#writeMemory(text, bytesOfHex),
      X: (text) => this.#writeMemory(text, textToBytes),
      Z: (text) => this.#point(text, true),
      z: (text) => this.#point(text, false),
      H: (text) => this.#select(text),
      T: (text) => (this.#find(parseThreadId(text)) === undefined ? NOT_THERE : OK),
      c: (_, packet) => this.#resumeOld(packet),
      s: (_, packet) => this.#resumeOld(packet),
      C: (_, packet) => this.#resumeOld(packet),
      S: (_, packet) => this.#resumeOld(packet),
      b: (direction) => this.#reverse(direction),
      D: (text) => this.#detach(text),
      k: () => {
        if (this.#isExtended) for (const process of this.#target.watch.processes) this.#target.kill(process);
        else this.#state = 'killed';
        return undefined;
      },
    };
  }

  #context(): QueryContext {
    const self = this;
    return {
      target: this.#target,
      catches: this.#catches,
      clientFeatures: this.#features,
      isMultiprocess: this.#isMultiprocess,
      get selected() {
        return self.#selected;
      },
      lastStop: this.#lastStop,
      libraryNumberFields: this.#libraryNumberFields,
      leaveAcks: () => {
        this.#usesAcks = false;
      },
    };
  }

  get #isMultiprocess(): boolean {
    return this.#features.has('multiprocess');
  }

  #status(): string {
    const thread = this.#target.current;
    if (thread === undefined) return 'W00';
    return this.#stopText(this.#lastStop ?? { kind: 'stepped', thread });
  }

  #stopText(stop: TargetStop): string {
    return stopReply(stop, {
      isMultiprocess: this.#isMultiprocess,
      swbreak: this.#features.has('swbreak'),
      catchesCalls: this.#catches.isKnownToClient,
    });
  }

  // Threads

  #find(id: ThreadId | undefined): Thread | undefined {
    if (id === undefined) return undefined;
    const { current, watch } = this.#target;
    if (current !== undefined && idCovers(id, current)) return current;
    return watch.threads.find((thread) => idCovers(id, thread));
  }

  get #selected(): Thread | undefined {
    return this.#find(this.#general);
  }

  #select(text: string): string {
    const id = parseThreadId(text.slice(1));
    if (id === undefined) return BAD_REQUEST;
    if (id.tid > 0 && this.#find(id) === undefined) return NOT_THERE;
    if (text.startsWith('g')) this.#general = id;
    else if (text.startsWith('c')) this.#continue = id;
    else return BAD_REQUEST;
    return OK;
  }

  #withThread(action: (thread: Thread) => string): string {
    const thread = this.#selected;
    return thread === undefined ? NOT_THERE : action(thread);
  }

  /** Changes registers of the selected thread, in a way that repeated runs repeat. */
  #changing(action: (thread: Thread) => boolean): string {
    const { session } = this.#target;
    return this.#withThread(({ tid }) => {
      let isDone = false;
      session.change(({ kernel }) => {
        const thread = kernel.pids.thread(tid);
        if (thread !== undefined) isDone = action(thread);
      });
      return isDone ? OK : BAD_REQUEST;
    });
  }

  // Memory and points

  #readMemory(text: string): string {
    const [address = '', length = ''] = text.split(',');
    const at = hexNumber(address);
    const count = Math.min(hexNumber(length), PACKET_SIZE / 2);
    if (!(at + count >= 0)) return BAD_REQUEST;
    return this.#withThread((thread) => {
      if (count === 0) return '';
      const bytes = readMemory(this.#target.session, thread, at, count);
      return bytes === undefined ? NO_ACCESS : hexOf(bytes);
    });
  }

  #writeMemory(text: string, decode: (data: string) => Uint8Array | undefined): string {
    const colon = text.indexOf(':');
    const [address = '', length = ''] = text.slice(0, Math.max(colon, 0)).split(',');
    const bytes = decode(text.slice(colon + 1));
    const at = hexNumber(address);
    if (bytes === undefined || bytes.length !== hexNumber(length) || Number.isNaN(at)) return BAD_REQUEST;
    return this.#withThread((thread) =>
      writeMemory(this.#target.session, thread, at, bytes) ? OK : NO_ACCESS,
    );
  }

  /** Z and z: TYPE,ADDRESS,KIND; for watchpoints KIND is the length. */
  #point(text: string, inserts: boolean): string {
    const [type = '', address = '', kind = ''] = text.split(/[,;]/);
    const at = hexNumber(address);
    const length = hexNumber(kind);
    if (!/^[0-4]$/.test(type) || Number.isNaN(at + length)) return BAD_REQUEST;
    return this.#withThread(({ process }) => {
      const { points } = this.#target;
      const isKnown = inserts
        ? points.insert(process, Number(type), at, length)
        : points.remove(process, Number(type), at, length);
      return isKnown ? OK : '';
    });
  }

  // Running

  #verbose(packet: string): string | undefined {
    if (packet === 'vCont?') return 'vCont;c;C;s;S;t;r';
    if (packet.startsWith('vCont;')) return this.#resume(parseActions(packet.slice('vCont'.length)));
    if (packet.startsWith('vFile:')) {
      const stop = this.#lastStop;
      const info = stop?.kind === 'signal' ? stop.info : undefined;
      return this.#withThread(
        (thread) => this.#files.handle(packet.slice('vFile:'.length), thread, info) ?? '',
      );
    }
    if (packet === 'vRun' || packet.startsWith('vRun;')) return this.#run(packet.slice('vRun;'.length));
    if (packet.startsWith('vKill;')) return this.#kill(hexNumber(packet.slice('vKill;'.length)));
    return '';
  }

  #resumeOld(packet: string): string | undefined {
    return this.#resume(parseOldAction(packet, this.#continue));
  }

  #resume(actions: ResumeAction[] | undefined): string | undefined {
    if (actions === undefined) return BAD_REQUEST;
    if (this.#target.watch.processes.length === 0 && this.#target.session.kernel.pids.isEmpty) return 'W00';
    this.#target.resume(actions);
    this.#isIdle = false;
    this.#state = 'running';
    return undefined;
  }

  #reverse(direction: string): string | undefined {
    const thread = this.#find(this.#continue);
    if (thread === undefined) return NOT_THERE;
    if (direction !== 's' && direction !== 'c') return '';
    this.#stopped(direction === 's' ? this.#target.reverseStep(thread) : this.#target.reverseContinue());
    return undefined;
  }

  #stopped(stop: TargetStop): void {
    this.#isIdle = false;
    if ((stop.kind === 'entry' || stop.kind === 'exit') && !this.#catches.isKnownToClient) {
      this.#print(`${stop.text}${stop.kind === 'entry' ? ' <unfinished ...>' : ''}\n`);
    }
    this.#lastStop = stop.kind === 'exited' ? undefined : stop;
    this.#general = ANY;
    this.#continue = ANY;
    this.#state = 'waiting';
    this.#reply(this.#stopText(stop));
    if (stop.kind === 'exited') this.#endWhenEmpty('detached');
  }

  #detach(text: string): string {
    const pid = text.startsWith(';') ? hexNumber(text.slice(1)) : this.#target.current?.process.pid;
    if (pid === undefined || !this.#target.detach(pid)) return NOT_THERE;
    if (this.#lastStop !== undefined && this.#lastStop.kind !== 'exited') {
      if (this.#lastStop.thread.process.pid === pid) this.#lastStop = undefined;
    }
    this.#endWhenEmpty('detached');
    return OK;
  }

  /** FILE;ARGUMENT;… in hexadecimal; the program is the one that the machine was made for. */
  #run(text: string): string {
    const words = text.split(';').slice(1).map(textOfHex);
    const isSame = words.every((word, index) => word === this.#arguments[index]);
    if (words.length > 0 && (!isSame || words.length !== this.#arguments.length))
      return 'E.the arguments of the program are those that rivulet was started with';
    const stop = this.#target.restart();
    this.#lastStop = stop;
    this.#general = ANY;
    this.#continue = ANY;
    return this.#stopText(stop);
  }

  /** What becomes of the connection when gdb holds no process any more. */
  #endWhenEmpty(state: 'detached' | 'killed'): void {
    if (this.#target.watch.processes.length > 0) return;
    this.#lastStop = undefined;
    if (!this.#isExtended) this.#state = state;
  }

  #kill(pid: number): string {
    const process = this.#target.watch.processes.find((each) => each.pid === pid);
    if (process === undefined) return NOT_THERE;
    if (!this.#target.kill(process)) return FAILED;
    this.#endWhenEmpty('killed');
    return OK;
  }
}

function textOfHex(hex: string): string {
  return new TextDecoder().decode(bytesOfHex(hex) ?? new Uint8Array());
}
