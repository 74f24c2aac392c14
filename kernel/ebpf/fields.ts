// Fields that an instruction does not use are 0, and constants are ones that it can compute with (kernel/bpf/verifier.c, check_alu_op and do_check).
import { EINVAL } from '../errno.ts';
import {
  ALU64,
  ARSH,
  CALL,
  classOf,
  DIV,
  END,
  EXIT,
  type Instruction,
  JA,
  JMP,
  JMP32,
  LDX,
  LSH,
  MOD,
  MOV,
  NEG,
  RSH,
  ST,
  STX,
  X,
} from './instructions.ts';
import { reject } from './rejection.ts';

/** EINVAL. */
export function demandFields(instruction: Instruction): void {
  const { code, src, imm } = instruction;
  switch (classOf(code)) {
    case 0:
      if (instruction.off !== 0) reject(EINVAL, 'BPF_LD_IMM64 uses reserved fields');
      break;
    case LDX:
      break;
    case ST:
      if (src !== 0) reject(EINVAL, 'BPF_ST uses reserved fields');
      break;
    case STX:
      if (imm !== 0) reject(EINVAL, 'BPF_STX uses reserved fields');
      break;
    case JMP:
    case JMP32:
      demandJumpFields(instruction);
      break;
    default:
      demandArithmeticFields(instruction);
  }
}

function demandJumpFields({ code, dst, src, off, imm }: Instruction): void {
  const kind = classOf(code);
  const operation = code & 0xf0;
  let used: boolean;
  if (kind === JMP && operation === CALL) used = off !== 0 || dst !== 0;
  else if (kind === JMP && operation === EXIT) used = src !== 0 || dst !== 0 || imm !== 0;
  else if (operation === JA) used = src !== 0 || dst !== 0 || (kind === JMP ? imm !== 0 : off !== 0);
  else used = (code & X) !== 0 ? imm !== 0 : src !== 0;
  if (!used) return;
  const name = operation === CALL ? 'CALL' : operation === EXIT ? 'EXIT' : operation === JA ? 'JA' : 'JMP';
  reject(EINVAL, `BPF_${name} uses reserved fields`);
}

function demandArithmeticFields({ code, src, off, imm }: Instruction): void {
  const operation = code & 0xf0;
  const isWide = classOf(code) === ALU64;
  const fromRegister = (code & X) !== 0;
  const unused = fromRegister ? imm !== 0 : src !== 0;
  switch (operation) {
    case NEG:
      if (src !== 0 || off !== 0 || imm !== 0) reject(EINVAL, 'BPF_NEG uses reserved fields');
      break;
    case END:
      if (src !== 0 || off !== 0 || ![16, 32, 64].includes(imm))
        reject(EINVAL, 'BPF_END uses reserved fields');
      break;
    case MOV: {
      const signed = !fromRegister ? [0] : isWide ? [0, 8, 16, 32] : [0, 8, 16];
      if (unused || !signed.includes(off)) reject(EINVAL, 'BPF_MOV uses reserved fields');
      break;
    }
    default: {
      const mayBeSigned = operation === DIV || operation === MOD;
      if (unused || (off !== 0 && !(mayBeSigned && off === 1)))
        reject(EINVAL, 'BPF_ALU uses reserved fields');
      if (fromRegister) break;
      if (mayBeSigned && imm === 0) reject(EINVAL, 'div by zero');
      const isShift = operation === LSH || operation === RSH || operation === ARSH;
      if (isShift && (imm < 0 || imm >= (isWide ? 64 : 32))) reject(EINVAL, `invalid shift ${imm}`);
    }
  }
}
