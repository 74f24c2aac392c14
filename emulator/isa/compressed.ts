// The C extension: each 16-bit instruction is rewritten to the 32-bit instruction it stands for.
// Called by the decoder; nothing after it knows that compressed instructions exist, except by their length.
// Reserved encodings give 0, which is no instruction. Source: RISC-V unprivileged ISA, C, "RVC instruction set listings".

/** The instructions that compressed ones stand for. */
export const COMPRESSIBLE: ReadonlySet<string> = new Set(
  (
    'lui jal jalr beq bne lw ld sw sd addi slli srli srai andi add sub xor or and ' +
    'addiw addw subw ebreak fld fsd'
  ).split(' '),
);

const SP = 2;
const RA = 1;
const EBREAK = 0x0010_0073;
const RESERVED = 0;

const Opcode = {
  LOAD: 0x03,
  LOAD_FP: 0x07,
  OP_IMM: 0x13,
  OP_IMM_32: 0x1b,
  STORE: 0x23,
  STORE_FP: 0x27,
  OP: 0x33,
  LUI: 0x37,
  OP_32: 0x3b,
  BRANCH: 0x63,
  JALR: 0x67,
  JAL: 0x6f,
} as const;
const WORD = 2;
const DOUBLE = 3;
const SRL = 5;

