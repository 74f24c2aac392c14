// The prompt on containers of C++ and on member functions. guest-programs/debug/containers.cpp is the program.
// What is expected is what gdb prints for the same program, where it can.
import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.test-support.ts';
import { type Prompt, promptOn } from './prompt.test-support.ts';

const program = compiled('containers.cpp', '-O0');
const why = program === undefined ? ' [skipped: needs g++-riscv64-linux-gnu]' : '';

async function atUse(): Promise<Prompt> {
  if (program === undefined) throw new Error('not compiled');
  const found = promptOn(program.bytes, { 'containers.cpp': program.source });
  await found.run('break 45', 'continue');
  return found;
}

describe.skipIf(why !== '')(`containers of C++${why}`, () => {
  it('are shown by what they hold', async () => {
    const { run } = await atUse();
    expect(await run('p queue')).toMatch(
      /^\$1 = std::deque with 299 elements = \{1, 2, 3, .*198, 199, 200\.\.\.\}\n$/,
    );
    expect(await run('p pair')).toBe('$2 = std::tuple containing = {[1] = 1, [2] = "x"}\n');
  });

  it('have elements by number and by key', async () => {
    const { run } = await atUse();
    expect(await run('p queue[0]', 'p queue[298]', 'p stock["b"]', 'p names[2]', 'p words[1][0]')).toBe(
      '$1 = 1\n$2 = 299\n$3 = 2\n$4 = "two"\n$5 = 118 \'v\'\n',
    );
    expect(await run('p items[7]->name', 'p stock["c"]', 'p queue[299]')).toBe(
      '$6 = "apple"\nthere is no element with this key\nindex 299 is beyond the 299 elements\n',
    );
  });

  it('answer for their size without code for it', async () => {
    const { run } = await atUse();
    expect(
      await run(
        'p queue.size()',
        'p stock.empty()',
        'p item.name.length()',
        'p words.back()',
        'p queue.at(2)',
      ),
    ).toBe('$1 = 299\n$2 = false\n$3 = 5\n$4 = "v"\n$5 = 3\n');
    expect(await run('p item.name.c_str()')).toMatch(/^\$6 = 0x[0-9a-f]+ "apple"\n$/);
  });

  it('of characters are compared as texts', async () => {
    const { run } = await atUse();
    expect(
      await run('p item.name == "apple"', 'p item.name != words[0]', 'p item.name.c_str() == item.name'),
    ).toBe('$1 = 1\n$2 = 1\n$3 = 1\n');
  });
});

describe.skipIf(why !== '')(`member functions${why}`, () => {
  it('are called for objects, those of their own class when they are virtual', async () => {
    const { run } = await atUse();
    expect(
      await run('p base.price()', 'p item.discount(3)', 'p (&item)->times(4)', 'p item.times(1.5)'),
    ).toBe('$1 = 3\n$2 = 15\n$3 = 12\n$4 = 4.5\n');
    expect(await run('p item.label(words[0])', 'p items[7]->price()', 'whatis item.times(1)')).toBe(
      '$5 = "uapple"\n$6 = 3\ntype = int\n',
    );
    expect(await run('p item.sold()', 'p item.price(1)', 'p item.none()')).toBe(
      'Cannot evaluate function -- may be inlined\nCannot resolve method shop::Item::price to any overloaded instance\nThere is no member named none.\n',
    );
  });

  it('stand in the types of their classes, with who may use them', async () => {
    const { run } = await atUse();
    expect(await run('ptype shop::Item')).toBe(`type = class shop::Item : public shop::Base {
  public:
    static int made;
    std::string name;
  private:
    int cost;

  public:
    Item(std::string, int);
    virtual int price(void) const;
    int times(int);
    double times(double);
    std::string label(const std::string &) const;
  private:
    count_type sold(void) const;

  public:
    typedef unsigned long count_type;
}
`);
    expect(await run('p item')).toMatch(/ static made = 9, name = "apple", cost = 3\}\n$/);
  });
});
