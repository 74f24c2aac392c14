import { describe, expect, it } from 'vitest';
import { isNamed, plainName, scopedName } from './name-matching.ts';

describe('what a typed name means', () => {
  it.each([
    ['shop::add(int, int)', 'add'],
    ['shop::add(int, int)', 'shop::add'],
    ['shop::add(int, int)', 'add(int,int)'],
    ['shop::largest<int>(int)', 'largest'],
    ['shop::largest<std::pair<a, b> >(int)', 'shop::largest'],
    ['shop::largest<int>(int)', 'largest<int>'],
    ['shop::Box<int>::put(int)', 'Box::put'],
    ['(anonymous namespace)::hidden', 'hidden'],
    ['shop::operator<< <int>(int)', 'operator<<'],
    ['shop::Item::operator()(int) const', 'Item::operator()'],
    ['<hello::Point as hello::Named>::name', 'name'],
    ['main', '::main'],
  ])('%s is meant by %s', (name, typed) => {
    expect(isNamed(name, typed)).toBe(true);
  });

  it.each([
    ['shop::add(int, int)', 'add(double,double)'],
    ['shop::add(int, int)', 'op::add'],
    ['shop::add(int, int)', '::add'],
    ['shop::largest<int>(int)', 'largest<double>'],
    ['add', 'shop::add'],
    ['shop::Item::operator<(int)', 'operator<<'],
  ])('%s is not meant by %s', (name, typed) => {
    expect(isNamed(name, typed)).toBe(false);
  });

  it('parts and parameters are told apart', () => {
    expect(scopedName('a::b<c::d, e(f)>::g(h, i::j) const')).toEqual({
      parts: ['a', 'b<c::d, e(f)>', 'g'],
      parameters: '(h,i::j)const',
    });
    expect(plainName('a::b<c>::g<d>(h)')).toBe('g');
  });
});
