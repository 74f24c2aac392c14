import { describe, expect, it } from 'vitest';
import { CodeBuilder } from './code-builder.ts';
import { ModuleWriter } from './module-writer.ts';
import { Op, ValueType } from './opcodes.ts';

const { I32, I64, F64 } = ValueType;

function instantiate(module: ModuleWriter, imports: WebAssembly.Imports = {}): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), imports).exports;
}

describe('the module writer', () => {
  it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8192, 0x7fff_ffff, -0x8000_0000])(
    'encodes i32 %d',
    (value) => {
      const module = new ModuleWriter();
      module.exportFunction('f', module.function([], [I32], new CodeBuilder().i32(value)));
      expect((instantiate(module).f as () => number)()).toBe(value);
    },
  );

  it.each([0n, -1n, 64n, 1n << 31n, -(1n << 31n), (1n << 63n) - 1n, -(1n << 63n)])(
    'encodes i64 %d',
    (value) => {
      const module = new ModuleWriter();
      module.exportFunction('f', module.function([], [I64], new CodeBuilder().i64(value)));
      expect((instantiate(module).f as () => bigint)()).toBe(value);
    },
  );

  it('declares locals in runs, after the parameters', () => {
    const module = new ModuleWriter();
    const code = new CodeBuilder(1);
    const [a, b, c] = [code.local(I32), code.local(I32), code.local(F64)];
    code.get(0).set(a).get(a).i32(1).op(Op.i32_add).set(b).get(b).op(Op.f64_convert_i32_s).set(c).get(c);
    module.exportFunction('f', module.function([I32], [F64], code));
    expect((instantiate(module).f as (n: number) => number)(41)).toBe(42);
  });

  it.each([0, 1, 127, 300])('lets a function call itself behind %d imports', (imports) => {
    const module = new ModuleWriter();
    for (let i = 0; i < imports; i++) module.importFunction('e', 'f', [], []);
    const code = new CodeBuilder(1);
    code.get(0).i32(2).op(Op.i32_lt_s).if(I32).i32(1).else();
    code.get(0).get(0).i32(1).op(Op.i32_sub).callOwn(0).op(Op.i32_mul).end();
    module.exportFunction('f', module.function([I32], [I32], code));
    expect((instantiate(module, { e: { f: () => {} } }).f as (n: number) => number)(6)).toBe(720);
  });

  it('numbers imported functions before its own', () => {
    const module = new ModuleWriter();
    const imported = module.importFunction('e', 'double', [I32], [I32]);
    module.exportFunction('f', module.function([I32], [I32], new CodeBuilder(1).get(0).call(imported)));
    const exports = instantiate(module, {
      e: { double: (n: number) => 2 * n },
    } as unknown as WebAssembly.Imports);
    expect((exports.f as (n: number) => number)(21)).toBe(42);
  });

  it('says which branches are rarely taken, before the code', () => {
    const module = new ModuleWriter();
    const code = new CodeBuilder(1).get(0).if().rarely().op(Op.nop).end();
    module.exportFunction('f', module.function([I32], [], code));
    const sections = WebAssembly.Module.customSections(
      new WebAssembly.Module(module.bytes()),
      'metadata.code.branch_hint',
    );
    // One function, number 0, with one hint at offset 3 (after the local count and local.get) of size 1: unlikely.
    expect(sections.map((section) => [...new Uint8Array(section)])).toEqual([[1, 0, 1, 3, 1, 0]]);
  });
});
