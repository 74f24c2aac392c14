// The arguments of one call as text: those known on entry, and on exit the rest.
// Tracer and the debugger's `syscall` command print with it, from the same row that the kernel dispatches by.
// A comma is promised on entry when an argument is still to come, as strace does: `read(3, <unfinished ...>`.
import type { ContextNames, Kind, PrintContext } from '../../kernel/abi/kind.ts';
import { hex } from '../../kernel/abi/kinds/format.ts';
import { AF_NETLINK } from '../../kernel/abi/socket.ts';
import { SocketDescriptor } from '../../kernel/net/socket.ts';
import { allSyscalls } from '../../kernel/syscalls/table.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { describeFd } from './describe-fd.ts';
import { messagesText } from './netlink/messages.ts';
import type { TraceOptions } from './options.ts';

/** Messages of a netlink socket; undefined for other descriptors. */
function describeMessage(
  thread: Thread,
  fd: number,
  bytes: () => Uint8Array | undefined,
  limit: number,
): string | undefined {
  const descriptor = thread.files.lookup(fd)?.descriptor;
  if (!(descriptor instanceof SocketDescriptor) || descriptor.core.family.number !== AF_NETLINK)
    return undefined;
  const data = bytes();
  return data && messagesText(data, { protocol: descriptor.core.protocol, limit });
}

const A0 = 10;

/** `__NR_read`; undefined for a number that no call has. */
export function numberedCall(number: number): string | undefined {
  const name = allSyscalls()[number]?.name;
  return name === undefined ? undefined : `__NR_${name}`;
}

/** The command name of who has the number `pid` for `thread`. */
function commandName(thread: Thread, pid: number): string | undefined {
  const { pids } = thread.kernel;
  const id = thread.process.kernelPid(pid);
  return (pids.thread(id) ?? pids.process(id))?.name;
}

/** How calls are printed; what is left out is not done. */
export type CallStyle = Pick<TraceOptions, 'stringLimit' | 'decodeFds'> &
  Partial<Pick<TraceOptions, 'isVerbose' | 'isAddressOnly' | 'namesPids' | 'isRaw'>>;

/** What siginfo_t is printed with. */
export function signalNames(thread: Thread, { namesPids }: Pick<CallStyle, 'namesPids'>): ContextNames {
  if (namesPids !== true) return { callName: numberedCall };
  return { callName: numberedCall, commandName: (pid) => commandName(thread, pid) };
}

/** A call being printed: how far its arguments got, and what its kinds remembered from the entry. */
export class CallText {
  readonly thread: Thread;
  readonly call: Call;
  readonly #style: CallStyle;
  readonly #raw: readonly bigint[];
  readonly #captured: readonly unknown[];
  #next = 0;
  #endsInComma = false;
  #isFirst = true;
  /** What was shown on entry of the argument that `exit` begins with. */
  #begun: string | undefined;

  constructor(thread: Thread, call: Call, style: CallStyle) {
    this.thread = thread;
    this.call = call;
    this.#style = style;
    this.#raw = Array.from({ length: 6 }, (_, index) => thread.hart.x(A0 + index));
    this.#captured = call.syscall.kinds.map(([, kind], index) =>
      kind.capture?.(
        call.args[call.syscall.kinds[index]?.[0] as string] as number,
        this.context('enter', 0, index),
      ),
    );
  }

  /** What a kind is told; `index` is the argument's, or -1 for the result. */
  context(phase: 'enter' | 'exit', result: number, index: number): PrintContext {
    const { thread } = this;
    return {
      thread,
      phase,
      result,
      args: this.call.args,
      stringLimit: this.#style.stringLimit,
      decodeFds: this.#style.decodeFds,
      isVerbose: this.#style.isVerbose?.(this.call.syscall.name) === true,
      isAddressOnly: this.#style.isAddressOnly?.(this.call.syscall.name) === true,
      raw: index < 0 ? BigInt.asUintN(64, BigInt(Math.trunc(result))) : (this.#raw[index] as bigint),
      captured: index < 0 ? undefined : this.#captured?.[index],
      ...signalNames(thread, this.#style),
      describeMessage: (fd, bytes) => describeMessage(thread, fd, bytes, this.#style.stringLimit),
      describeFd: (fd) => describeFd(thread, fd, this.#style.decodeFds),
    };
  }

  /** The arguments up to the first that is known on exit only. */
  entry(): string {
    const { kinds } = this.call.syscall;
    const text = this.entryList().join(', ');
    const waiting = kinds[this.#next];
    if (waiting?.[1].isBegunOnEntry === true) {
      const [name, kind] = waiting;
      this.#begun = kind.print(this.call.args[name] as number, this.context('enter', 0, this.#next));
      return `${text}${this.#isFirst ? '' : ', '}${this.#begun ?? ''}`;
    }
    this.#endsInComma = waiting !== undefined && waiting[1].isOptional !== true && !this.#isFirst;
    return this.#endsInComma ? `${text}, ` : text;
  }

  /** Are arguments still to come that are known on exit only? */
  get awaitsMore(): boolean {
    return this.#endsInComma || this.#begun !== undefined;
  }

  /** The arguments that `entry` left. */
  exit(result: number): string {
    const begun = this.#begun;
    if (begun !== undefined) {
      const whole = this.exitList(result).join(', ');
      return whole.startsWith(begun) ? whole.slice(begun.length) : ` => ${whole}`;
    }
    const hadComma = this.#endsInComma;
    const wasFirst = this.#isFirst;
    this.#isFirst = true;
    const text = this.exitList(result).join(', ');
    return text === '' || hadComma || wasFirst ? text : `, ${text}`;
  }

  /** An argument as the register has it. */
  raw(index: number): bigint {
    return this.#raw[index] ?? 0n;
  }

  /** Are the arguments and the result to be shown as numbers? */
  get isRaw(): boolean {
    return this.#style.isRaw?.(this.call.syscall.name) === true;
  }

  /** As `entry`, one text an argument. */
  entryList(): string[] {
    const { name, kinds } = this.call.syscall;
    if (this.isRaw) {
      this.#next = kinds.length;
      return kinds.map((_, index) => hex(this.raw(index)));
    }
    if (kinds.length === 0 && name.startsWith('syscall_')) return this.#raw.map((value) => hex(value));
    return this.#print('enter', 0, (kind) => kind.when === 'enter');
  }

  /** As `exit`, one text an argument. */
  exitList(result: number): string[] {
    return this.#print('exit', result, () => true);
  }

  #print(phase: 'enter' | 'exit', result: number, isDue: (kind: Kind) => boolean): string[] {
    const { kinds } = this.call.syscall;
    const texts: string[] = [];
    while (this.#next < kinds.length) {
      const [name, kind] = kinds[this.#next] as readonly [string, Kind];
      if (!isDue(kind)) break;
      const printed = kind.print(this.call.args[name] as number, this.context(phase, result, this.#next));
      if (printed !== undefined) texts.push(printed);
      this.#next++;
    }
    if (texts.length > 0) this.#isFirst = false;
    return texts;
  }
}
