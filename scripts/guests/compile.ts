// Compiles guest programs to build/guests/{native,riscv64}/…: incremental by time stamp, two at a time.
// The demo programs are linked with the small runtime of lib/mini-libc.c on riscv64, so that they stay tiny.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inParallel, run } from '../setup/command.ts';
import type { GuestProgram } from './catalogue.ts';

export type Target = 'native' | 'riscv64';

const COMPILER = { native: 'gcc', riscv64: 'riscv64-linux-gnu-gcc' } as const;
// Programs that pass bad pointers on purpose would be warned about.
const QUIET = ['stringop-overflow', 'stringop-overread', 'array-bounds', 'nonnull', 'unused-result'].map(
  (name) => `-Wno-${name}`,
);
const COMMON = [
  '-std=gnu17',
  '-O2',
  '-Wall',
  '-Wextra',
  '-fno-strict-aliasing',
  '-ffile-prefix-map=./=',
  '-pthread',
  ...QUIET,
];
const LIBRARY = readdirSync('guest-programs/lib').map((file) => `guest-programs/lib/${file}`);

export function binaryOf(name: string, target: Target): string {
  return join('build/guests', target, name);
}

/** The compiler's own version line, or undefined when it is not installed. */
export async function compilerRelease(target: Target): Promise<string | undefined> {
  if (target === 'native' && process.platform !== 'linux') return undefined;
  const outcome = await run(COMPILER[target], ['--version']);
  return outcome.status === 0 ? outcome.stdout.split('\n')[0] : undefined;
}

export async function compileAll(programs: readonly GuestProgram[], target: Target): Promise<string[]> {
  const problems = await inParallel(programs, 2, async (program) => {
    const output = binaryOf(program.name, target);
    if (isFresh(output, [program.source, ...headersBeside(program.source), ...LIBRARY])) return '';
    mkdirSync(dirname(output), { recursive: true });
    const outcome = await run(COMPILER[target], compilerArguments(program, target, output));
    if (outcome.stderr && outcome.status === 0)
      console.log(`${program.source}: compiles with warnings (${target})`);
    return outcome.status === 0 ? '' : `${program.source} (${target}):\n${outcome.stderr}`;
  });
  return problems.filter(Boolean);
}

export function compilerArguments(program: GuestProgram, target: Target, output: string): string[] {
  if (target === 'riscv64' && program.isPrebuilt) {
    const small =
      `-std=gnu17 -Os -static -nostdlib -nostartfiles -ffreestanding -fno-builtin -fno-stack-protector
      -fno-pic -no-pie -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -march=rv64gc -mabi=lp64d
      -Wall -Wextra -Wl,--gc-sections -Wl,--build-id=none -Wl,-s`.split(/\s+/);
    return [...small, '-o', output, program.source, 'guest-programs/lib/mini-libc.c', '-lgcc'];
  }
  const linkage = target === 'riscv64' ? ['-static'] : [];
  return [...COMMON, ...linkage, ...program.flags, '-o', output, program.source, '-lm'];
}

/** The headers that the programs of an area share. */
function headersBeside(source: string): string[] {
  const directory = dirname(source);
  const files = readdirSync(directory).filter((file) => file.endsWith('.h'));
  return files.map((file) => join(directory, file));
}

function isFresh(output: string, inputs: readonly string[]): boolean {
  if (!existsSync(output)) return false;
  const built = statSync(output).mtimeMs;
  return inputs.every((input) => !existsSync(input) || statSync(input).mtimeMs <= built);
}
