// Loaded eBPF programs (kernel/bpf/syscall.c): each has an id as long as a descriptor or a group refers to it.
// syscalls/bpf.ts loads them, cgroup/device-programs.ts attaches them.
import { BPF_TAG_SIZE } from '../abi/ebpf.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { Inode } from '../fs/inode.ts';
import { decode, type Instruction } from './instructions.ts';
import { sha256 } from './sha256.ts';

export interface Origin {
  /** BPF_PROG_TYPE_*. */
  readonly type: number;
  readonly name: Uint8Array;
  readonly isGplCompatible: boolean;
  readonly uid: number;
  /** Since boot, ns. */
  readonly loadedNs: number;
}

export class Program {
  readonly id: number;
  readonly origin: Origin;
  /** As they were given. */
  readonly bytes: Uint8Array;
  readonly instructions: readonly Instruction[];
  readonly tag: Uint8Array;
  readonly #programs: Programs;
  #references = 0;

  constructor(programs: Programs, id: number, bytes: Uint8Array, origin: Origin) {
    this.#programs = programs;
    this.id = id;
    this.bytes = bytes;
    this.instructions = decode(bytes);
    this.tag = sha256(bytes).subarray(0, BPF_TAG_SIZE);
    this.origin = origin;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references === 0) this.#programs.forget(this.id);
  }
}

/** Those of a machine. */
export class Programs {
  readonly #byId = new Map<number, Program>();
  #lastId = 0;

  add(bytes: Uint8Array, origin: Origin): Program {
    const program = new Program(this, ++this.#lastId, bytes, origin);
    this.#byId.set(program.id, program);
    return program;
  }

  forget(id: number): void {
    this.#byId.delete(id);
  }

  get(id: number): Program | undefined {
    return this.#byId.get(id);
  }

  /** The smallest id above `id`. */
  next(id: number): number | undefined {
    return [...this.#byId.keys()].find((each) => each > id);
  }
}

/** The descriptor of a program; it can neither be read nor written. */
export class ProgramFile extends FileDescriptor {
  readonly kind = 'bpf-program';
  override readonly inode: Inode;
  readonly program: Program;

  constructor(inode: Inode, program: Program) {
    super();
    this.inode = inode;
    this.program = program.retain();
  }

  override fdinfo(): string {
    const { id, tag, instructions, origin } = this.program;
    const hex = Array.from(tag, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const rows = {
      prog_type: origin.type,
      prog_jited: 0,
      prog_tag: hex,
      memlock: 4096 * Math.ceil(instructions.length / 512),
      prog_id: id,
      run_time_ns: 0,
      run_cnt: 0,
      recursion_misses: 0,
      verified_insns: instructions.length,
    };
    return Object.entries(rows)
      .map(([name, value]) => `${name}:\t${value}\n`)
      .join('');
  }

  override close(): void {
    this.program.release();
  }
}
