// Objects of C++ as what they really are. guest-programs/debug/virtual.cpp is the program.
// What is expected is what gdb prints for the same program.
import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.test-support.ts';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const program = compiled('virtual.cpp', '-O0');
const why = program === undefined ? ' [skipped: needs g++-riscv64-linux-gnu]' : '';

function prompt(): Prompt {
  if (program === undefined) throw new Error('not compiled');
  return promptOn(program.bytes, { 'virtual.cpp': program.source });
}

/** Addresses differ from machine to machine. */
const plain = (text: string): string => text.replace(/0x[0-9a-f]{2,}/g, '0x').replace(/^\$\d+ = /gm, '');

const NAMED = '<shop::Named> = {_vptr.Named = 0x <vtable for shop::Square+72>, tag = 9}';
const SQUARE = `{<shop::Shape> = {_vptr.Shape = 0x <vtable for shop::Square+16>, id = 7}, ${NAMED}, side = 5}`;

describe.skipIf(why !== '')(`objects with virtual functions${why}`, () => {
  it('are of the type they are declared with, until print object is on', async () => {
    const { run } = prompt();
    const said = async (...lines: string[]): Promise<string> => plain(await run(...lines));
    await run('break look', 'continue');
    expect(await said('p shape')).toBe('(shop::Shape *) 0x\n');
    await run('set print object on');
    expect(await said('show print object')).toBe(
      "Printing of object's derived type based on vtable info is on.\n",
    );
    expect(await said('p shape')).toBe('(shop::Square *) 0x\n');
    expect(await said('p *shape')).toBe(`(shop::Square) ${SQUARE}\n`);
    expect(await said('p named')).toBe(`(shop::Square &) @0x: ${SQUARE}\n`);
    expect(await said('p &named')).toBe('(shop::Square *) 0x\n');
    expect((await run('p shape')).replace(/^.*= /, '')).toBe((await run('p &named')).replace(/^.*= /, ''));
    expect(await said('p shape->id')).toBe('7\n');
    expect(await said('whatis shape')).toBe('type = /* real type = shop::Square * */\nshop::Shape *\n');
    expect(await said('whatis named')).toBe('type = /* real type = shop::Square & */\nshop::Named &\n');
    expect(await said('whatis *shape')).toBe('type = shop::Shape\n');
    expect(await said('ptype shape')).toMatch(
      /^type = \/\* real type = shop::Square \* \*\/\nstruct shop::Shape \{/,
    );
    await run('finish');
    expect(await said('p plain')).toBe(
      '(shop::Shape) {_vptr.Shape = 0x <vtable for shop::Shape+16>, id = 7}\n',
    );
  });

  it('are as they are declared where their tables are overwritten', async () => {
    const { run } = prompt();
    await run('break look', 'continue', 'set print object on', 'set var *(long *)shape = 0');
    expect(plain(await run('p shape'))).toBe('(shop::Shape *) 0x\n');
    await run('set var shape = 0');
    expect(await run('p shape')).toMatch(/ = \(shop::Shape \*\) 0x0\n$/);
    expect(await run('p *shape')).toBe('Cannot access memory at address 0x0\n');
  });

  it('have tables, listed by info vtbl with those of their parts', async () => {
    const { run } = prompt();
    await run('break look', 'continue');
    expect(plain(await run('info vtbl shape'))).toBe(
      `vtable for 'shop::Shape' @ 0x (subobject @ 0x):
[0]: 0x <shop::Square::~Square()>
[1]: 0x <shop::Square::~Square()>
[2]: 0x <shop::Square::area() const>
[3]: 0x <shop::Shape::sides() const>
`,
    );
    await run('finish');
    expect(plain(await run('info vtbl square'))).toBe(
      `vtable for 'shop::Square' @ 0x (subobject @ 0x):
[0]: 0x <shop::Square::~Square()>
[1]: 0x <shop::Square::~Square()>
[2]: 0x <shop::Square::area() const>
[3]: 0x <shop::Shape::sides() const>
[4]: 0x <shop::Square::name() const>

vtable for 'shop::Named' @ 0x (subobject @ 0x):
[0]: 0x <non-virtual thunk to shop::Square::name() const>
`,
    );
    expect(await run('info vtbl square.side')).toBe('This object does not have a virtual function table\n');
  });
});
