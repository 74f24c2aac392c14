// What the base integer instructions mean: RV64I, Zifencei and Zicsr.
// Called through isa/semantics/table.ts by every back end.
// Source: RISC-V unprivileged ISA, chapters 2 (RV32I), 4 (RV64I), 5 (Zifencei) and 6 (Zicsr).
import type { SemanticsTable } from './backend.ts';

export const RV64I: SemanticsTable = {
  lui: (m) => m.rd(m.imm()),
  auipc: (m) => m.rd(m.add(m.pc(), m.imm())),

  jal: (m) => {
    m.rd(m.next());
    m.jump();
  },
  jalr: (m) => {
    const target = m.keep(m.and(m.add(m.x('rs1'), m.imm()), m.constant(-2)));
    m.rd(m.next());
    m.jumpTo(target);
  },
  beq: (m) => m.branch(m.eq(m.x('rs1'), m.x('rs2'))),
  bne: (m) => m.branch(m.ne(m.x('rs1'), m.x('rs2'))),
  blt: (m) => m.branch(m.ltS(m.x('rs1'), m.x('rs2'))),
  bge: (m) => m.branch(m.geS(m.x('rs1'), m.x('rs2'))),
  bltu: (m) => m.branch(m.ltU(m.x('rs1'), m.x('rs2'))),
  bgeu: (m) => m.branch(m.geU(m.x('rs1'), m.x('rs2'))),

  lb: (m) => m.rd(m.load(1, true, m.x('rs1'), m.imm())),
  lh: (m) => m.rd(m.load(2, true, m.x('rs1'), m.imm())),
  lw: (m) => m.rd(m.load(4, true, m.x('rs1'), m.imm())),
  ld: (m) => m.rd(m.load(8, true, m.x('rs1'), m.imm())),
  lbu: (m) => m.rd(m.load(1, false, m.x('rs1'), m.imm())),
  lhu: (m) => m.rd(m.load(2, false, m.x('rs1'), m.imm())),
  lwu: (m) => m.rd(m.load(4, false, m.x('rs1'), m.imm())),
  sb: (m) => m.store(1, m.x('rs1'), m.imm(), m.x('rs2')),
  sh: (m) => m.store(2, m.x('rs1'), m.imm(), m.x('rs2')),
  sw: (m) => m.store(4, m.x('rs1'), m.imm(), m.x('rs2')),
  sd: (m) => m.store(8, m.x('rs1'), m.imm(), m.x('rs2')),

  addi: (m) => m.rd(m.add(m.x('rs1'), m.imm())),
  slti: (m) => m.rd(m.bool(m.ltS(m.x('rs1'), m.imm()))),
  sltiu: (m) => m.rd(m.bool(m.ltU(m.x('rs1'), m.imm()))),
  xori: (m) => m.rd(m.xor(m.x('rs1'), m.imm())),
  ori: (m) => m.rd(m.or(m.x('rs1'), m.imm())),
  andi: (m) => m.rd(m.and(m.x('rs1'), m.imm())),
  slli: (m) => m.rd(m.shl(m.x('rs1'), m.imm())),
  srli: (m) => m.rd(m.shrU(m.x('rs1'), m.imm())),
  srai: (m) => m.rd(m.shrS(m.x('rs1'), m.imm())),

  add: (m) => m.rd(m.add(m.x('rs1'), m.x('rs2'))),
  sub: (m) => m.rd(m.sub(m.x('rs1'), m.x('rs2'))),
  sll: (m) => m.rd(m.shl(m.x('rs1'), m.x('rs2'))),
  slt: (m) => m.rd(m.bool(m.ltS(m.x('rs1'), m.x('rs2')))),
  sltu: (m) => m.rd(m.bool(m.ltU(m.x('rs1'), m.x('rs2')))),
  xor: (m) => m.rd(m.xor(m.x('rs1'), m.x('rs2'))),
  srl: (m) => m.rd(m.shrU(m.x('rs1'), m.x('rs2'))),
  sra: (m) => m.rd(m.shrS(m.x('rs1'), m.x('rs2'))),
  or: (m) => m.rd(m.or(m.x('rs1'), m.x('rs2'))),
  and: (m) => m.rd(m.and(m.x('rs1'), m.x('rs2'))),

  addiw: (m) => m.rd(m.sext32(m.add(m.x('rs1'), m.imm()))),
  slliw: (m) => m.rd(m.sext32(m.shl(m.x('rs1'), m.imm()))),
  srliw: (m) => m.rd(m.sext32(m.shrU(m.zext32(m.x('rs1')), m.imm()))),
  sraiw: (m) => m.rd(m.shrS(m.sext32(m.x('rs1')), m.imm())),
  addw: (m) => m.rd(m.sext32(m.add(m.x('rs1'), m.x('rs2')))),
  subw: (m) => m.rd(m.sext32(m.sub(m.x('rs1'), m.x('rs2')))),
  sllw: (m) => m.rd(m.sext32(m.shl(m.x('rs1'), m.and(m.x('rs2'), m.constant(31))))),
  srlw: (m) => m.rd(m.sext32(m.shrU(m.zext32(m.x('rs1')), m.and(m.x('rs2'), m.constant(31))))),
  sraw: (m) => m.rd(m.shrS(m.sext32(m.x('rs1')), m.and(m.x('rs2'), m.constant(31)))),

  fence: (m) => m.fence(),
  'fence.i': (m) => m.fenceI(),
  ecall: (m) => m.ecall(),
  ebreak: (m) => m.ebreak(),

  csrrw: (m) => m.rd(m.csr('write', m.x('rs1'))),
  csrrs: (m) => m.rd(m.csr('set', m.x('rs1'))),
  csrrc: (m) => m.rd(m.csr('clear', m.x('rs1'))),
  csrrwi: (m) => m.rd(m.csr('write', m.zimm())),
  csrrsi: (m) => m.rd(m.csr('set', m.zimm())),
  csrrci: (m) => m.rd(m.csr('clear', m.zimm())),
};
