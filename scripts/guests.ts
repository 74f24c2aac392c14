// `npm run guests -- build|check|prebuilt [--qemu] [NAME…]`: compiles the guest programs; `check` runs each natively
// (with --qemu also under qemu-riscv64) several times and says where the output differs from its golden or from
// itself; `prebuilt` copies the demo programs to guest-programs/prebuilt/.
import { existsSync } from 'node:fs';
import { listGuestPrograms } from './guests/catalogue.ts';
import { compileAll, compilerRelease, type Target } from './guests/compile.ts';
import { runNative, whyNotNative } from './guests/native.ts';
import { describeObservation, goldenPath, readGolden } from './guests/observation.ts';
import { updatePrebuilt } from './guests/prebuilt.ts';
import { inParallel } from './setup/command.ts';

const [verb = 'build', ...rest] = process.argv.slice(2);
const words = rest.filter((word) => !word.startsWith('--'));
const isWanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
const programs = listGuestPrograms().filter((program) => program.isPart || isWanted(program.name));

for (const target of ['native', 'riscv64'] satisfies Target[]) {
  if (!(await compilerRelease(target))) {
    console.log(`no ${target} compiler`);
    continue;
  }
  const problems = await compileAll(programs, target);
  if (problems.length > 0) {
    console.log(problems.join('\n'));
    process.exitCode = 1;
  }
}

if (verb === 'prebuilt') await updatePrebuilt(listGuestPrograms());

if (verb === 'check') {
  let differing = 0;
  const runs = Number(/--runs=(\d+)/.exec(rest.join(' '))?.[1] ?? 2);
  const main = programs.filter((program) => !program.isPart && !whyNotNative(program));
  await inParallel(main, 2, async (program) => {
    const seen: [string, string][] = [];
    if (existsSync(goldenPath(program.name))) {
      seen.push(['golden', readGolden(program.name).text]);
    }
    for (let i = 0; i < runs; i++) seen.push(['native', describeObservation(await runNative(program))]);
    if (rest.includes('--qemu')) {
      const launcher = ['qemu-riscv64'];
      seen.push(['qemu', describeObservation(await runNative(program, { target: 'riscv64', launcher }))]);
    }
    const [, first] = seen[0] as [string, string];
    const status = Number(/^exit (\d+)/.exec(seen[0]?.[1] ?? '')?.[1]);
    const other = seen.find(([, text]) => text !== first);
    if (other)
      console.log(
        `DIFFERS ${program.name} (${seen[0]?.[0]} and ${other[0]})\n${difference(first, other[1])}`,
      );
    else if (status !== program.exit) console.log(`STATUS ${program.name}: ${status}\n${first}`);
    else {
      if (rest.includes('--verbose')) console.log(`ok ${program.name}\n${first}`);
      return;
    }
    differing++;
  });
  console.log(`${main.length - differing} agree, ${differing} differ`);
  if (differing > 0) process.exitCode = 1;
}

function difference(a: string, b: string): string {
  const left = a.split('\n');
  const right = b.split('\n');
  const lines: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i] !== right[i])
      lines.push(`  ${i}: ${left[i] ?? '(end)'}\n  ${' '.repeat(String(i).length)}  ${right[i] ?? '(end)'}`);
  }
  return lines.slice(0, 12).join('\n');
}
