// The index against what parsing every unit finds: what a unit names must lead to that unit, in every form that compilers write.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debugHost } from '../../cli/debug-files.ts';
import { SeparateFiles } from '../separate-files.ts';
import { Attribute, Tag } from './attributes.ts';
import { readDebugFile } from './debug-file.ts';
import type { DebugInfo } from './debug-info.ts';
import { textOf } from './entry.ts';
import { functionsNamed, inlinedCopies, namesIn } from './unit-names.ts';

const GXX = '/usr/bin/g++';
const DWZ = '/usr/bin/dwz';
const isPossible = existsSync(GXX) && process.platform === 'linux';

const HEADER = `
namespace shop {
enum class Colour { red, green };
template <typename T> struct Box { T content; T twice() const { return content + content; } };
struct Item { int price; int total(int count) const; static int made; };
extern int level;
inline int squared(int x) { return x * x; }
__attribute__((noinline)) int shared(int x);
}
`;
const MAIN = `
#include "shop.h"
static int own(int x) { return shop::squared(x) + shop::level; }
int main(int argc, char **) {
  struct Local { int inner(int x) { return x + 1; } } local;
  shop::Item item{argc};
  shop::Box<long> box{3};
  return own(argc) + item.total(2) + (int)box.twice() + local.inner(2) + shop::shared(argc);
}
`;
const OTHER = `
#include "shop.h"
namespace shop {
int level = 3, Item::made = 4;
int Item::total(int count) const { return squared(price) * count + (int)Colour::green; }
int shared(int x) { return squared(x) + Box<int>{x}.twice(); }
}
`;

function compiled(options: readonly string[], look: (info: DebugInfo) => void): void {
  const directory = mkdtempSync(join(os.tmpdir(), 'rivulet-names-'));
  try {
    const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
    write('shop.h', HEADER);
    write('main.cc', MAIN);
    write('other.cc', OTHER);
    const program = join(directory, 'shop');
    const flags = options.filter((option) => option.startsWith('-'));
    execFileSync(GXX, ['-g', ...flags, '-o', program, 'main.cc', 'other.cc'], { cwd: directory });
    if (options.includes('dwz')) execFileSync(DWZ, [program]);
    const warnings: string[] = [];
    const warn = (line: string): void => void warnings.push(line);
    const host = debugHost(undefined, []);
    const file = readDebugFile(readFileSync(program), program, new SeparateFiles(host, warn), host, warn);
    if (file === undefined) throw new Error('it was not read');
    look(file.info);
    expect(warnings).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const FORMS: readonly (readonly string[])[] = [
  ['-gdwarf-5', '-O0'],
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-4', '-O1', '-fdebug-types-section'],
  ['-gdwarf-3', '-gstrict-dwarf', '-O1'],
  ['-gdwarf-5', '-O2', '-flto'],
  ['-gdwarf-5', '-O1', '-gsplit-dwarf'],
  ...(existsSync(DWZ) ? [['-gdwarf-5', '-O1', 'dwz']] : []),
];

describe.skipIf(!isPossible)(
  `names of units${isPossible ? '' : ' [skipped: needs g++]'}`,
  { timeout: 60_000 },
  () => {
    it.each(FORMS)('lead to the units that have them: %s %s %s', (...flags) => {
      compiled(
        flags.filter((flag) => flag !== undefined),
        (info) => {
          let names = 0;
          for (const unit of info.units()) {
            const { variables, functionNames, types, enumerators, functions } = namesIn(info, unit);
            const all = new Set([
              ...variables.keys(),
              ...functionNames,
              ...functions.keys(),
              ...enumerators.keys(),
              ...[...types.keys()].map((key) => key.replace(/^(?:struct|union|enum) /, '')),
            ]);
            for (const name of all) expect([...info.unitsNaming(name)], name).toContain(unit);
            for (const entry of unit.entries.values()) {
              const name = entry.tag === Tag.SUBPROGRAM ? textOf(entry, Attribute.NAME) : undefined;
              if (name !== undefined && inlinedCopies(info, unit, name).length > 0)
                expect([...info.unitsNaming(name)], name).toContain(unit);
            }
            names += all.size;
          }
          expect(names).toBeGreaterThan(10);
          const found = (name: string): number =>
            [...info.unitsNaming(name)].flatMap((unit) => functionsNamed(info, unit, name)).length;
          expect(found('main')).toBe(1);
          if (flags.includes('-flto')) return; // the others are inlined there
          expect(found('shop::Item::total')).toBe(1);
          expect(found('total')).toBe(1);
          expect(found('shop::shared')).toBe(1);
        },
      );
    });

    it('lead to no other units', () => {
      compiled(['-gdwarf-5', '-O0'], (info) => {
        const unitsOf = (name: string): (string | undefined)[] =>
          [...info.unitsNaming(name)].map(({ root }) => textOf(root, Attribute.NAME));
        expect(unitsOf('own')).toEqual(['main.cc']);
        expect(unitsOf('shop::Box<int>')).toContain('other.cc');
        expect(unitsOf('nosuch')).toEqual([]);
        expect(unitsOf('local')).toEqual([]); // a function's own
      });
    });

    it('of functions that were inlined into another unit lead to both', () => {
      compiled(['-gdwarf-5', '-O2', '-flto'], (info) => {
        const copies = [...info.unitsNaming('squared')].flatMap((unit) =>
          inlinedCopies(info, unit, 'squared'),
        );
        const all = [...info.units()].flatMap((unit) => inlinedCopies(info, unit, 'squared'));
        expect(all.length).toBeGreaterThan(0);
        expect(new Set(copies.map(({ address }) => address))).toEqual(
          new Set(all.map(({ address }) => address)),
        );
      });
    });
  },
);
