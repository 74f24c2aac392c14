// Every instruction's encoding, as data: mnemonic, fixed bits, mask of the fixed bits, operands as written.
// Called by the decoder, the disassembler, the emitters and the tests; semantics have the same names.
// Rows do not overlap; a compressed instruction has no row, it is rewritten to one of these.
// Source: RISC-V unprivileged ISA, chapter "RV32/64G instruction set listings", and Zb*, Zicond.

/** Operand names give the field, the register file and how the disassembler writes it. */
export type Operand =
  | 'rd'
  | 'rs1'
  | 'rs2'
  | 'fd'
  | 'fs1'
  | 'fs2'
  | 'fs3'
  | 'imm'
  | 'load'
  | 'store'
  | 'branch'
  | 'jump'
  | 'upper'
  | 'shamt6'
  | 'shamt5'
  | 'csr'
  | 'zimm'
  | 'atomic'
  | 'rm';

export interface Encoding {
  readonly name: string;
  readonly match: number;
  readonly mask: number;
  readonly operands: readonly Operand[];
  /** Position in ENCODINGS. */
  readonly index: number;
  /** Goes to pc + imm, perhaps. */
  readonly transfers: boolean;
  /** Has a rounding mode. */
  readonly rounds: boolean;
  /** Has an integer destination. */
  readonly writesInteger: boolean;
}

const I_MASK = 0x0000_707f;
const R_MASK = 0xfe00_707f;
const U_MASK = 0x0000_007f;
const SHIFT6_MASK = 0xfc00_707f;
const UNARY_MASK = 0xfff0_707f;
const ROUNDED_MASK = 0xfe00_007f;
const ROUNDED_UNARY_MASK = 0xfff0_007f;
const FUSED_MASK = 0x0600_007f;
const AMO_MASK = 0xf800_707f;
const LR_MASK = 0xf9f0_707f;
const ALL = 0xffff_ffff;

type Row = readonly [name: string, match: number, mask: number, operands: string];

