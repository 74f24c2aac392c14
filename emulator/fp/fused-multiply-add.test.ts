import { describe, expect, it } from 'vitest';
import { hostFusesMultiplyAdd } from './fused-multiply-add.ts';

describe('the probe for fused multiply-add', () => {
  it('answers without throwing, whether the host knows the instruction or not', () => {
    expect(typeof hostFusesMultiplyAdd()).toBe('boolean');
  });

  it('has cases in which rounding twice is visible', () => {
    expect((1 + 2 ** -52) * (1 + 2 ** -52) + (-1 - 2 ** -51)).not.toBe(2 ** -104);
    expect((1 + 2 ** -30) * (1 - 2 ** -30) - 1).not.toBe(-(2 ** -60));
    expect(134217729 * 134217729 - 18014398777917440).not.toBe(1);
  });
});
