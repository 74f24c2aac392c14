// `rivulet debug --gdb PORT`: a program for gdb to attach to, over a socket.
// debug.ts calls it; the protocol is debugger/gdb/server.ts. The program's output goes where ours goes.
// It begins when gdb says so, and when gdb has gone it runs on by itself to its end.
import net from 'node:net';
import { type GdbServer, serveGdb } from '../debugger/gdb/server.ts';
import { type MakeTarget, Session } from '../debugger/session/session.ts';
import type { Process } from '../kernel/task/process.ts';
import { CommandError, UsageError } from './failure.ts';
import { repeatableTarget } from './guest.ts';
import { whileIdle } from './idle.ts';
import { writeAll } from './node-host.ts';
import type { RunSettings } from './run-options.ts';

/** How long the machine runs before the connection is looked at again. */
const SLICE_MS = 8;
const TURNS = 32;
/** Done at once for going back while gdb wants nothing: some milliseconds, see Session.tend. */
const IDLE_WORK = 1_000_000;

/** `serveTarget` with a program of the command line. */
export function gdbSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  address: string,
  spareBytes: number | undefined,
): Promise<number> {
  return serveTarget(repeatableTarget(program, args, settings), address, spareBytes);
}

/** Waits for gdb at `address`, PORT or HOST:PORT, and returns the program's status, or 137 when gdb has killed it. */
export async function serveTarget(
  target: MakeTarget,
  address: string,
  spareBytes?: number | undefined,
): Promise<number> {
  const { host, port } = readAddress(address);
  const session = new Session(target, (stream, bytes) => writeAll(stream, bytes), { spareBytes });
  const first = new FirstProcess(session);
  const socket = await oneConnection(host, port);
  const server = serveGdb(session, (bytes) => socket.write(bytes));
  await attend(server, socket, first, () => session.tend(IDLE_WORK));
  socket.end();
  if (server.state === 'killed') return 128 + 9;
  server.close();
  await runOn(session, first);
  return first.status;
}

function readAddress(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new UsageError(`--gdb ${text}: must be a port, or host:port`);
  }
  return { host: text.slice(0, Math.max(colon, 0)) || '127.0.0.1', port: Number(port) };
}

/** The first to connect is served, and nobody else. */
function oneConnection(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const listener = net.createServer((socket) => {
      listener.close();
      socket.setNoDelay();
      resolve(socket);
    });
    listener.on('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'the port is in use'
          : error.code === 'EACCES'
            ? 'this port needs more rights'
            : error.message;
      reject(new CommandError(`--gdb ${host}:${port}: ${why}`));
    });
    listener.listen(port, host, () => {
      const bound = (listener.address() as net.AddressInfo).port;
      writeAll(2, Buffer.from(`rivulet: waiting for gdb: target remote ${host}:${bound}\n`));
    });
  });
}

/** Until gdb has detached, killed or gone. */
async function attend(
  server: GdbServer,
  socket: net.Socket,
  first: FirstProcess,
  idle: () => boolean,
): Promise<void> {
  let isOpen = true;
  let wake = (): void => {};
  socket.on('data', (bytes) => {
    server.receive(bytes);
    first.look();
    wake();
  });
  socket.on('error', () => {}); // reset by the peer; close follows
  socket.on('close', () => {
    isOpen = false;
    wake();
  });
  while (isOpen && (server.state === 'waiting' || server.state === 'running')) {
    if (server.state === 'waiting' || server.isIdle) {
      const stopIdling = whileIdle(idle);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      stopIdling();
      continue;
    }
    const until = performance.now() + SLICE_MS;
    while (server.state === 'running' && !server.isIdle && performance.now() < until) {
      server.pump(TURNS);
      first.look();
    }
    await new Promise(setImmediate);
  }
}

async function runOn(session: Session, first: FirstProcess): Promise<void> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) {
      const stop = session.pump({ kind: 'continue' }, TURNS);
      first.look();
      if (stop?.kind === 'finished') return;
      if (stop?.kind === 'idle')
        throw new CommandError('all threads sleep, and nothing is left that could wake one');
    }
    await new Promise(setImmediate);
  }
}

/** Remembers the program's own process, whose status becomes ours, in whatever machine is the present one. */
class FirstProcess {
  readonly #session: Session;
  readonly #pid: number;
  #process: Process | undefined;

  constructor(session: Session) {
    this.#session = session;
    this.#pid = session.thread?.process.pid ?? 0;
    this.look();
  }

  look(): void {
    this.#process = this.#session.kernel.pids.process(this.#pid) ?? this.#process;
  }

  get status(): number {
    const { waitStatus = 0 } = this.#process ?? {};
    const signal = waitStatus & 0x7f;
    return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
  }
}
