// What `info` says of the selected frame: where it lies, what it keeps, and its registers.
// commands/info.ts lists the subjects.
// The wording is gdb's.
import { F_NAMES, X_NAMES } from '../../../emulator/isa/disassemble.ts';
import { isVariadic, parametersOf } from '../../dwarf/scopes.ts';
import { bare } from '../../values/c-types.ts';
import { addressText, scalarText } from '../../values/scalar-text.ts';
import { innerText } from '../../values/value-text.ts';
import { isMissing } from '../../values/values.ts';
import type { Debugger } from '../debugger.ts';
import type { PromptFrame } from '../frame-list.ts';
import { argumentsText, functionName } from '../frame-text.ts';
import { PromptError } from '../prompt-error.ts';

const RA = 1;
const FP = 8;
const hex = (address: number): string => `0x${address.toString(16)}`;

/** `info frame`. */
export function frame(debugging: Debugger): void {
  const { frames } = debugging;
  const { level, selected } = frames;
  const { cfa, line, scope, caller, isInlined } = selected;
  debugging.print(`Stack level ${level}${cfa === undefined ? '' : `, frame at ${hex(cfa)}`}:`);
  const where = line === undefined ? '' : ` (${line.name}:${line.line})`;
  const saved = caller === undefined ? '<not saved>' : hex(caller.pc);
  debugging.print(
    ` pc = ${hex(selected.pc)} in ${functionName(debugging, selected)}${where}; saved pc = ${saved}`,
  );
  const around = neighbours(frames.all, level);
  if (around !== '') debugging.print(` ${around}`);
  if (scope !== undefined) debugging.print(` source language ${frames.language}.`);
  if (isInlined || cfa === undefined) {
    debugging.print(' Arglist at unknown address.');
    debugging.print(" Locals at unknown address, Previous frame's sp in sp");
    return;
  }
  debugging.print(` Arglist at ${hex(cfa)}, args: ${argumentList(debugging, selected)}`);
  debugging.print(` Locals at ${hex(cfa)}, Previous frame's sp is ${hex(cfa)}`);
  const places = savedTexts(selected);
  if (places.length === 0) return;
  debugging.print(' Saved registers:');
  debugging.print(`  ${places.join(', ')}`);
}

function neighbours(all: readonly PromptFrame[], level: number): string {
  const outer = all[level + 1];
  const inner = all[level - 1];
  const texts: string[] = [];
  if (all[level]?.isInlined === true) texts.push(`inlined into frame ${level + 1}`);
  else if (outer?.cfa !== undefined) texts.push(`called by frame at ${hex(outer.cfa)}`);
  if (inner?.cfa !== undefined) texts.push(`caller of frame at ${hex(inner.cfa)}`);
  return texts.join(', ');
}

function argumentList(debugging: Debugger, selected: PromptFrame): string {
  if (selected.scope === undefined) return '';
  if (parametersOf(selected.scope).length === 0 && !isVariadic(selected.scope)) return '';
  return argumentsText(debugging, selected);
}

function savedTexts({ saved }: PromptFrame): string[] {
  const texts = [...(saved ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([number, address]) => `${registerName(number)} at ${hex(address)}`);
  const ra = saved?.get(RA);
  if (ra !== undefined) {
    const floats = texts.findIndex((text) => /^f[sta]?\d/.test(text));
    texts.splice(floats < 0 ? texts.length : floats, 0, `pc at ${hex(ra)}`);
  }
  return texts;
}

/** gdb calls s0 by its other name. */
function registerName(number: number): string {
  return number === FP ? 'fp' : (X_NAMES[number] ?? F_NAMES[number - X_NAMES.length] ?? String(number));
}

const NAME_WIDTH = 15;

const INTEGER_NAMES = X_NAMES.map((name) => (name === 's0' ? 'fp' : name));
const FLOAT_NAMES = [...F_NAMES, 'fflags', 'frm', 'fcsr'];
/** gdb's groups of registers. */
const REGISTER_GROUPS: Readonly<Record<string, readonly string[]>> = {
  usual: [...INTEGER_NAMES.slice(1), 'pc'],
  general: [...INTEGER_NAMES, 'pc'],
  float: FLOAT_NAMES,
  csr: ['fflags', 'frm', 'fcsr'],
  system: ['fflags', 'frm', 'fcsr'],
  all: [...INTEGER_NAMES, 'pc', ...FLOAT_NAMES],
};

const FLAGS = ['NV', 'DZ', 'OF', 'UF', 'NX'];
const ROUNDINGS = [
  'RNE (round to nearest; ties to even)',
  'RTZ (Round towards zero)',
  'RDN (Round down towards -INF)',
  'RUP (Round up towards +INF)',
  'RMM (Round to nearest; ties to max magnitude)',
  'INVALID[5]',
  'INVALID[6]',
  'dynamic rounding mode',
];
const flagsText = (bits: number): string =>
  FLAGS.map((flag, at) => `${flag}:${(bits >> (FLAGS.length - 1 - at)) & 1}`).join(' ');
const roundingText = (mode: number): string => `FRM:${mode} [${ROUNDINGS[mode]}]`;
/** What the fields of a register mean. */
const FIELDS: Readonly<Record<string, (bits: number) => string>> = {
  fflags: flagsText,
  frm: roundingText,
  fcsr: (bits) => `${flagsText(bits)} ${roundingText((bits >> 5) & 7)}`,
};

/** `info registers`. */
export function registers(debugging: Debugger, argument: string): void {
  if (debugging.anyThread === undefined) throw new PromptError('The program has no registers now.');
  const names = (argument === '' ? 'usual' : argument)
    .split(/[\s,]+/)
    .map((name) => name.replace(/^\$/, ''))
    .flatMap((name) => REGISTER_GROUPS[name] ?? [name]);
  const symbolOf = (address: number): string | undefined => debugging.symbolText(address);
  for (const name of names) {
    const value = debugging.scope.dollar(name);
    if (isMissing(value.content)) {
      debugging.print(`${name.padEnd(NAME_WIDTH)}<not saved>`);
      continue;
    }
    if (value.place?.kind !== 'register') throw new PromptError(`Invalid register \`${name}'`);
    if (value.content instanceof Uint8Array) {
      const raw = [...value.content]
        .reverse()
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
      const text = innerText(value, undefined, debugging.textContext);
      debugging.print(`${name.padEnd(NAME_WIDTH)}${text}\t(raw 0x${raw})`);
      continue;
    }
    const fields = FIELDS[name]?.(Number(value.content));
    if (fields !== undefined) {
      debugging.print(`${name.padEnd(NAME_WIDTH)}0x${Number(value.content).toString(16)}\t${fields}`);
      continue;
    }
    const bits = BigInt.asUintN(64, BigInt(value.content));
    const isPointer = bare(value.type).kind === 'pointer';
    const natural = isPointer ? addressText(bits, symbolOf) : scalarText(value, 'd', symbolOf);
    debugging.print(`${name.padEnd(NAME_WIDTH)}0x${bits.toString(16)}\t${natural}`);
  }
}
