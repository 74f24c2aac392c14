// Split DWARF, on a program of this computer: the assembler for RISC-V cannot write down how long functions are in .dwo files.
// (system-tests/debug-files.test.ts has the other forms of debug information.)
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { debugHost } from '../../cli/debug-files.ts';
import { SeparateFiles } from '../separate-files.ts';
import { DwarfTypes } from '../values/dwarf-types.ts';
import { typeText } from '../values/type-text.ts';
import { Attribute } from './attributes.ts';
import { readDebugFile } from './debug-file.ts';
import { expressionsOf } from './location-lists.ts';
import { entryAddress } from './ranges.ts';
import { localsOf, parametersOf, scopesAt } from './scopes.ts';
import { namesIn } from './unit-names.ts';

const SOURCE = `
struct pair { int first; long second; };
static int squared(int x) { return x * x; }
long weigh(struct pair *pair, int count) {
  long sum = 0;
  for (int i = 0; i < count; i++) sum += squared(pair[i].first) * pair[i].second;
  return sum;
}
int main(int argc, char **argv) { struct pair all[2] = {{argc, 2}, {3, 4}}; return (int)weigh(all, 2); }
`;

const GCC = '/usr/bin/gcc';
const isPossible = existsSync(GCC) && process.platform === 'linux';

function readSplit(...flags: string[]): void {
  const directory = mkdtempSync(join(os.tmpdir(), 'rivulet-dwo-'));
  try {
    writeFileSync(join(directory, 'split.c'), SOURCE);
    const program = join(directory, 'split');
    execFileSync(GCC, ['-g', '-gdwarf-5', '-gsplit-dwarf', '-O1', ...flags, '-o', program, 'split.c'], {
      cwd: directory,
    });
    const warnings: string[] = [];
    const warn = (line: string): void => void warnings.push(line);
    const host = debugHost(undefined, []);
    const file = readDebugFile(readFileSync(program), program, new SeparateFiles(host, warn), host, warn);
    if (file === undefined) throw new Error('it was not read');
    const { info } = file;
    const types = new DwarfTypes(info, () => undefined);
    const units = [...info.units()].map((unit) => namesIn(info, unit));
    const [weigh] = units.flatMap(({ functions }) => functions.get('weigh') ?? []);
    if (weigh === undefined) throw new Error('there is no function weigh');
    const address = entryAddress(weigh) ?? 0;
    const [scope] = scopesAt(info, address);
    if (scope === undefined) throw new Error('there is no scope');
    const shown = [...parametersOf(scope), ...localsOf(scope)].map(({ name, type }) =>
      typeText(types.of(type), name),
    );
    expect(shown).toEqual(['struct pair *pair', 'int count', 'int i', 'long sum']);
    const [parameter] = parametersOf(scope);
    const places = parameter === undefined ? [] : expressionsOf(parameter.entry, Attribute.LOCATION);
    expect(places[0]?.low).toBe(address);
    expect(file.lines.find(({ start }) => start === address)).toMatchObject({ name: 'split.c' });
    expect(warnings).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it.skipIf(!isPossible)('reads units from .dwo files, with their types, lists and addresses', () =>
  readSplit(),
);

it.skipIf(!isPossible)('reads them with types in units of their own', () =>
  readSplit('-fdebug-types-section'),
);
