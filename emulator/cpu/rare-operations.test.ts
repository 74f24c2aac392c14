import { expect, it } from 'vitest';
import { isRare } from './rare-operations.ts';
import { listOperations } from './record.ts';

const rare = listOperations().filter(isRare);
const names = new Set(rare.map(({ name }) => name));

it('rare operations are four bytes long and transfer no control, since the caller goes on behind them', () => {
  expect(rare.filter(({ length, reach }) => length !== 4 || reach !== null)).toEqual([]);
});

it('what integer programs are made of is not rare', () => {
  const common =
    'lui auipc jal jalr beq bltu lb ld sw sd addi addiw slli sub and mul mulw divu remw fld fsd'.split(' ');
  expect(common.filter((name) => names.has(name))).toEqual([]);
});

it('floating point, atomics, CSRs and bit manipulation are', () => {
  const expected = ['fadd.d', 'fmadd.s', 'fcvt.l.d', 'lr.w', 'amoadd.d', 'csrrw', 'sh1add', 'mulhu'];
  expect(expected.filter((name) => !names.has(name))).toEqual([]);
});
