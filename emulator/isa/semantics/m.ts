// Multiplication and division.
// Called through isa/semantics/table.ts by every back end.
// Source: RISC-V unprivileged ISA, chapter 12 (M): division by zero and overflow have defined results, no trap.
import type { Backend, SemanticsTable } from './backend.ts';

/** Signed division: x ÷ 0 is −1, and dividing by −1 is negation, which also covers the overflow. */
function divide<V, B, F>(m: Backend<V, B, F>, dividend: V, divisor: V): V {
  const a = m.keep(dividend);
  const b = m.keep(divisor);
  return m.when(
    m.eq(b, m.constant(0)),
    () => m.constant(-1),
    () =>
      m.when(
        m.eq(b, m.constant(-1)),
        () => m.sub(m.constant(0), a),
        () => m.divS(a, b),
      ),
  );
}

function remainder<V, B, F>(m: Backend<V, B, F>, dividend: V, divisor: V): V {
  const a = m.keep(dividend);
  const b = m.keep(divisor);
  return m.when(
    m.eq(b, m.constant(0)),
    () => a,
    () =>
      m.when(
        m.eq(b, m.constant(-1)),
        () => m.constant(0),
        () => m.remS(a, b),
      ),
  );
}

function divideUnsigned<V, B, F>(m: Backend<V, B, F>, dividend: V, divisor: V): V {
  const a = m.keep(dividend);
  const b = m.keep(divisor);
  return m.when(
    m.eq(b, m.constant(0)),
    () => m.constant(-1),
    () => m.divU(a, b),
  );
}

function remainderUnsigned<V, B, F>(m: Backend<V, B, F>, dividend: V, divisor: V): V {
  const a = m.keep(dividend);
  const b = m.keep(divisor);
  return m.when(
    m.eq(b, m.constant(0)),
    () => a,
    () => m.remU(a, b),
  );
}

export const M: SemanticsTable = {
  mul: (m) => m.rd(m.mul(m.x('rs1'), m.x('rs2'))),
  mulh: (m) => m.rd(m.mulhS(m.x('rs1'), m.x('rs2'))),
  mulhsu: (m) => m.rd(m.mulhSU(m.x('rs1'), m.x('rs2'))),
  mulhu: (m) => m.rd(m.mulhU(m.x('rs1'), m.x('rs2'))),
  div: (m) => m.rd(divide(m, m.x('rs1'), m.x('rs2'))),
  divu: (m) => m.rd(divideUnsigned(m, m.x('rs1'), m.x('rs2'))),
  rem: (m) => m.rd(remainder(m, m.x('rs1'), m.x('rs2'))),
  remu: (m) => m.rd(remainderUnsigned(m, m.x('rs1'), m.x('rs2'))),
  mulw: (m) => m.rd(m.sext32(m.mul(m.x('rs1'), m.x('rs2')))),
  divw: (m) => m.rd(m.sext32(divide(m, m.sext32(m.x('rs1')), m.sext32(m.x('rs2'))))),
  divuw: (m) => m.rd(m.sext32(divideUnsigned(m, m.zext32(m.x('rs1')), m.zext32(m.x('rs2'))))),
  remw: (m) => m.rd(m.sext32(remainder(m, m.sext32(m.x('rs1')), m.sext32(m.x('rs2'))))),
  remuw: (m) => m.rd(m.sext32(remainderUnsigned(m, m.zext32(m.x('rs1')), m.zext32(m.x('rs2'))))),
};
