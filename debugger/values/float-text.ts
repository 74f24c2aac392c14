// Floating-point numbers as C's %g prints them, with as many digits as tell all numbers of the type apart.
// value-text.ts shows values with it, printf-text.ts formats with it.
// gdb: %.9g for float, %.17g for double, %.36g for a quadruple.
import type { Quadruple } from './quadruple.ts';

const FLOAT_DIGITS = 9;
const DOUBLE_DIGITS = 17;
const QUADRUPLE_DIGITS = 36;

export function floatText(number: number, size: 4 | 8): string {
  return generalText(number, size === 4 ? FLOAT_DIGITS : DOUBLE_DIGITS);
}

/** %.`digits`g. */
export function generalText(number: number, digits: number, keepsZeros = false): string {
  const special = specialText(number);
  if (special !== undefined) return special;
  const [mantissa = '', power = '0'] = Math.abs(number)
    .toExponential(Math.max(digits, 1) - 1)
    .split('e');
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  return sign + arranged(mantissa.replace('.', ''), Number(power), Math.max(digits, 1), keepsZeros);
}

/** What is no finite number. */
export function specialText(number: number): string | undefined {
  if (Number.isNaN(number)) return 'nan(0x8000000000000)';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  return undefined;
}

/** Digits with a point or an exponent, as %g decides. */
function arranged(digits: string, power: number, precision: number, keepsZeros: boolean): string {
  const trim = (text: string): string =>
    keepsZeros || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
  if (power < -4 || power >= precision) {
    const text = trim(`${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}`);
    return `${text}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  if (power < 0) return trim(`0.${'0'.repeat(-power - 1)}${digits}`);
  const whole = digits.slice(0, power + 1);
  return trim(digits.length > power + 1 ? `${whole}.${digits.slice(power + 1)}` : whole);
}

export function quadrupleText({ isNegative, exact, nearest }: Quadruple): string {
  if (exact === undefined) return specialText(nearest) ?? 'nan';
  const sign = isNegative ? '-' : '';
  if (exact.mantissa === 0n) return `${sign}0`;
  const { digits, power } = decimal(exact.mantissa, exact.exponent, QUADRUPLE_DIGITS);
  return sign + arranged(digits, power, QUADRUPLE_DIGITS, false);
}

/** mantissa × 2^exponent to so many significant digits, rounded; the power of ten of the first. */
function decimal(mantissa: bigint, exponent: number, count: number): { digits: string; power: number } {
  let top = exponent > 0 ? mantissa << BigInt(exponent) : mantissa;
  let bottom = exponent < 0 ? 1n << BigInt(-exponent) : 1n;
  let power = top.toString().length - bottom.toString().length;
  if (power >= 0) bottom *= 10n ** BigInt(power);
  else top *= 10n ** BigInt(-power);
  if (top < bottom) {
    top *= 10n;
    power--;
  }
  const scaled = (2n * top * 10n ** BigInt(count - 1) + bottom) / (2n * bottom); // halves go up
  const digits = scaled.toString();
  return digits.length > count ? { digits: digits.slice(0, count), power: power + 1 } : { digits, power };
}
