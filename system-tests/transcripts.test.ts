// The sessions in the docs are what the command line prints.
// Addresses and counts of calls are those of programs built by the compiler of the prebuilt ones, so others skip this.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf, compilerRelease } from '../scripts/guests/compile.ts';
import { prebuiltRelease } from '../scripts/guests/prebuilt.ts';
import { notBuilt } from './rivulet.ts';
import { commandsOf, isAsShown, printedBy } from './transcript.ts';

const DOCS = ['docs/debugging.md', 'docs/explore.md'];
const AREAS = ['demo/', 'debug/', 'explore/'];
const programs = listGuestPrograms().filter(({ name }) => AREAS.some((area) => name.startsWith(area)));

const release = await compilerRelease('riscv64');
const missing =
  notBuilt ??
  (release === prebuiltRelease() ? undefined : `the shown programs were built with "${prebuiltRelease()}"`) ??
  (existsSync('/bin/bash') ? undefined : 'there is no bash') ??
  (programs.every(({ name }) => existsSync(binaryOf(name, 'riscv64')))
    ? undefined
    : 'guest programs are not compiled: npm test does it');

const isUpdating = process.env.RIVULET_UPDATE_DOCS !== undefined;

describe.each(DOCS)(`the sessions of %s${missing ? ` [skipped: ${missing}]` : ''}`, (file) => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const commands = commandsOf(lines.join('\n'));
  const printed = new Map<(typeof commands)[number], string[]>();
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'rivulet-docs-'));
    if (missing) return;
    for (const { name, source } of programs) {
      cpSync(binaryOf(name, 'riscv64'), join(directory, name.split('/').at(-1) ?? ''));
      cpSync(source, join(directory, source.split('/').at(-1) ?? ''));
    }
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
    if (!isUpdating) return;
    for (const command of [...commands].reverse()) {
      const now = printed.get(command);
      if (now === undefined || isAsShown(now, command.expected)) continue;
      lines.splice(command.from, command.to - command.from, ...now);
    }
    writeFileSync(file, lines.join('\n'));
  });

  for (const command of commands) {
    test.skipIf(missing)(`line ${command.from}: ${command.line}`, async () => {
      const now = await printedBy(command, resolve('dist/rivulet.js'), directory);
      printed.set(command, now);
      if (isUpdating || isAsShown(now, command.expected)) return;
      expect(now.join('\n')).toBe(command.expected.join('\n'));
    });
  }
});
