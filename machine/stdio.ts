// A program's descriptors 0, 1 and 2: the host's own streams, the embedder's functions, collected bytes, or a terminal.
// Machine.spawn makes them; GuestProcess feeds and reads them.
// Whatever the host side does, the guest sees Linux pipes, the null device or a Linux terminal.
import { O_RDONLY } from '../kernel/abi/fcntl.ts';
import { FdTable } from '../kernel/file/fd-table.ts';
import type { OpenFile } from '../kernel/file/open-file.ts';
import { openNullDevice } from '../kernel/fs/devices/memory-devices.ts';
import type { Path } from '../kernel/fs/path.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { HostInput, HostOutput } from '../kernel/tty/host-stream.ts';
import type { MachineTerminal } from './terminal.ts';

/** Where stdin comes from. */
export type InputSource =
  /** End of file at once. */
  | 'empty'
  /** The guest's /dev/null: programs that look whether there is input to read see that there is none. */
  | 'null'
  /** What `GuestProcess.write` gives, until `end`. */
  | 'pipe'
  /** The machine's terminal. */
  | 'terminal';

/** Where stdout or stderr go. */
export type OutputTarget =
  /** The host's own stream of that number. */
  | 'host'
  /** Kept; `GuestProcess.output` and `errors` return it. */
  | 'collect'
  /** The machine's terminal. */
  | 'terminal'
  /** Called with each piece as it is written; the bytes are the callee's own. */
  | ((bytes: Uint8Array) => void);

export interface Streams {
  readonly files: FdTable;
  /** The feeding end of a 'pipe'. */
  readonly input: HostInput | undefined;
}

export interface StreamOptions {
  readonly stdin: InputSource;
  readonly stdout: OutputTarget;
  readonly stderr: OutputTarget;
  /** Who owns the pipes. */
  readonly uid: number;
  readonly gid: number;
  /** Where /dev/null is. */
  readonly nullDevice: () => Path;
}

/** Makes the descriptor table of a first process. `collected` gets what goes to 'collect'. */
export function openStreams(
  kernel: Kernel,
  options: StreamOptions,
  terminal: () => MachineTerminal,
  collected: (stream: 1 | 2, bytes: Uint8Array) => void,
): Streams {
  const files = new FdTable(kernel.memory);
  const { uid, gid } = options;
  const add = (file: OpenFile): void => {
    files.install(file, 3);
  };
  let input: HostInput | undefined;
  if (options.stdin === 'terminal') add(terminal().open());
  else if (options.stdin === 'null') add(openNullDevice(options.nullDevice(), O_RDONLY));
  else {
    input = new HostInput(kernel, uid, gid);
    if (options.stdin === 'empty') input.endInput();
    add(input.file);
  }
  const output = (stream: 1 | 2, target: OutputTarget): void => {
    if (target === 'terminal') add(terminal().open());
    else add(new HostOutput(kernel, sinkFor(kernel, stream, target, collected), uid, gid).file);
  };
  output(1, options.stdout);
  output(2, options.stderr);
  return { files, input };
}

function sinkFor(
  kernel: Kernel,
  stream: 1 | 2,
  target: Exclude<OutputTarget, 'terminal'>,
  collected: (stream: 1 | 2, bytes: Uint8Array) => void,
): (bytes: Uint8Array) => boolean {
  if (target === 'host') {
    const { terminal } = kernel.host;
    return (bytes) => terminal?.write(stream, bytes) ?? true;
  }
  return (bytes) => {
    if (target === 'collect') collected(stream, bytes.slice());
    else target(bytes.slice());
    return true;
  };
}
