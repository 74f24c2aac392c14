// The prompt on Rust: enumerations, tuples, slices, names. guest-programs/debug/shapes.rs is the program, compiled to shapes.s.
// What is expected is what gdb prints; slices are as the printers that come with rustc show them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.test-support.ts';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const program = compiled('shapes.s');
const why = program === undefined ? ' [skipped: needs gcc-riscv64-linux-gnu]' : '';
const SOURCE = readFileSync('guest-programs/debug/shapes.rs', 'utf8');

async function atEnd(): Promise<Prompt> {
  if (program === undefined) throw new Error('not compiled');
  const found = promptOn(program.bytes, { 'shapes.rs': SOURCE });
  await found.run('break shapes.rs:54', 'continue');
  return found;
}

describe.skipIf(why !== '')(`programs of Rust${why}`, () => {
  it('have values as Rust writes them', async () => {
    const { run } = await atEnd();
    const text = await run('info locals');
    for (const line of [
      'slice = &[i32](size=3) = {1, 2, 3}',
      'array = [1, 2, 3]',
      "tuple = (1, 99 'c', true)",
      'p = shapes::Point {x: 3, y: -4}',
      'none = core::option::Option<&shapes::Point>::None',
      'some = core::option::Option<i32>::Some(5)',
      'label = "label"',
      'shapes = [shapes::Shape::Circle(1.5), shapes::Shape::Rect{w: 2, h: 3}, shapes::Shape::Empty]',
    ])
      expect(text.split('\n')).toContain(line);
    expect(await run('p tuple.1', 'p p.y', 'p shapes[1]')).toBe(
      "$1 = 99 'c'\n$2 = -4\n$3 = shapes::Shape::Rect{w: 2, h: 3}\n",
    );
  });

  it('have functions with scopes', async () => {
    const { run } = await atEnd();
    await run('break shapes::geo::area', 'break first', 'break norm');
    expect(await run('info break')).toMatch(
      / in shapes::geo::area at .*:29\n.* in shapes::first<i32> at .*:39\n.* in shapes::Point::norm at .*:20\n$/,
    );
    expect(await run('bt')).toMatch(/^#0 {2}shapes::main \(\) at .*:54\n$/);
    expect(await run('continue')).toMatch(/^\nBreakpoint 3, shapes::first<i32> \(/);
  });
});
