// `rivulet debug`: the debugger's prompt on a terminal, or driven by scripts and stdin.
// main.ts imports it when asked; `replay --debug` calls debugTarget with a recorded program.
// The terminal is given back whatever happens.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { FilePiece } from '../debugger/inspect/core.ts';
import { Debugger, type Surroundings } from '../debugger/prompt/debugger.ts';
import { PromptEngine } from '../debugger/prompt/engine.ts';
import type { MakeTarget } from '../debugger/session/session.ts';
import { EIO, errnoMessage, errnoNumber } from '../kernel/errno.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import { debugHost } from './debug-files.ts';
import type { CommandSource, RawDebugOptions } from './debug-flags.ts';
import { PromptTerminal, promptAt } from './debug-terminal.ts';
import { CommandError } from './failure.ts';
import { feedFile, repeatableTarget } from './guest.ts';
import { whileIdle } from './idle.ts';
import { isTerminal } from './node-host.ts';
import type { RunSettings } from './run-options.ts';
import { spareBytes } from './spare-bytes.ts';

/** How the debugger is talked to. */
export interface DebugOptions {
  /** Run first, in order. */
  readonly sources: readonly CommandSource[];
  /** No prompt after them. */
  readonly isBatch: boolean;
  /** Panels above the prompt, on a terminal that can show them. */
  readonly hasPanels: boolean;
  /** Where source files may lie besides the place the compiler found them in. */
  readonly sourceDirectories: readonly string[];
  /** The guest's root directory, where debug files may lie. */
  readonly root?: string | undefined;
  /** Memory for machines at earlier moments, in bytes; see SessionOptions. */
  readonly spareBytes?: number | undefined;
}

/** Debugs `program` and returns the status for the shell. */
export function debugSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawDebugOptions,
): Promise<number> {
  const isBatch = raw.batch === true;
  const input = raw.stdin === undefined ? undefined : readInput(raw.stdin);
  const feed = (guest: GuestProcess): void => {
    if (input !== undefined) guest.write(input);
    if (input === undefined && isBatch)
      feedFile(guest); // no commands come from there
    else guest.end();
  };
  return debugTarget(repeatableTarget(program, args, settings, { feed }), {
    sources: raw.command ?? raw.ex ?? [],
    isBatch,
    hasPanels: raw.panels !== false,
    sourceDirectories: [process.cwd(), path.dirname(path.resolve(program))],
    root: settings.root,
    spareBytes: spareBytes(settings, raw),
  });
}

function readInput(file: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch {
    throw new CommandError(`--stdin ${file}: cannot be read`);
  }
}

const STATUS_COMMAND_FAILED = 1;

/** Opens the debugger on the machines that `make` makes. Returns the status for the shell. */
export async function debugTarget(make: MakeTarget, options: DebugOptions): Promise<number> {
  const isInteractive = isTerminal(0) && isTerminal(1) && !options.isBatch;
  const terminal = new PromptTerminal();
  const surroundings: Surroundings = {
    print: (text) => terminal.print(text),
    guestOutput: (stream, bytes) => terminal.guestOutput(stream, bytes),
    breathe: () => terminal.breathe(),
    readText: (file) => readText(file, options.sourceDirectories),
    writeFile,
    debugHost: debugHost(options.root, options.sourceDirectories),
    ...(isInteractive ? { panels: terminal.panels, ask: (question) => terminal.ask(question) } : {}),
  };
  const debugging = new Debugger(make, surroundings, options);
  const engine = new PromptEngine(debugging);
  terminal.attach(engine, options.hasPanels);
  const stopListening = listenToSignals(debugging);
  try {
    debugging.prepare();
    let isGood = await runSources(engine, options.sources);
    if (!options.isBatch && !debugging.hasQuit) {
      if (isInteractive) await terminal.converse();
      else isGood = (await readCommands(engine)) ?? isGood;
    }
    return debugging.quitStatus ?? (isGood ? 0 : STATUS_COMMAND_FAILED);
  } finally {
    stopListening();
    terminal.close();
  }
}

/** False when the last command failed, as in gdb; a script ends where one does, later sources run nevertheless. */
async function runSources(engine: PromptEngine, sources: readonly CommandSource[]): Promise<boolean> {
  let isGood = true;
  for (const { kind, text } of sources) {
    if (engine.debugging.hasQuit) break;
    isGood =
      kind === 'line' ? await engine.execute(text, false) : await engine.source(readScript(text), text);
  }
  return isGood;
}

function readScript(file: string): string {
  try {
    return fs.readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandError(`-x ${file}: cannot be read`);
  }
}

/** Commands from a pipe or file, shown behind the prompt as on a terminal. False when the last failed, undefined without any. */
async function readCommands(engine: PromptEngine): Promise<boolean | undefined> {
  let isGood: boolean | undefined;
  const lines = readline.createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const idle = (): (() => void) => whileIdle(() => engine.debugging.prepareToGoBack());
  let stopIdling = idle();
  for await (const line of lines) {
    stopIdling();
    engine.debugging.surroundings.print(`${promptAt(engine.blockDepth)}${line}\n`);
    isGood = await engine.execute(line);
    if (engine.debugging.hasQuit) break;
    stopIdling = idle();
  }
  stopIdling();
  return isGood;
}

const ENDING = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Ctrl-C without a prompt's terminal stops the guest; a second one, or one while it stands, ends us. */
function listenToSignals(debugging: Debugger): () => void {
  const onInterrupt = (): void => {
    if (debugging.isRunning) debugging.interrupt();
    else process.exit(128 + os.constants.signals.SIGINT);
  };
  const onEnd = (signal: NodeJS.Signals): never => process.exit(128 + os.constants.signals[signal]);
  process.on('SIGINT', onInterrupt);
  for (const signal of ENDING) process.on(signal, onEnd);
  return () => {
    process.off('SIGINT', onInterrupt);
    for (const signal of ENDING) process.off(signal, onEnd);
  };
}

/** A source file where the compiler found it, or below one of `directories`. */
function readText(file: string, directories: readonly string[]): string | undefined {
  const places = [
    file,
    ...directories.flatMap((dir) => [path.join(dir, file), path.join(dir, path.basename(file))]),
  ];
  for (const place of places) {
    try {
      return fs.readFileSync(place, 'utf8');
    } catch {
      // not there
    }
  }
  return undefined;
}

/** A file that cannot be finished is taken away again. */
function writeFile(file: string, size: number, pieces: Iterable<FilePiece>): string | undefined {
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, 'w', 0o600);
    const isRegular = fs.fstatSync(fd).isFile();
    try {
      for (const { offset, bytes } of pieces) {
        for (let done = 0; done < bytes.length; )
          done += fs.writeSync(fd, bytes, done, bytes.length - done, isRegular ? offset + done : null);
      }
      if (isRegular) fs.ftruncateSync(fd, size);
      return undefined;
    } catch (error) {
      if (isRegular) fs.rmSync(file, { force: true });
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return errnoMessage(errnoNumber(code) ?? EIO);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