const RV64I: readonly Row[] = [
  ['lui', 0x37, U_MASK, 'rd,upper'],
  ['auipc', 0x17, U_MASK, 'rd,upper'],
  ['jal', 0x6f, U_MASK, 'rd,jump'],
  ['jalr', 0x67, I_MASK, 'rd,load'],
  ['beq', 0x0063, I_MASK, 'rs1,rs2,branch'],
  ['bne', 0x1063, I_MASK, 'rs1,rs2,branch'],
  ['blt', 0x4063, I_MASK, 'rs1,rs2,branch'],
  ['bge', 0x5063, I_MASK, 'rs1,rs2,branch'],
  ['bltu', 0x6063, I_MASK, 'rs1,rs2,branch'],
  ['bgeu', 0x7063, I_MASK, 'rs1,rs2,branch'],
  ['lb', 0x0003, I_MASK, 'rd,load'],
  ['lh', 0x1003, I_MASK, 'rd,load'],
  ['lw', 0x2003, I_MASK, 'rd,load'],
  ['ld', 0x3003, I_MASK, 'rd,load'],
  ['lbu', 0x4003, I_MASK, 'rd,load'],
  ['lhu', 0x5003, I_MASK, 'rd,load'],
  ['lwu', 0x6003, I_MASK, 'rd,load'],
  ['sb', 0x0023, I_MASK, 'rs2,store'],
  ['sh', 0x1023, I_MASK, 'rs2,store'],
  ['sw', 0x2023, I_MASK, 'rs2,store'],
  ['sd', 0x3023, I_MASK, 'rs2,store'],
  ['addi', 0x0013, I_MASK, 'rd,rs1,imm'],
  ['slti', 0x2013, I_MASK, 'rd,rs1,imm'],
  ['sltiu', 0x3013, I_MASK, 'rd,rs1,imm'],
  ['xori', 0x4013, I_MASK, 'rd,rs1,imm'],
  ['ori', 0x6013, I_MASK, 'rd,rs1,imm'],
  ['andi', 0x7013, I_MASK, 'rd,rs1,imm'],
  ['slli', 0x1013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['srli', 0x5013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['srai', 0x4000_5013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['add', 0x0033, R_MASK, 'rd,rs1,rs2'],
  ['sub', 0x4000_0033, R_MASK, 'rd,rs1,rs2'],
  ['sll', 0x1033, R_MASK, 'rd,rs1,rs2'],
  ['slt', 0x2033, R_MASK, 'rd,rs1,rs2'],
  ['sltu', 0x3033, R_MASK, 'rd,rs1,rs2'],
  ['xor', 0x4033, R_MASK, 'rd,rs1,rs2'],
  ['srl', 0x5033, R_MASK, 'rd,rs1,rs2'],
  ['sra', 0x4000_5033, R_MASK, 'rd,rs1,rs2'],
  ['or', 0x6033, R_MASK, 'rd,rs1,rs2'],
  ['and', 0x7033, R_MASK, 'rd,rs1,rs2'],
  ['addiw', 0x001b, I_MASK, 'rd,rs1,imm'],
  ['slliw', 0x101b, R_MASK, 'rd,rs1,shamt5'],
  ['srliw', 0x501b, R_MASK, 'rd,rs1,shamt5'],
  ['sraiw', 0x4000_501b, R_MASK, 'rd,rs1,shamt5'],
  ['addw', 0x003b, R_MASK, 'rd,rs1,rs2'],
  ['subw', 0x4000_003b, R_MASK, 'rd,rs1,rs2'],
  ['sllw', 0x103b, R_MASK, 'rd,rs1,rs2'],
  ['srlw', 0x503b, R_MASK, 'rd,rs1,rs2'],
  ['sraw', 0x4000_503b, R_MASK, 'rd,rs1,rs2'],
  ['fence', 0x000f, I_MASK, ''],
  ['fence.i', 0x100f, I_MASK, ''],
  ['ecall', 0x0000_0073, ALL, ''],
  ['ebreak', 0x0010_0073, ALL, ''],
  ['csrrw', 0x1073, I_MASK, 'rd,csr,rs1'],
  ['csrrs', 0x2073, I_MASK, 'rd,csr,rs1'],
  ['csrrc', 0x3073, I_MASK, 'rd,csr,rs1'],
  ['csrrwi', 0x5073, I_MASK, 'rd,csr,zimm'],
  ['csrrsi', 0x6073, I_MASK, 'rd,csr,zimm'],
  ['csrrci', 0x7073, I_MASK, 'rd,csr,zimm'],
];

const M: readonly Row[] = [
  ...['mul', 'mulh', 'mulhsu', 'mulhu', 'div', 'divu', 'rem', 'remu'].map(
    (name, funct3): Row => [name, 0x0200_0033 | (funct3 << 12), R_MASK, 'rd,rs1,rs2'],
  ),
  ['mulw', 0x0200_003b, R_MASK, 'rd,rs1,rs2'],
  ['divw', 0x0200_403b, R_MASK, 'rd,rs1,rs2'],
  ['divuw', 0x0200_503b, R_MASK, 'rd,rs1,rs2'],
  ['remw', 0x0200_603b, R_MASK, 'rd,rs1,rs2'],
  ['remuw', 0x0200_703b, R_MASK, 'rd,rs1,rs2'],
];

const AMOS: readonly (readonly [string, number])[] = [
  ['amoadd', 0],
  ['amoswap', 1],
  ['amoxor', 4],
  ['amoor', 8],
  ['amoand', 12],
  ['amomin', 16],
  ['amomax', 20],
  ['amominu', 24],
  ['amomaxu', 28],
];

const A: readonly Row[] = (['w', 'd'] as const).flatMap((width, i): Row[] => {
  const base = 0x2f | ((2 + i) << 12);
  return [
    [`lr.${width}`, base | (2 << 27), LR_MASK, 'rd,atomic'],
    [`sc.${width}`, base | (3 << 27), AMO_MASK, 'rd,rs2,atomic'],
    ...AMOS.map(
      ([name, funct5]): Row => [`${name}.${width}`, base | (funct5 << 27), AMO_MASK, 'rd,rs2,atomic'],
    ),
  ];
});

/** F and D are the same list with another format field. */
const FLOAT: readonly Row[] = (['s', 'd'] as const).flatMap((format, fmt): Row[] => {
  const fp = 0x53 | (fmt << 25);
  const fused = 'fd,fs1,fs2,fs3,rm';
  const load = format === 's' ? 'w' : 'd';
  const integers = ['w', 'wu', 'l', 'lu'];
  return [
    [`fl${load}`, 0x07 | ((2 + fmt) << 12), I_MASK, 'fd,load'],
    [`fs${load}`, 0x27 | ((2 + fmt) << 12), I_MASK, 'fs2,store'],
    [`fmadd.${format}`, 0x43 | (fmt << 25), FUSED_MASK, fused],
    [`fmsub.${format}`, 0x47 | (fmt << 25), FUSED_MASK, fused],
    [`fnmsub.${format}`, 0x4b | (fmt << 25), FUSED_MASK, fused],
    [`fnmadd.${format}`, 0x4f | (fmt << 25), FUSED_MASK, fused],
    [`fadd.${format}`, fp, ROUNDED_MASK, 'fd,fs1,fs2,rm'],
    [`fsub.${format}`, fp | 0x0800_0000, ROUNDED_MASK, 'fd,fs1,fs2,rm'],
    [`fmul.${format}`, fp | 0x1000_0000, ROUNDED_MASK, 'fd,fs1,fs2,rm'],
    [`fdiv.${format}`, fp | 0x1800_0000, ROUNDED_MASK, 'fd,fs1,fs2,rm'],
    [`fsqrt.${format}`, fp | 0x5800_0000, ROUNDED_UNARY_MASK, 'fd,fs1,rm'],
    [`fsgnj.${format}`, fp | 0x2000_0000, R_MASK, 'fd,fs1,fs2'],
    [`fsgnjn.${format}`, fp | 0x2000_1000, R_MASK, 'fd,fs1,fs2'],
    [`fsgnjx.${format}`, fp | 0x2000_2000, R_MASK, 'fd,fs1,fs2'],
    [`fmin.${format}`, fp | 0x2800_0000, R_MASK, 'fd,fs1,fs2'],
    [`fmax.${format}`, fp | 0x2800_1000, R_MASK, 'fd,fs1,fs2'],
    [`fle.${format}`, fp | 0xa000_0000, R_MASK, 'rd,fs1,fs2'],
    [`flt.${format}`, fp | 0xa000_1000, R_MASK, 'rd,fs1,fs2'],
    [`feq.${format}`, fp | 0xa000_2000, R_MASK, 'rd,fs1,fs2'],
    [`fclass.${format}`, fp | 0xe000_1000, UNARY_MASK, 'rd,fs1'],
    [format === 's' ? 'fmv.x.w' : 'fmv.x.d', fp | 0xe000_0000, UNARY_MASK, 'rd,fs1'],
    [format === 's' ? 'fmv.w.x' : 'fmv.d.x', fp | 0xf000_0000, UNARY_MASK, 'fd,rs1'],
    ...integers.flatMap((integer, i): Row[] => [
      [`fcvt.${integer}.${format}`, fp | 0xc000_0000 | (i << 20), ROUNDED_UNARY_MASK, 'rd,fs1,rm'],
      [`fcvt.${format}.${integer}`, fp | 0xd000_0000 | (i << 20), ROUNDED_UNARY_MASK, 'fd,rs1,rm'],
    ]),
    format === 's'
      ? ['fcvt.s.d', 0x4010_0053, ROUNDED_UNARY_MASK, 'fd,fs1,rm']
      : ['fcvt.d.s', 0x4200_0053, ROUNDED_UNARY_MASK, 'fd,fs1,rm'],
  ];
});

const ZB: readonly Row[] = [
  ['add.uw', 0x0800_003b, R_MASK, 'rd,rs1,rs2'],
  ['sh1add', 0x2000_2033, R_MASK, 'rd,rs1,rs2'],
  ['sh2add', 0x2000_4033, R_MASK, 'rd,rs1,rs2'],
  ['sh3add', 0x2000_6033, R_MASK, 'rd,rs1,rs2'],
  ['sh1add.uw', 0x2000_203b, R_MASK, 'rd,rs1,rs2'],
  ['sh2add.uw', 0x2000_403b, R_MASK, 'rd,rs1,rs2'],
  ['sh3add.uw', 0x2000_603b, R_MASK, 'rd,rs1,rs2'],
  ['slli.uw', 0x0800_101b, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['andn', 0x4000_7033, R_MASK, 'rd,rs1,rs2'],
  ['orn', 0x4000_6033, R_MASK, 'rd,rs1,rs2'],
  ['xnor', 0x4000_4033, R_MASK, 'rd,rs1,rs2'],
  ['clz', 0x6000_1013, UNARY_MASK, 'rd,rs1'],
  ['ctz', 0x6010_1013, UNARY_MASK, 'rd,rs1'],
  ['cpop', 0x6020_1013, UNARY_MASK, 'rd,rs1'],
  ['sext.b', 0x6040_1013, UNARY_MASK, 'rd,rs1'],
  ['sext.h', 0x6050_1013, UNARY_MASK, 'rd,rs1'],
  ['clzw', 0x6000_101b, UNARY_MASK, 'rd,rs1'],
  ['ctzw', 0x6010_101b, UNARY_MASK, 'rd,rs1'],
  ['cpopw', 0x6020_101b, UNARY_MASK, 'rd,rs1'],
  ['zext.h', 0x0800_403b, UNARY_MASK, 'rd,rs1'],
  ['min', 0x0a00_4033, R_MASK, 'rd,rs1,rs2'],
  ['minu', 0x0a00_5033, R_MASK, 'rd,rs1,rs2'],
  ['max', 0x0a00_6033, R_MASK, 'rd,rs1,rs2'],
  ['maxu', 0x0a00_7033, R_MASK, 'rd,rs1,rs2'],
  ['rol', 0x6000_1033, R_MASK, 'rd,rs1,rs2'],
  ['ror', 0x6000_5033, R_MASK, 'rd,rs1,rs2'],
  ['rori', 0x6000_5013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['rolw', 0x6000_103b, R_MASK, 'rd,rs1,rs2'],
  ['rorw', 0x6000_503b, R_MASK, 'rd,rs1,rs2'],
  ['roriw', 0x6000_501b, R_MASK, 'rd,rs1,shamt5'],
  ['orc.b', 0x2870_5013, UNARY_MASK, 'rd,rs1'],
  ['rev8', 0x6b80_5013, UNARY_MASK, 'rd,rs1'],
  ['bclr', 0x4800_1033, R_MASK, 'rd,rs1,rs2'],
  ['bext', 0x4800_5033, R_MASK, 'rd,rs1,rs2'],
  ['binv', 0x6800_1033, R_MASK, 'rd,rs1,rs2'],
  ['bset', 0x2800_1033, R_MASK, 'rd,rs1,rs2'],
  ['bclri', 0x4800_1013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['bexti', 0x4800_5013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['binvi', 0x6800_1013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['bseti', 0x2800_1013, SHIFT6_MASK, 'rd,rs1,shamt6'],
  ['czero.eqz', 0x0e00_5033, R_MASK, 'rd,rs1,rs2'],
  ['czero.nez', 0x0e00_7033, R_MASK, 'rd,rs1,rs2'],
];

type Form = Pick<Encoding, 'operands' | 'transfers' | 'rounds' | 'writesInteger'>;

/** What follows from a list of operands; few differ, and all this runs at every start. */
const forms = new Map<string, Form>();

function formOf(list: string): Form {
  const known = forms.get(list);
  if (known !== undefined) return known;
  const operands = list === '' ? [] : (list.split(',') as Operand[]);
  const form = {
    operands,
    transfers: operands.includes('branch') || operands.includes('jump'),
    rounds: operands.includes('rm'),
    writesInteger: operands.includes('rd'),
  };
  forms.set(list, form);
  return form;
}

export const ENCODINGS: readonly Encoding[] = [...RV64I, ...M, ...A, ...FLOAT, ...ZB].map(
  ([name, match, mask, list], index): Encoding => {
    const { operands, transfers, rounds, writesInteger } = formOf(list);
    return { name, match: match | 0, mask: mask | 0, operands, index, transfers, rounds, writesInteger };
  },
);

let byName: ReadonlyMap<string, Encoding> | undefined;

/** The row of a mnemonic that exists. */
export function encodingOf(name: string): Encoding {
  byName ??= new Map(ENCODINGS.map((encoding) => [encoding.name, encoding]));
  const encoding = byName.get(name);
  if (!encoding) throw new Error(`no instruction ${name}`);
  return encoding;
}
