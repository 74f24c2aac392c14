// The prompt on C++: names with scopes, overloads, templates. guest-programs/debug/classes.cpp is the program.
// What is expected is what gdb prints for the same program.
import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.test-support.ts';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const program = compiled('classes.cpp', '-O0');
const why = program === undefined ? ' [skipped: needs g++-riscv64-linux-gnu]' : '';

function prompt(): Prompt {
  if (program === undefined) throw new Error('not compiled');
  return promptOn(program.bytes, { 'classes.cpp': program.source });
}

describe.skipIf(why !== '')(`functions of C++${why}`, () => {
  it('are found by names that leave out scopes, template arguments and parameters', async () => {
    const { run } = prompt();
    expect(await run('break shop::add')).toMatch(
      /^Breakpoint 1 at 0x[0-9a-f]+: shop::add\. \(2 locations\)\n$/,
    );
    expect(await run('break add(double, double)')).toMatch(
      /^Breakpoint 2 at 0x[0-9a-f]+: file .*, line 31\.\n$/,
    );
    expect(await run('break largest')).toMatch(/, line 34\.\n$/);
    expect(await run('break largest<int>')).toMatch(/, line 34\.\n$/);
    expect(await run('break Item::price')).toMatch(/, line 25\.\n$/);
    expect(await run("break 'shop::Item::price(int) const'")).toMatch(/, line 25\.\n$/);
    expect(await run('break helper')).toMatch(/, line 42\.\n$/);
    expect(await run('set breakpoint pending off', 'break add(char)')).toBe(
      'Function "add(char)" not defined.\n',
    );
    expect(await run('info break')).toMatch(
      /^1\.1 .* in shop::add\(int, int\) at .*:30\n1\.2 .* in shop::add\(double, double\) at .*:31\n/m,
    );
    expect(await run('info break')).toContain(
      ' in shop::largest<int>(std::vector<int, std::allocator<int> > const&) at ',
    );
    expect(await run('info break')).toContain(' in shop::(anonymous namespace)::helper(int) at ');
  });

  it('have their scopes in stacks, with debug information and without', async () => {
    const { run } = prompt();
    await run('break shop::Item::price');
    expect(await run('continue')).toMatch(
      /^\nBreakpoint 1, shop::Item::price \(this=0x[0-9a-f]+, n=10\) at .*:25\n/,
    );
    expect(await run('bt')).toMatch(
      /^#0 {2}shop::Item::price \(.*\n#1 {2}0x[0-9a-f]+ in main \(argc=1, .*\n$/,
    );
    expect(await run("info symbol 'shop::add(int, int)'")).toBe('shop::add(int, int) in section .text\n');
    expect(await run("info symbol 'std::terminate'")).toBe('std::terminate() in section .text\n');
  });
});
