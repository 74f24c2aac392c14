// A WebAssembly module in its binary format, from types, imports, functions and exports.
// Called by the emitters of the interpreter and the JIT; the result goes to `new WebAssembly.Module`.
// Imports must all be added before the first function, since they come first in the index space.
import { CodeBuilder } from './code-builder.ts';
import type { ValueType } from './opcodes.ts';

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const Section = { Custom: 0, Type: 1, Import: 2, Function: 3, Global: 6, Export: 7, Code: 10 } as const;
const ExternKind = { Function: 0, Table: 1, Memory: 2, Global: 3 } as const;
const FUNCREF = 0x70;
const MAX_PAGES = 65536;

interface FunctionBody {
  readonly type: number;
  readonly code: CodeBuilder;
}

export class ModuleWriter {
  readonly #types = new Map<string, number>();
  readonly #typeSection = new CodeBuilder();
  readonly #imports = new CodeBuilder();
  readonly #globals = new CodeBuilder();
  readonly #exports = new CodeBuilder();
  readonly #functions: FunctionBody[] = [];
  #importCount = 0;
  #importedFunctions = 0;
  #globalCount = 0;
  #exportCount = 0;

  type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const index = this.#types.size;
    this.#types.set(key, index);
    this.#typeSection.byte(0x60).unsigned(parameters.length).append(parameters);
    this.#typeSection.unsigned(results.length).append(results);
    return index;
  }

  importMemory(module: string, name: string, minimum = 1): void {
    this.#import(module, name, ExternKind.Memory).byte(1).unsigned(minimum).unsigned(MAX_PAGES);
  }

  importTable(module: string, name: string): void {
    this.#import(module, name, ExternKind.Table).byte(FUNCREF).byte(0).unsigned(0);
  }

  /** Returns the function's index. */
  importFunction(
    module: string,
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
  ): number {
    this.#import(module, name, ExternKind.Function).unsigned(this.type(parameters, results));
    return this.#importedFunctions++;
  }

  #import(module: string, name: string, kind: number): CodeBuilder {
    this.#importCount++;
    writeName(this.#imports, module);
    writeName(this.#imports, name);
    return this.#imports.byte(kind);
  }

  /** A mutable global; `initial` holds its constant expression. */
  global(type: ValueType, initial: CodeBuilder): number {
    this.#globals.byte(type).byte(1).append(initial.bytes).end();
    return this.#globalCount++;
  }

  /** Adds a function whose body is complete except for the final `end`; returns its index. Imports come before. */
  function(parameters: readonly ValueType[], results: readonly ValueType[], code: CodeBuilder): number {
    code.end();
    this.#functions.push({ type: this.type(parameters, results), code });
    code.resolveOwnCalls(this.#importedFunctions);
    return this.#importedFunctions + this.#functions.length - 1;
  }

  exportFunction(name: string, index: number): void {
    this.#exportCount++;
    writeName(this.#exports, name);
    this.#exports.byte(ExternKind.Function).unsigned(index);
  }

  bytes(): Uint8Array {
    const out = new CodeBuilder().append(MAGIC);
    section(out, Section.Type, this.#types.size, this.#typeSection);
    section(out, Section.Import, this.#importCount, this.#imports);
    const declarations = new CodeBuilder();
    for (const { type } of this.#functions) declarations.unsigned(type);
    section(out, Section.Function, this.#functions.length, declarations);
    section(out, Section.Global, this.#globalCount, this.#globals);
    section(out, Section.Export, this.#exportCount, this.#exports);
    const locals = this.#functions.map(({ code }) => localDeclarations(code.locals));
    this.#branchHints(out, locals);
    const bodies = new CodeBuilder();
    this.#functions.forEach(({ code }, i) => {
      const header = locals[i] ?? new CodeBuilder();
      bodies
        .unsigned(header.length + code.length)
        .append(header.bytes)
        .append(code.bytes);
    });
    section(out, Section.Code, this.#functions.length, bodies);
    return out.bytes.slice();
  }

  /** Branch hinting proposal: custom section `metadata.code.branch_hint`, before the code section. */
  #branchHints(out: CodeBuilder, locals: readonly CodeBuilder[]): void {
    const hints = new CodeBuilder();
    let count = 0;
    this.#functions.forEach(({ code }, i) => {
      if (code.unlikely.length === 0) return;
      count++;
      const start = locals[i]?.length ?? 0;
      hints.unsigned(this.#importedFunctions + i).unsigned(code.unlikely.length);
      for (const offset of code.unlikely)
        hints
          .unsigned(start + offset)
          .byte(1)
          .byte(0);
    });
    if (count === 0) return;
    const content = new CodeBuilder();
    writeName(content, 'metadata.code.branch_hint');
    content.unsigned(count).append(hints.bytes);
    out.byte(Section.Custom).unsigned(content.length).append(content.bytes);
  }
}

function section(out: CodeBuilder, id: number, count: number, content: CodeBuilder): void {
  if (count === 0) return;
  const size = new CodeBuilder().unsigned(count);
  out
    .byte(id)
    .unsigned(size.length + content.length)
    .append(size.bytes)
    .append(content.bytes);
}

function writeName(out: CodeBuilder, name: string): void {
  out.unsigned(name.length);
  for (let i = 0; i < name.length; i++) out.byte(name.charCodeAt(i));
}

/** Runs of equal types, as the binary format wants them. */
function localDeclarations(types: readonly ValueType[]): CodeBuilder {
  const runs: { count: number; type: ValueType }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  const out = new CodeBuilder().unsigned(runs.length);
  for (const { count, type } of runs) out.unsigned(count).byte(type);
  return out;
}
