import { describe, expect, it } from 'vitest';
import { decode } from '../isa/decode.ts';
import { discoverRegion } from './region.ts';

/** Instruction words at 0x1000, 0x1004 …; undefined beyond them. */
const code =
  (...words: number[]) =>
  (pc: number) => {
    const word = words[(pc - 0x1000) / 4];
    return word === undefined ? undefined : (decode(word) ?? undefined);
  };

const ADDI = 0x0010_0093; // addi ra, zero, 1
const PLT_JUMP = 0x000e_0367; // jalr t1, 0(t3)
const RET = 0x0000_8067;
const ECALL = 0x0000_0073;
const branchBack = 0xfe00_0ee3; // beq zero, zero, -4
const callSelf = 0x0000_00ef; // jal ra, 0

describe('region discovery', () => {
  it('cuts blocks at branch targets and follows both ways', () => {
    const region = discoverRegion(code(ADDI, ADDI, branchBack, RET), [0x1000]);
    expect([...(region?.blocks.keys() ?? [])].sort()).toEqual([0x1000, 0x1004, 0x100c]);
    expect(region?.blocks.get(0x1004)?.successors).toEqual([0x1004, 0x100c]);
    expect(region?.blocks.get(0x1000)?.ending).toEqual({ kind: 'goto', target: 0x1004 });
  });

  it('makes the address behind a call an entry, since the callee may return through the interpreter', () => {
    const region = discoverRegion(code(callSelf, RET), [0x1000]);
    expect(region?.entries).toContain(0x1004);
  });

  it('goes on behind a system call and can be entered there', () => {
    const region = discoverRegion(code(ADDI, ECALL, ADDI, RET), [0x1000]);
    expect(region?.blocks.get(0x1000)?.ending).toEqual({ kind: 'system-call', at: 0x1004, returnTo: 0x1008 });
    expect(region?.entries).toContain(0x1008);
  });

  it('ends at a jump that links through t1, as entries of a procedure linkage table do', () => {
    const region = discoverRegion(code(ADDI, PLT_JUMP, ADDI, RET), [0x1000]);
    expect(region?.blocks.get(0x1000)?.ending).toEqual({ kind: 'tail-call' });
    expect(region?.entries).toEqual([0x1000]);
    expect(region?.high).toBe(0x1007);
    expect(region?.hasIndirectJumps).toBe(false);
  });

  it('ends where jumps lead to code that never ran, which is learned when it does', () => {
    const branchOver = 0x0000_0463; // beq zero, zero, 8
    const program = code(ADDI, branchOver, ADDI, RET);
    const wasSeen = (pc: number): boolean => pc !== 0x100c;
    const region = discoverRegion(program, [0x1000], { wasSeen });
    expect(region?.unseen).toEqual(new Set()); // falling through leads there too
    const jumpOver = 0x0080_006f; // jal zero, 8
    const cold = discoverRegion(code(ADDI, branchOver, jumpOver, ADDI, RET), [0x1000], { wasSeen });
    expect(cold?.unseen).toEqual(new Set([0x100c]));
    expect([...(cold?.blocks.keys() ?? [])].sort()).toEqual([0x1000, 0x1008, 0x1010]);
    expect(cold?.blocks.get(0x1000)?.successors).toEqual([0x1008]);
    expect(cold?.high).toBe(0x1013);
  });

  it('has no entry behind a call that has not returned yet', () => {
    const region = discoverRegion(code(callSelf, RET), [0x1000], { wasSeen: () => false });
    expect(region?.entries).toEqual([0x1000]);
  });

  it('ends where nothing can be decoded', () => {
    expect(discoverRegion(code(0), [0x1000])).toBeUndefined();
    const region = discoverRegion(code(ADDI), [0x1000]);
    expect(region?.blocks.get(0x1000)?.ending).toEqual({ kind: 'leave', at: 0x1004 });
    expect(region?.high).toBe(0x1003);
  });
});
