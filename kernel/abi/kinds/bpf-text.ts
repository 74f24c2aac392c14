// Programs of classic BPF as words: BPF_STMT(BPF_RET|BPF_K, 0), as strace -v prints them; their address without -v.
// The kinds of seccomp(2) and of the socket options that take a filter print with it.
import { SockFilter, SockFprog } from '../bpf.ts';
import type { PrintContext } from '../kind.ts';
import { hex, pointer } from './format.ts';
import { arrayText, braces, peekStruct, structText } from './peek.ts';

const CLASSES = ['LD', 'LDX', 'ST', 'STX', 'ALU', 'JMP', 'RET', 'MISC'].map((word) => `BPF_${word}`);
const SIZES: Readonly<Record<number, string>> = { 0: 'BPF_W', 8: 'BPF_H', 16: 'BPF_B' };
const MODES: Readonly<Record<number, string>> = {
  0: 'BPF_IMM',
  32: 'BPF_ABS',
  64: 'BPF_IND',
  96: 'BPF_MEM',
  128: 'BPF_LEN',
  160: 'BPF_MSH',
};
const OPERATIONS = ['ADD', 'SUB', 'MUL', 'DIV', 'OR', 'AND', 'LSH', 'RSH', 'NEG', 'MOD', 'XOR'].map(
  (word) => `BPF_${word}`,
);
const JUMPS = ['JA', 'JEQ', 'JGT', 'JGE', 'JSET'].map((word) => `BPF_${word}`);
const RETURNS: Readonly<Record<number, string>> = { 0: 'BPF_K', 8: 'BPF_X', 16: 'BPF_A' };
const MOVES: Readonly<Record<number, string>> = { 0: 'BPF_TAX', 128: 'BPF_TXA' };

const JMP = 5;

/** The parts of an instruction's code beside its class; what has no name as a number. */
function parts(code: number): string[] {
  const source = (code & 8) === 0 ? 'BPF_K' : 'BPF_X';
  switch (code & 7) {
    case 0:
    case 1:
      return [SIZES[code & 0x18] ?? hex(code & 0x18), MODES[code & 0xe0] ?? hex(code & 0xe0)];
    case 4:
      return [source, OPERATIONS[code >> 4] ?? hex(code & 0xf0)];
    case JMP:
      return [source, JUMPS[code >> 4] ?? hex(code & 0xf0)];
    case 6:
      return [RETURNS[code & 0x18] ?? hex(code & 0x18)];
    case 7:
      return [MOVES[code & 0xf8] ?? hex(code & 0xf8)];
    default:
      return code >> 3 === 0 ? [] : [hex(code & ~7)];
  }
}

/** What a filter may return has names where it decides about system calls. */
type ResultText = (value: number) => string;

function instructionText(filter: { code: number; jt: number; jf: number; k: number }, returns: ResultText) {
  const { code, jt, jf, k } = filter;
  const words = [CLASSES[code & 7], ...parts(code & 0xff)];
  if (code > 0xff) words.push(hex(code & ~0xff));
  const name = words.join('|');
  if ((code & 7) === JMP) return `BPF_JUMP(${name}, ${hex(k)}, ${hex(jt)}, ${hex(jf)})`;
  if (jt !== 0 || jf !== 0) return `BPF_JUMP(${name}, ${hex(k)}, ${hex(jt)}, ${hex(jf)})`;
  return `BPF_STMT(${name}, ${name === 'BPF_RET|BPF_K' ? returns(k) : hex(k)})`;
}

/** `{len=4, filter=0x7ffe…}`; with -v the instructions. */
export function programText(context: PrintContext, address: number, returns: ResultText = hex): string {
  return structText(context, address, SockFprog, ({ len, filter }) =>
    braces([
      `len=${len}`,
      `filter=${context.isVerbose ? filterText(context, filter, len, returns) : pointer(filter)}`,
    ]),
  );
}

/** The instructions of a program of `length`. */
export function filterText(context: PrintContext, address: number, length: number, returns: ResultText) {
  return arrayText(context, address, Math.min(length, 4096), SockFilter.size, (at) => {
    const filter = peekStruct(context, at, SockFilter);
    return filter && instructionText(filter, returns);
  });
}
