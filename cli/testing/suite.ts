// Finds the tests of a directory: guest programs with a PROGRAM.txt that says what they are expected to do.
// test.ts asks; nothing is run here. Every problem with a single file becomes a test that fails, with its reason.
import fs from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { CommandError } from '../failure.ts';
import { type Expectation, parseExpectation } from './expectation.ts';

export interface GuestTest {
  /** The program's path below the directory. */
  readonly name: string;
  /** Absolute. */
  readonly program: string;
  /** Where the expectation lies or would lie; absolute. */
  readonly expectationPath: string;
  readonly expectation: Expectation | undefined;
  /** What is given on standard input by a PROGRAM.in; undefined when there is none. */
  readonly input: Buffer | undefined;
  /** Why it cannot be run at all. */
  readonly problem: string | undefined;
}

const EM_RISCV = 243;

/**
 * The tests below `directory`, or the one that `directory` is, by name. `expected`: another directory, of the same
 * shape, that has the .txt and .in files. Throws CommandError when there is nothing.
 */
export function findTests(directory: string, expected: string | undefined): GuestTest[] {
  const stats = fs.statSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`${directory}: there is no such directory`);
  const root = fs.realpathSync(stats.isDirectory() ? directory : dirname(directory));
  const files = stats.isDirectory() ? walk(root) : [basename(directory)];
  const single = stats.isDirectory() ? [] : files;
  const expectedRoot = expected === undefined ? root : fs.realpathSync(demandDirectory(expected));
  const expectations = stats.isDirectory() ? walk(expectedRoot) : files.map((file) => `${file}.txt`);
  const named = expectations.filter((file) => file.endsWith('.txt')).map((file) => file.slice(0, -4));
  const programs = files.filter((file) => named.includes(file) || isProgram(join(root, file)));
  const orphans =
    expected === undefined ? named.filter((name) => !files.includes(name) && isExpectation(root, name)) : [];
  const names = [...new Set([...single, ...programs, ...orphans])].sort();
  if (names.length === 0) {
    throw new CommandError(
      `${directory}: no riscv64 programs are there (docs/testing.md says what a test is)`,
    );
  }
  return names.map((name) => describe(name, join(root, name), join(expectedRoot, name)));
}

function demandDirectory(path: string): string {
  if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new CommandError(`--expected ${path}: there is no such directory`);
}

/** A .txt without program is a test that lost its program only when it reads like one. */
function isExpectation(root: string, name: string): boolean {
  return /^(# .*\n)*exit \d+\n/.test(fs.readFileSync(join(root, `${name}.txt`), 'latin1').slice(0, 65536));
}

function walk(root: string, below = ''): string[] {
  return fs.readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : walk(root, path);
    return entry.isFile() || fs.statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ? [path] : [];
  });
}

function describe(name: string, program: string, expectedBase: string): GuestTest {
  const expectationPath = `${expectedBase}.txt`;
  const test = {
    name: name.split(sep).join('/'),
    program,
    expectationPath,
    input: readIfThere(`${expectedBase}.in`),
  };
  let expectation: Expectation | undefined;
  try {
    const text = readIfThere(expectationPath)?.toString('latin1');
    expectation = text === undefined ? undefined : parseExpectation(text);
  } catch (error) {
    const problem = `${name}.txt: ${(error as Error).message}`;
    return { ...test, expectation: undefined, problem };
  }
  // What `run:` names is found, or not, inside the guest.
  const problem = expectation?.directives.run === undefined ? whyNotProgram(program) : undefined;
  return { ...test, expectation, problem };
}

function readIfThere(path: string): Buffer | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(path) : undefined;
}

function isProgram(path: string): boolean {
  return whyNotProgram(path) === undefined && startOf(path)[0] === 0x7f;
}

function startOf(path: string): Buffer {
  const file = fs.openSync(path, 'r');
  try {
    const start = Buffer.alloc(20);
    return start.subarray(0, fs.readSync(file, start, 0, start.length, 0));
  } finally {
    fs.closeSync(file);
  }
}

function whyNotProgram(path: string): string | undefined {
  if (!fs.existsSync(path)) return 'there is no such program';
  const start = startOf(path);
  if (start.subarray(0, 2).toString() === '#!') return undefined;
  if (!start.subarray(0, 4).equals(Buffer.from('\x7fELF'))) return 'not an ELF program';
  const isRiscv64 =
    start[4] === 2 && start[5] === 1 && start.length === 20 && start.readUInt16LE(18) === EM_RISCV;
  return isRiscv64 ? undefined : 'an ELF file, and not for riscv64';
}
