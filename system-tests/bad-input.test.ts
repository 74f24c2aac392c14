// Bad input gives one clear line and the right status, never a stack trace.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inParallel } from '../scripts/setup/command.ts';
import { inDirectory, looksLikeCrash, notBuilt, prebuilt, rivulet, whySkipped } from './rivulet.ts';

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** Writes an executable file and says how `rivulet run` answers. */
function runBytes(bytes: Uint8Array | string, mode = 0o755) {
  return inDirectory((directory) => {
    const path = join(directory, 'program');
    writeFileSync(path, bytes);
    chmodSync(path, mode);
    return rivulet(['run', path]);
  });
}

function expectOneLine(outcome: { status: number; stderr: string }, status: number) {
  expect(outcome.status).toBe(status);
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  expect(outcome.stderr).toMatch(/^rivulet: /);
  expect(looksLikeCrash(outcome.stderr)).toBe(false);
}

describe.skipIf(notBuilt)(`rivulet run refuses${whySkipped}`, () => {
  test('a missing file and an empty name with 127', async () => {
    expectOneLine(await rivulet(['run', '/no/such/program']), NOT_FOUND);
    expectOneLine(await rivulet(['run', '']), NOT_FOUND);
  });
  test('a directory with 126', async () => {
    expectOneLine(await rivulet(['run', '/']), NOT_EXECUTABLE);
  });
  test('a file that is not executable with 126', async () => {
    expectOneLine(await runBytes(readFileSync(prebuilt('hello')), 0o644), NOT_EXECUTABLE);
  });
  test('an empty file, text, and another processor’s program with 126', async () => {
    const other = readFileSync(prebuilt('hello'));
    other.writeUInt16LE(62, 18); // e_machine: x86-64
    for (const bytes of ['', 'just text\n', '\x7fELF', other]) {
      expectOneLine(await runBytes(bytes), NOT_EXECUTABLE);
    }
  });
  test('32-bit and big-endian programs with 126', async () => {
    for (const [offset, value] of [
      [4, 1],
      [5, 2],
    ] as const) {
      const bytes = readFileSync(prebuilt('hello'));
      bytes[offset] = value;
      expectOneLine(await runBytes(bytes), NOT_EXECUTABLE);
    }
  });
  test('a script whose interpreter is missing with 126 or 127', async () => {
    const outcome = await runBytes('#!/no/such/interpreter\n');
    expect([NOT_FOUND, NOT_EXECUTABLE]).toContain(outcome.status);
    expect(looksLikeCrash(outcome.stderr)).toBe(false);
  });
  test('unknown options and commands with 125 and one line', async () => {
    for (const args of [
      ['run', '--no-such-option', 'x'],
      ['no-such-command'],
      ['run'],
      ['run', '--memory', 'much', 'x'],
    ]) {
      const outcome = await rivulet(args);
      expect(outcome.status, args.join(' ')).toBe(125);
      expect(looksLikeCrash(outcome.stderr)).toBe(false);
      expect(outcome.stderr).not.toBe('');
    }
  });
});

describe.skipIf(notBuilt)(`a damaged program never crashes the emulator${whySkipped}`, () => {
  const hello = readFileSync(prebuilt('hello'));

  async function survives(variants: readonly { label: string; bytes: Uint8Array }[]) {
    const crashes = await inParallel(variants, 2, async ({ label, bytes }) => {
      const outcome = await runBytes(bytes);
      const isBad = outcome.status === 125 || looksLikeCrash(outcome.stderr);
      return isBad ? `${label}: status ${outcome.status}: ${outcome.stderr.slice(0, 200)}` : '';
    });
    expect(crashes.filter(Boolean)).toEqual([]);
  }

  // hostile/elf-mutations tries every offset from inside a guest; the command line sees the interesting ones.
  test('truncated anywhere', async () => {
    const sizes = [1, 4, 15, 16, 20, 40, 63, 64, 65, 100, 119, 120, 121, 200, 500, hello.length - 1];
    await survives(sizes.map((size) => ({ label: `${size} bytes`, bytes: hello.subarray(0, size) })));
  });

  test('absurd headers', async () => {
    const program = Number(hello.readBigUInt64LE(32)); // e_phoff
    const fields: [string, number, number][] = [
      ['e_entry', 24, 8],
      ['e_phoff', 32, 8],
      ['e_phentsize', 54, 2],
      ['e_phnum', 56, 2],
      ['p_type', program, 4],
      ['p_offset', program + 8, 8],
      ['p_vaddr', program + 16, 8],
      ['p_filesz', program + 32, 8],
      ['p_memsz', program + 40, 8],
      ['p_align', program + 48, 8],
    ];
    const variants = fields.flatMap(([name, offset, size]) =>
      [0, 1, 0x7f, 0xff].map((byte) => {
        const bytes = Buffer.from(hello);
        bytes.fill(byte, offset, offset + size);
        return { label: `${name} filled with ${byte}`, bytes };
      }),
    );
    await survives(variants);
  });
});

test.skipIf(notBuilt)(`rivulet info describes a program and refuses what is none${whySkipped}`, async () => {
  const good = await rivulet(['info', prebuilt('hello')]);
  expect(good.status).toBe(0);
  expect(good.stdout).toMatch(/riscv/i);
  await inDirectory(async (directory) => {
    mkdirSync(join(directory, 'folder'));
    writeFileSync(join(directory, 'text'), 'not an ELF file');
    for (const name of ['folder', 'text', 'missing']) {
      const outcome = await rivulet(['info', join(directory, name)]);
      expect(outcome.status).not.toBe(0);
      expect(looksLikeCrash(outcome.stderr)).toBe(false);
    }
  });
});
