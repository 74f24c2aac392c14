// Adds all floating-point helpers to a module as WebAssembly functions.
// Called by cpu/interpreter.ts when it emits its module; regions import the functions from the instance.
// Each gives the exact result and flags in every rounding mode.
import type { Comparison, Format, IntegerFormat } from '../isa/semantics/backend.ts';
import type { ModuleWriter } from '../wasm/module-writer.ts';
import { writeProduct, writeQuotient, writeSquareRoot, writeSum } from './arithmetic-helpers.ts';
import {
  writeClassify,
  writeCompare,
  writeExtreme,
  writeFromInteger,
  writeNarrow,
  writeToInteger,
  writeWiden,
} from './conversion-helpers.ts';
import { writeFused } from './fused-helpers.ts';
import { HelperWriter } from './helper-writer.ts';
import { FP_HELPERS, type HelperName } from './helpers.ts';

/** Gives the functions' indices by name; `softFloat` is that of the import for what they cannot decide. */
export function emitHelperFunctions(module: ModuleWriter, softFloat: number): (name: HelperName) => number {
  const indices = new Map<HelperName, number>();
  [...FP_HELPERS].forEach(([name, type], operation) => {
    const writer = new HelperWriter(operation, type, softFloat);
    writeHelper(writer, name);
    indices.set(name, module.function(type.parameters, type.results, writer.code));
  });
  return (name) => {
    const index = indices.get(name);
    if (index === undefined) throw new Error(`no helper ${name}`);
    return index;
  };
}

function writeHelper(writer: HelperWriter, name: HelperName): void {
  const [operation = '', second = '', third = ''] = name.split('.');
  const format = second as Format;
  switch (operation) {
    case 'add':
    case 'sub':
      writeSum(writer, format, operation === 'sub');
      break;
    case 'mul':
      writeProduct(writer, format);
      break;
    case 'div':
      writeQuotient(writer, format);
      break;
    case 'sqrt':
      writeSquareRoot(writer, format);
      break;
    case 'fma':
      writeFused(writer, format);
      break;
    case 'min':
    case 'max':
      writeExtreme(writer, format);
      break;
    case 'class':
      writeClassify(writer, format);
      break;
    case 'to':
      writeToInteger(writer, second as IntegerFormat);
      break;
    case 'from':
      writeFromInteger(writer, second as IntegerFormat, third as Format);
      break;
    case 'narrow':
      writeNarrow(writer);
      break;
    case 'widen':
      writeWiden(writer);
      break;
    default:
      writeCompare(writer, operation as Comparison, format);
  }
}
