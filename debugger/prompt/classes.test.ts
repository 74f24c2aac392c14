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

describe.skipIf(why !== '')(`lists about C++${why}`, () => {
  it('have every overloaded function with its scopes and parameters, and each type once', async () => {
    const { run } = prompt();
    expect(await run('info functions shop::add')).toContain(
      '31:\tdouble shop::add(double, double);\n30:\tint shop::add(int, int);\n',
    );
    expect(await run('info functions helper')).toMatch(
      /^42:\tstatic int shop::\(anonymous namespace\)::helper\(int\);$/m,
    );
    expect(await run('info functions Item::price')).toContain('25:\tint shop::Item::price(int) const;\n');
    expect((await run('info types ^shop::Color')).match(/Color;/g)).toHaveLength(1);
  });

  it('tell the arguments of an operator and the language of a frame', async () => {
    const { run } = prompt();
    await run('break less::operator()', 'continue');
    expect(await run('info frame')).toMatch(
      / source language c\+\+\.\n Arglist at 0x[0-9a-f]+, args: this=0x[0-9a-f]+, __x="a", /,
    );
  });
});

describe.skipIf(why !== '')(`values of C++${why}`, () => {
  const atSum = async (): Promise<Prompt> => {
    const found = prompt();
    await found.run('break 62', 'continue');
    return found;
  };

  it('of the library are shown as people think of them', async () => {
    const { run } = await atSum();
    const text = await run('info locals');
    expect(text).toMatch(
      /^book = \{<shop::Base> = \{_vptr\.Base = 0x[0-9a-f]+ <vtable for shop::Item\+16>, id = 3\}, name = "book", weight = 1\.5, color = shop::Color::Green, static count = 3\}\n/,
    );
    expect(text).toMatch(/^lamp = std::unique_ptr<shop::Base> = \{get\(\) = 0x[0-9a-f]+\}$/m);
    expect(text).toMatch(
      /^shared = std::shared_ptr<shop::Item> \(use count 1, weak count 0\) = \{get\(\) = 0x/m,
    );
    expect(text).toMatch(/^v = std::vector of length 3, capacity 3 = \{1, 2, 3\}$/m);
    expect(text).toMatch(/^m = std::map with 2 elements = \{\["a"\] = 1, \["b"\] = 2\}$/m);
    expect(text).toMatch(/^empty = std::vector<bool> of length 0, capacity 0$/m);
    expect(text).toMatch(/^size = shop::LARGE$/m);
    expect(await run('p/r v')).toMatch(/^\$1 = \{<std::_Vector_base<.*_M_start = 0x/);
  });

  it('are reached through references, smart pointers and elements', async () => {
    const { run } = await atSum();
    expect(await run('p v[2]', 'p *shared.name._M_dataplus._M_p', 'p shared->name')).toBe(
      '$1 = 3\n$2 = 97 \'a\'\n$3 = "a name that is too long for the string itself"\n',
    );
    expect(await run('p ref', 'p ref + 1', 'p &ref', 'p lambda')).toMatch(
      /^\$4 = \(int &\) @0x([0-9a-f]+): 2\n\$5 = 3\n\$6 = \(int \*\) 0x\1\n\$7 = \{__ref = @0x\1\}\n$/,
    );
    expect(await run('p v[3]', 'p *v', 'p book.nothing')).toBe(
      'index 3 is beyond the 3 elements\nAttempt to take contents of a non-pointer value.\nThere is no member named nothing.\n',
    );
  });

  it('have types with scopes', async () => {
    const { run } = await atSum();
    expect(await run('whatis book', 'whatis book.name', 'whatis size', 'p sizeof(shop::Item)')).toBe(
      'type = shop::Item\ntype = std::string\ntype = shop::Size\n$1 = 64\n',
    );
    expect(await run('p ((shop::Item *)&book)->weight', 'ptype shop::Base', 'ptype shop::Item')).toBe(
      `$2 = 1.5
type = struct shop::Base {
  public:
    int id;

    ~Base(void);
    virtual int price(int) const;
}
type = struct shop::Item : public shop::Base {
    std::string name;
    double weight;
    shop::Color color;
    static int count;
  public:
    Item(const std::string &, double);
    virtual int price(int) const;
    bool operator<(const shop::Item &) const;
}
`,
    );
    expect(await run('p sizeof(std::vector<int, std::allocator<int>>)')).toBe('$3 = 24\n');
  });

  it('are found by scopes, in the scope of the function, and in its object', async () => {
    const { run } = await atSum();
    expect(
      await run('p shop::Item::count', 'p shop::Color::Green', 'p size == shop::LARGE', 'p shop::hidden'),
    ).toBe('$1 = 3\n$2 = shop::Color::Green\n$3 = 1\n$4 = 42\n');
    expect(await run('p shop::nothing', 'p nothing::x')).toBe(
      'No symbol "nothing" in namespace "shop".\nNo symbol "nothing" in current context.\n',
    );
    await run('break Item::price', 'continue');
    expect(await run('p name', 'p id', 'p count', 'p this->weight')).toBe(
      '$5 = "lamp"\n$6 = 3\n$7 = 3\n$8 = 2.5\n',
    );
  });

  it('of overloaded functions are those that fit the arguments', async () => {
    const { run } = await atSum();
    expect(await run('p shop::add(2, 3)', 'p add(1.5, 2.25)')).toBe('$1 = 5\n$2 = 3.75\n');
  });
});

describe.skipIf(why !== '')(`exceptions of C++${why}`, () => {
  it('stop where they are thrown and caught', async () => {
    const { run } = prompt();
    expect(await run('catch throw', 'tcatch catch')).toBe(
      'Catchpoint 1 (throw)\nTemporary catchpoint 2 (catch)\n',
    );
    expect(await run('info break')).toMatch(/^1 +catchpoint +keep y +0x[0-9a-f]+ exception throw$/m);
    expect(await run('continue')).toMatch(
      /^\nCatchpoint 1 \(exception thrown\), 0x[0-9a-f]+ in __cxa_throw \(\)\n/,
    );
    expect(await run('bt')).toMatch(
      /^#1 .* in shop::check \(item=\.\.\., v=std::vector of length 4, capacity 4 = \{\.\.\.\}\)/m,
    );
    expect(await run('continue')).toMatch(/^\nTemporary catchpoint 2 \(exception caught\), /);
    expect(await run('catch throw runtime')).toBe('Types of exceptions cannot be chosen: catch throw.\n');
  });
});
