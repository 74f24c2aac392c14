// What a system call's argument means: how its register is read and how a trace prints it.
// Rows in kernel/syscalls/*.ts name kinds; kinds live in abi/kinds/*.ts beside the structs they print.
// A kind never throws on guest input: what cannot be read is printed as its address, as strace does.
import type { Thread } from '../task/thread.ts';

/** How the 64-bit register becomes a number. 'u64' and 'i64' are exact to 2^53, beyond that rounded. */
export type Register = 'i32' | 'u32' | 'i64' | 'u64';

/** When a value is printed: on entry, or on exit when the result is known (out-parameters). */
export interface PrintContext {
  readonly thread: Thread;
  readonly phase: 'enter' | 'exit';
  /** The syscall's result on exit, negative errno on failure; 0 on entry. */
  readonly result: number;
  /** All arguments by name, for kinds that need a neighbour (a buffer its length). */
  readonly args: Readonly<Record<string, number>>;
  /** -s: how many bytes of a string are shown. */
  readonly stringLimit: number;
  /** -y / -yy. */
  readonly decodeFds: 0 | 1 | 2;
  /** All 64 bits of the argument being printed. */
  readonly raw: bigint;
  /** What the kind's `capture` returned on entry. */
  readonly captured: unknown;
  /** Long forms of structs that are shortened to `...` otherwise (-v). */
  readonly isVerbose: boolean;
  /** What a descriptor of the thread refers to, for -y; undefined when it is closed. */
  describeFd?(fd: number): string | undefined;
  /** What the bytes mean that go through a descriptor, where that is known (netlink); else undefined. */
  describeMessage?(fd: number, bytes: () => Uint8Array | undefined): string | undefined;
  /** Memory is not looked into but for strings: structures and numbers are shown as addresses (-e verbose=). */
  readonly isAddressOnly?: boolean;
  /** A system call's name by its number, as `__NR_read`; undefined when there is none. */
  callName?(number: number): string | undefined;
  /** -Y: the command name of the process or thread that has this number for the thread; undefined when there is none. */
  commandName?(pid: number): string | undefined;
}

/** What siginfo_t and others are told of a context. */
export type ContextNames = Pick<PrintContext, 'callName' | 'commandName'>;

export interface Kind {
  readonly name: string;
  readonly register: Register;
  /** 'enter' for in-parameters, 'exit' for out and in-out parameters. */
  readonly when: 'enter' | 'exit';
  /** May turn out to be left out, so that no comma is promised on entry. */
  readonly isOptional?: boolean;
  /** An in-out parameter whose text on entry is the beginning of that on exit. */
  readonly isBegunOnEntry?: boolean;
  /** Undefined: the argument means nothing in this call (the mode of an open without O_CREAT) and is left out. */
  print(value: number, context: PrintContext): string | undefined;
  /** Called on entry for what an exit printer must know of memory as it was (an in-out length). */
  capture?(value: number, context: PrintContext): unknown;
}
