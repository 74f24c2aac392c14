// Atomic memory operations.
// Called through isa/semantics/table.ts by every back end.
// Source: RISC-V unprivileged ISA, chapter 13 (A). Harts interleave only at ticks, so ordering bits mean nothing.
import type { AtomicWidth, Backend, Semantics, SemanticsTable } from './backend.ts';

type Modify = <V, B, F>(m: Backend<V, B, F>, old: V, operand: V) => V;

const swap: Modify = (_m, _old, operand) => operand;
const min: Modify = (m, old, operand) => m.select(m.ltS(old, operand), old, operand);
const max: Modify = (m, old, operand) => m.select(m.ltS(old, operand), operand, old);
const minu: Modify = (m, old, operand) => m.select(m.ltU(old, operand), old, operand);
const maxu: Modify = (m, old, operand) => m.select(m.ltU(old, operand), operand, old);

/** Both operands are sign-extended words, an order that unsigned comparison keeps. */
const amo =
  (width: AtomicWidth, modify: Modify): Semantics =>
  (m) => {
    const operand = m.keep(width === 4 ? m.sext32(m.x('rs2')) : m.x('rs2'));
    m.rd(m.amo(width, m.x('rs1'), (old) => modify(m, m.keep(old), operand)));
  };

function ofWidth(width: AtomicWidth, suffix: string): SemanticsTable {
  return {
    [`lr.${suffix}`]: (m) => m.rd(m.loadReserved(width, m.x('rs1'))),
    [`sc.${suffix}`]: (m) => m.rd(m.storeConditional(width, m.x('rs1'), m.x('rs2'))),
    [`amoswap.${suffix}`]: amo(width, swap),
    [`amoadd.${suffix}`]: amo(width, (m, old, operand) => m.add(old, operand)),
    [`amoxor.${suffix}`]: amo(width, (m, old, operand) => m.xor(old, operand)),
    [`amoor.${suffix}`]: amo(width, (m, old, operand) => m.or(old, operand)),
    [`amoand.${suffix}`]: amo(width, (m, old, operand) => m.and(old, operand)),
    [`amomin.${suffix}`]: amo(width, min),
    [`amomax.${suffix}`]: amo(width, max),
    [`amominu.${suffix}`]: amo(width, minu),
    [`amomaxu.${suffix}`]: amo(width, maxu),
  };
}

export const A: SemanticsTable = { ...ofWidth(4, 'w'), ...ofWidth(8, 'd') };