const iType = (opcode: number, funct3: number, rd: number, rs1: number, imm: number) =>
  (imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
const rType = (opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number) =>
  (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
const sType = (opcode: number, funct3: number, rs1: number, rs2: number, imm: number) =>
  ((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((imm & 31) << 7) | opcode;
const branch = (funct3: number, rs1: number, imm: number) =>
  (((imm >> 12) & 1) << 31) |
  (((imm >> 5) & 63) << 25) |
  (rs1 << 15) |
  (funct3 << 12) |
  (((imm >> 1) & 15) << 8) |
  (((imm >> 11) & 1) << 7) |
  Opcode.BRANCH;
const jump = (imm: number) =>
  (((imm >> 20) & 1) << 31) |
  (((imm >> 1) & 0x3ff) << 21) |
  (((imm >> 11) & 1) << 20) |
  (imm & 0xff000) |
  Opcode.JAL;

/** Sign-extends the low `bits` bits. */
const signed = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits);

/** The 32-bit instruction that a 16-bit one stands for, or 0 when it is reserved. */
export function expandCompressed(half: number): number {
  switch (half & 3) {
    case 0:
      return quadrant0(half);
    case 1:
      return quadrant1(half);
    default:
      return quadrant2(half);
  }
}

function quadrant0(h: number): number {
  const rd = 8 + ((h >> 2) & 7);
  const rs1 = 8 + ((h >> 7) & 7);
  const doubleOffset = (((h >> 10) & 7) << 3) | (((h >> 5) & 3) << 6);
  const wordOffset = (((h >> 10) & 7) << 3) | (((h >> 6) & 1) << 2) | (((h >> 5) & 1) << 6);
  switch ((h >> 13) & 7) {
    case 0: {
      const imm =
        (((h >> 11) & 3) << 4) | (((h >> 7) & 15) << 6) | (((h >> 6) & 1) << 2) | (((h >> 5) & 1) << 3);
      return imm === 0 ? RESERVED : iType(Opcode.OP_IMM, 0, rd, SP, imm);
    }
    case 1:
      return iType(Opcode.LOAD_FP, DOUBLE, rd, rs1, doubleOffset);
    case 2:
      return iType(Opcode.LOAD, WORD, rd, rs1, wordOffset);
    case 3:
      return iType(Opcode.LOAD, DOUBLE, rd, rs1, doubleOffset);
    case 5:
      return sType(Opcode.STORE_FP, DOUBLE, rs1, rd, doubleOffset);
    case 6:
      return sType(Opcode.STORE, WORD, rs1, rd, wordOffset);
    case 7:
      return sType(Opcode.STORE, DOUBLE, rs1, rd, doubleOffset);
    default:
      return RESERVED;
  }
}

function quadrant1(h: number): number {
  const rd = (h >> 7) & 31;
  const narrow = 8 + ((h >> 7) & 7);
  const imm = signed((((h >> 12) & 1) << 5) | ((h >> 2) & 31), 6);
  const funct3 = (h >> 13) & 7;
  switch (funct3) {
    case 0:
      return iType(Opcode.OP_IMM, 0, rd, rd, imm);
    case 1:
      return rd === 0 ? RESERVED : iType(Opcode.OP_IMM_32, 0, rd, rd, imm);
    case 2:
      return iType(Opcode.OP_IMM, 0, rd, 0, imm);
    case 3:
      return imm === 0 ? RESERVED : rd === SP ? addStackPointer(h) : (imm << 12) | (rd << 7) | Opcode.LUI;
    case 4:
      return arithmetic(h, narrow, imm);
    case 5:
      return jump(
        signed(
          (((h >> 12) & 1) << 11) |
            (((h >> 11) & 1) << 4) |
            (((h >> 9) & 3) << 8) |
            (((h >> 8) & 1) << 10) |
            (((h >> 7) & 1) << 6) |
            (((h >> 6) & 1) << 7) |
            (((h >> 3) & 7) << 1) |
            (((h >> 2) & 1) << 5),
          12,
        ),
      );
    default:
      return branch(
        funct3 - 6,
        narrow,
        signed(
          (((h >> 12) & 1) << 8) |
            (((h >> 10) & 3) << 3) |
            (((h >> 5) & 3) << 6) |
            (((h >> 3) & 3) << 1) |
            (((h >> 2) & 1) << 5),
          9,
        ),
      );
  }
}

function addStackPointer(h: number): number {
  const imm =
    (((h >> 12) & 1) << 9) |
    (((h >> 6) & 1) << 4) |
    (((h >> 5) & 1) << 6) |
    (((h >> 3) & 3) << 7) |
    (((h >> 2) & 1) << 5);
  return iType(Opcode.OP_IMM, 0, SP, SP, signed(imm, 10));
}

function arithmetic(h: number, rd: number, imm: number): number {
  const rs2 = 8 + ((h >> 2) & 7);
  switch ((h >> 10) & 3) {
    case 0:
      return iType(Opcode.OP_IMM, SRL, rd, rd, imm & 63);
    case 1:
      return iType(Opcode.OP_IMM, SRL, rd, rd, (imm & 63) | 0x400);
    case 2:
      return iType(Opcode.OP_IMM, 7, rd, rd, imm);
    default:
      break;
  }
  const which = (h >> 5) & 3;
  if ((h & 0x1000) !== 0) {
    return which > 1 ? RESERVED : rType(Opcode.OP_32, 0, which === 0 ? 0x20 : 0, rd, rd, rs2);
  }
  const funct3 = [0, 4, 6, 7][which] ?? 0;
  return rType(Opcode.OP, funct3, which === 0 ? 0x20 : 0, rd, rd, rs2);
}

function quadrant2(h: number): number {
  const rd = (h >> 7) & 31;
  const rs2 = (h >> 2) & 31;
  const high = (h >> 12) & 1;
  const doubleOffset = (high << 5) | (((h >> 5) & 3) << 3) | (((h >> 2) & 7) << 6);
  const wordOffset = (high << 5) | (((h >> 4) & 7) << 2) | (((h >> 2) & 3) << 6);
  const doubleStore = (((h >> 10) & 7) << 3) | (((h >> 7) & 7) << 6);
  const wordStore = (((h >> 9) & 15) << 2) | (((h >> 7) & 3) << 6);
  switch ((h >> 13) & 7) {
    case 0:
      return iType(Opcode.OP_IMM, 1, rd, rd, (high << 5) | rs2);
    case 1:
      return iType(Opcode.LOAD_FP, DOUBLE, rd, SP, doubleOffset);
    case 2:
      return rd === 0 ? RESERVED : iType(Opcode.LOAD, WORD, rd, SP, wordOffset);
    case 3:
      return rd === 0 ? RESERVED : iType(Opcode.LOAD, DOUBLE, rd, SP, doubleOffset);
    case 4:
      if (rs2 !== 0) return rType(Opcode.OP, 0, 0, rd, high === 1 ? rd : 0, rs2);
      if (rd === 0) return high === 1 ? EBREAK : RESERVED;
      return iType(Opcode.JALR, 0, high === 1 ? RA : 0, rd, 0);
    case 5:
      return sType(Opcode.STORE_FP, DOUBLE, SP, rs2, doubleStore);
    case 6:
      return sType(Opcode.STORE, WORD, SP, rs2, wordStore);
    default:
      return sType(Opcode.STORE, DOUBLE, SP, rs2, doubleStore);
  }
}
