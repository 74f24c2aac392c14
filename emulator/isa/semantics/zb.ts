// Bit manipulation (Zba, Zbb, Zbs) and conditional zero (Zicond).
// Called through isa/semantics/table.ts by every back end.
// Source: RISC-V unprivileged ISA, chapters "B extension" and "Zicond".
import type { Backend, Semantics, SemanticsTable } from './backend.ts';

const LOW_BITS = 0x0101_0101_0101_0101n;
const LOW_SEVENS = 0x7f7f_7f7f_7f7f_7f7fn;
const EVEN_BYTES = 0x00ff_00ff_00ff_00ffn;
const EVEN_HALVES = 0x0000_ffff_0000_ffffn;

const shiftAdd =
  (amount: number): Semantics =>
  (m) =>
    m.rd(m.add(m.shl(m.x('rs1'), m.constant(amount)), m.x('rs2')));
const shiftAddWord =
  (amount: number): Semantics =>
  (m) =>
    m.rd(m.add(m.shl(m.zext32(m.x('rs1')), m.constant(amount)), m.x('rs2')));

/** Each byte becomes 0xff if it has a bit set: carries out of its low seven bits or its top bit say so. */
function orCombine<V, B, F>(m: Backend<V, B, F>, value: V): V {
  const a = m.keep(value);
  const carries = m.add(m.and(a, m.constant(LOW_SEVENS)), m.constant(LOW_SEVENS));
  const top = m.and(m.shrU(m.or(carries, a), m.constant(7)), m.constant(LOW_BITS));
  return m.mul(top, m.constant(255));
}

function reverseBytes<V, B, F>(m: Backend<V, B, F>, value: V): V {
  const a = m.keep(value);
  const pairs = m.keep(
    m.or(
      m.and(m.shrU(a, m.constant(8)), m.constant(EVEN_BYTES)),
      m.shl(m.and(a, m.constant(EVEN_BYTES)), m.constant(8)),
    ),
  );
  const quads = m.or(
    m.and(m.shrU(pairs, m.constant(16)), m.constant(EVEN_HALVES)),
    m.shl(m.and(pairs, m.constant(EVEN_HALVES)), m.constant(16)),
  );
  return m.rotl(quads, m.constant(32));
}

/** min, max and kin: rs1 if the test of (rs1, rs2) holds, else rs2. */
const choose =
  (test: 'ltS' | 'ltU' | 'geS' | 'geU'): Semantics =>
  (m) => {
    const a = m.keep(m.x('rs1'));
    const b = m.keep(m.x('rs2'));
    m.rd(m.select(m[test](a, b), a, b));
  };

/** 1 << index. */
function bit<V, B, F>(m: Backend<V, B, F>, index: V): V {
  return m.shl(m.constant(1), index);
}

export const ZB: SemanticsTable = {
  'add.uw': shiftAddWord(0),
  sh1add: shiftAdd(1),
  sh2add: shiftAdd(2),
  sh3add: shiftAdd(3),
  'sh1add.uw': shiftAddWord(1),
  'sh2add.uw': shiftAddWord(2),
  'sh3add.uw': shiftAddWord(3),
  'slli.uw': (m) => m.rd(m.shl(m.zext32(m.x('rs1')), m.imm())),

  andn: (m) => m.rd(m.and(m.x('rs1'), m.not(m.x('rs2')))),
  orn: (m) => m.rd(m.or(m.x('rs1'), m.not(m.x('rs2')))),
  xnor: (m) => m.rd(m.not(m.xor(m.x('rs1'), m.x('rs2')))),
  clz: (m) => m.rd(m.clz(m.x('rs1'))),
  ctz: (m) => m.rd(m.ctz(m.x('rs1'))),
  cpop: (m) => m.rd(m.popcnt(m.x('rs1'))),
  clzw: (m) => m.rd(m.sub(m.clz(m.zext32(m.x('rs1'))), m.constant(32))),
  ctzw: (m) => m.rd(m.ctz(m.or(m.x('rs1'), m.constant(0x1_0000_0000n)))),
  cpopw: (m) => m.rd(m.popcnt(m.zext32(m.x('rs1')))),
  'sext.b': (m) => m.rd(m.sext8(m.x('rs1'))),
  'sext.h': (m) => m.rd(m.sext16(m.x('rs1'))),
  'zext.h': (m) => m.rd(m.and(m.x('rs1'), m.constant(0xffff))),
  min: choose('ltS'),
  minu: choose('ltU'),
  max: choose('geS'),
  maxu: choose('geU'),
  rol: (m) => m.rd(m.rotl(m.x('rs1'), m.x('rs2'))),
  ror: (m) => m.rd(m.rotr(m.x('rs1'), m.x('rs2'))),
  rori: (m) => m.rd(m.rotr(m.x('rs1'), m.imm())),
  rolw: (m) => m.rd(m.sext32(m.rotl32(m.x('rs1'), m.x('rs2')))),
  rorw: (m) => m.rd(m.sext32(m.rotr32(m.x('rs1'), m.x('rs2')))),
  roriw: (m) => m.rd(m.sext32(m.rotr32(m.x('rs1'), m.imm()))),
  'orc.b': (m) => m.rd(orCombine(m, m.x('rs1'))),
  rev8: (m) => m.rd(reverseBytes(m, m.x('rs1'))),

  bclr: (m) => m.rd(m.and(m.x('rs1'), m.not(bit(m, m.x('rs2'))))),
  bclri: (m) => m.rd(m.and(m.x('rs1'), m.not(bit(m, m.imm())))),
  bext: (m) => m.rd(m.and(m.shrU(m.x('rs1'), m.x('rs2')), m.constant(1))),
  bexti: (m) => m.rd(m.and(m.shrU(m.x('rs1'), m.imm()), m.constant(1))),
  binv: (m) => m.rd(m.xor(m.x('rs1'), bit(m, m.x('rs2')))),
  binvi: (m) => m.rd(m.xor(m.x('rs1'), bit(m, m.imm()))),
  bset: (m) => m.rd(m.or(m.x('rs1'), bit(m, m.x('rs2')))),
  bseti: (m) => m.rd(m.or(m.x('rs1'), bit(m, m.imm()))),

  'czero.eqz': (m) => m.rd(m.select(m.eq(m.x('rs2'), m.constant(0)), m.constant(0), m.x('rs1'))),
  'czero.nez': (m) => m.rd(m.select(m.eq(m.x('rs2'), m.constant(0)), m.x('rs1'), m.constant(0))),
};
