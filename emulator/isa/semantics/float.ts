// Single and double precision floating point: one list, written once for both formats.
// Called through isa/semantics/table.ts by every back end.
// Source: RISC-V unprivileged ISA, chapters 20 (F) and 21 (D).
import type { Format, IntegerFormat, Semantics, SemanticsTable } from './backend.ts';

const SIGN: Record<Format, bigint> = { s: 0x8000_0000n, d: 0x8000_0000_0000_0000n };
const REST: Record<Format, bigint> = { s: 0x7fff_ffffn, d: 0x7fff_ffff_ffff_ffffn };
/** A single in a double's register has all upper bits set (21.2, NaN boxing). */
const BOX = 0xffff_ffff_0000_0000n;
const INTEGERS: readonly IntegerFormat[] = ['w', 'wu', 'l', 'lu'];

/** fsgnj and kin: the magnitude of rs1, and a sign made from both. */
const signInjection =
  (format: Format, kind: 'copy' | 'negate' | 'xor'): Semantics =>
  (m) => {
    const a = m.keep(m.bits(format, m.f(format, 'rs1')));
    const b = m.bits(format, m.f(format, 'rs2'));
    const sign = m.constant(SIGN[format]);
    const signed =
      kind === 'xor'
        ? m.xor(a, m.and(b, sign))
        : m.or(m.and(a, m.constant(REST[format])), kind === 'copy' ? m.and(b, sign) : m.and(m.not(b), sign));
    m.fd(format, m.fromBits(format, signed));
  };

function conversions(format: Format): Record<string, Semantics> {
  const table: Record<string, Semantics> = {};
  for (const integer of INTEGERS) {
    table[`fcvt.${integer}.${format}`] = (m) => m.rd(m.toInteger(integer, format, m.f(format, 'rs1')));
    table[`fcvt.${format}.${integer}`] = (m) => m.fd(format, m.fromInteger(format, integer, m.x('rs1')));
  }
  return table;
}

function ofFormat(format: Format): SemanticsTable {
  const single = format === 's';
  return {
    [single ? 'flw' : 'fld']: (m) => m.fd(format, m.loadF(format, m.x('rs1'), m.imm())),
    [single ? 'fsw' : 'fsd']: (m) => m.storeF(format, m.x('rs1'), m.imm(), 'rs2'),
    [`fadd.${format}`]: (m) => m.fd(format, m.arith('add', format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fsub.${format}`]: (m) => m.fd(format, m.arith('sub', format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fmul.${format}`]: (m) => m.fd(format, m.arith('mul', format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fdiv.${format}`]: (m) => m.fd(format, m.arith('div', format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fsqrt.${format}`]: (m) => m.fd(format, m.sqrt(format, m.f(format, 'rs1'))),

    [`fmadd.${format}`]: (m) =>
      m.fd(format, m.fma(format, m.f(format, 'rs1'), m.f(format, 'rs2'), m.f(format, 'rs3'))),
    [`fmsub.${format}`]: (m) =>
      m.fd(format, m.fma(format, m.f(format, 'rs1'), m.f(format, 'rs2'), m.neg(format, m.f(format, 'rs3')))),
    [`fnmsub.${format}`]: (m) =>
      m.fd(format, m.fma(format, m.neg(format, m.f(format, 'rs1')), m.f(format, 'rs2'), m.f(format, 'rs3'))),
    [`fnmadd.${format}`]: (m) =>
      m.fd(
        format,
        m.fma(
          format,
          m.neg(format, m.f(format, 'rs1')),
          m.f(format, 'rs2'),
          m.neg(format, m.f(format, 'rs3')),
        ),
      ),

    [`fsgnj.${format}`]: signInjection(format, 'copy'),
    [`fsgnjn.${format}`]: signInjection(format, 'negate'),
    [`fsgnjx.${format}`]: signInjection(format, 'xor'),
    [`fmin.${format}`]: (m) => m.fd(format, m.min(format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fmax.${format}`]: (m) => m.fd(format, m.max(format, m.f(format, 'rs1'), m.f(format, 'rs2'))),
    [`fle.${format}`]: (m) => m.rd(m.bool(m.compare('le', format, m.f(format, 'rs1'), m.f(format, 'rs2')))),
    [`flt.${format}`]: (m) => m.rd(m.bool(m.compare('lt', format, m.f(format, 'rs1'), m.f(format, 'rs2')))),
    [`feq.${format}`]: (m) => m.rd(m.bool(m.compare('eq', format, m.f(format, 'rs1'), m.f(format, 'rs2')))),
    [`fclass.${format}`]: (m) => m.rd(m.classify(format, m.f(format, 'rs1'))),
    ...conversions(format),
  };
}

export const FLOAT: SemanticsTable = {
  ...ofFormat('s'),
  ...ofFormat('d'),
  'fcvt.s.d': (m) => m.fd('s', m.convert('s', m.f('d', 'rs1'))),
  'fcvt.d.s': (m) => m.fd('d', m.convert('d', m.f('s', 'rs1'))),
  'fmv.x.w': (m) => m.rd(m.sext32(m.fRaw('rs1'))),
  'fmv.x.d': (m) => m.rd(m.fRaw('rs1')),
  'fmv.w.x': (m) => m.fd('d', m.fromBits('d', m.or(m.x('rs1'), m.constant(BOX)))),
  'fmv.d.x': (m) => m.fd('d', m.fromBits('d', m.x('rs1'))),
};
