import { describe, expect, it } from 'vitest';
import { demangled } from './demangle.ts';

/** As c++filt -i shows them. */
const CPP: readonly (readonly [string, string])[] = [
  ['_ZN4shop3addEii', 'shop::add(int, int)'],
  ['_ZNK4shop4Item5priceEi', 'shop::Item::price(int) const'],
  ['_ZN12_GLOBAL__N_16hiddenE', '(anonymous namespace)::hidden'],
  ['_Z4mainv', 'main()'],
  ['_ZN4shop4ItemC2ERKSsd', 'shop::Item::Item(std::string const&, double)'],
  [
    '_ZNSsC1EPKc',
    'std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(char const*)',
  ],
  [
    '_ZN4shop7largestIiEET_RKSt6vectorIS1_SaIS1_EE',
    'int shop::largest<int>(std::vector<int, std::allocator<int> > const&)',
  ],
  [
    '_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc',
    'std::basic_ostream<char, std::char_traits<char> >& std::operator<< <std::char_traits<char> >(std::basic_ostream<char, std::char_traits<char> >&, char const*)',
  ],
  ['_ZTVN4shop4ItemE', 'vtable for shop::Item'],
  ['_ZThn16_N4shop4ItemD0Ev', 'non-virtual thunk to shop::Item::~Item()'],
  ['_ZGVZN4shop3oneEvE5value', 'guard variable for shop::one()::value'],
  ['_ZZ4mainENKUliE_clEi', 'main::{lambda(int)#1}::operator()(int) const'],
  ['_Z1fPFivEPA3_i', 'f(int (*)(), int (*) [3])'],
  ['_Z1fM1AKFivE', 'f(int (A::*)() const)'],
  ['_Z3sumIJidcEEvDpT_', 'void sum<int, double, char>(int, double, char)'],
  ['_Z1fIXadL_Z1gvEEEvv', 'void f<&g()>()'],
  ['_ZN1AcvbEv', 'A::operator bool()'],
  [
    '_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm',
    'std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_create(unsigned long&, unsigned long)',
  ],
  ['_ZN4shop4halfEi.constprop.0', 'shop::half(int) [clone .constprop.0]'],
  ['_Z1fILi5ELb1ELm3EEvv', 'void f<5, true, 3ul>()'],
  ['_Z7forwardIRiEOT_S1_', 'int& forward<int&>(int&)'],
];

/** As c++filt shows them, without hashes. */
const RUST: readonly (readonly [string, string])[] = [
  ['_ZN5hello4main17hb79ae0fec8f920daE', 'hello::main'],
  [
    '_ZN45_$LT$hello..Point$u20$as$u20$hello..Named$GT$4name17h4ffe6c9ef2c1d549E',
    '<hello::Point as hello::Named>::name',
  ],
  ['_ZN5hello4main28_$u7b$$u7b$closure$u7d$$u7d$17hdb5d3232d6ca13ecE', 'hello::main::{{closure}}'],
  ['_RNvCsh1OfwwScrvN_5hello4main', 'hello::main'],
  ['_RNCNvCsh1OfwwScrvN_5hello4mains_0B3_', 'hello::main::{closure#1}'],
  [
    '_RINvNtCscflP4AXiUI9_4core3ptr13drop_in_placeINtNtCs4XSxsXtqW5o_5alloc3vec3VecNtCsh1OfwwScrvN_5hello5ShapeEECsh1OfwwScrvN_5hello',
    'core::ptr::drop_in_place::<alloc::vec::Vec<hello::Shape>>',
  ],
  ['_RNvMCsh1OfwwScrvN_5helloNtB2_5Point4norm', '<hello::Point>::norm'],
  ['_RNvXs_Csh1OfwwScrvN_5helloNtB4_5PointNtB4_5Named4name', '<hello::Point as hello::Named>::name'],
  ['_RINvCs21hi0yVfW1J_5hello3sumKj3_RAlj3_E', 'hello::sum::<3, &[i32; 3]>'],
  ['_RNvC1au8gdel_5qa', 'a::gödel'],
];

describe('names of C++', () => {
  it.each(CPP)('%s', (mangled, name) => {
    expect(demangled(mangled)).toBe(name);
  });

  it('leave out the result of a template where a function is meant', () => {
    expect(demangled('_Z3sumIiET_S0_', false)).toBe('sum<int>(int)');
    expect(demangled('_Z3sumIiET_S0_')).toBe('int sum<int>(int)');
  });
});

describe('names of Rust', () => {
  it.each(RUST)('%s', (mangled, name) => {
    expect(demangled(mangled)).toBe(name);
  });
});

describe('names that are not understood', () => {
  it.each([
    'main',
    '_Z',
    '_ZN4shop',
    '_ZN99999shop3addEii',
    '_R',
    '_RNvC5hel',
    '_RB_',
    '_ZN1AIS_S_S_',
    `_Z1f${'P'.repeat(5000)}i`,
    `_ZN${'1a'.repeat(40_000)}E`,
  ])('%.30s stays as it is', (name) => {
    expect(demangled(name)).toBe(name);
  });

  it('are no reason to run for ever: back references that double', () => {
    const doubling = `_R${'T'.repeat(40)}B1_`;
    expect(demangled(doubling)).toBe(doubling);
  });
});
