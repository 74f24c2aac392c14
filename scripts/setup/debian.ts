// Debian packages that the tests want: installed when we may, named in one line when we may not.
// Called by `npm test` before anything is compiled.
import { existsSync } from 'node:fs';
import { run } from './command.ts';

/** Each package with a file that shows it is here. */
const WANTED: readonly [name: string, proof: string][] = [
  ['gcc', '/usr/bin/gcc'],
  ['libc6-dev', '/usr/include/stdio.h'],
  ['gcc-riscv64-linux-gnu', '/usr/bin/riscv64-linux-gnu-gcc'],
  ['g++-riscv64-linux-gnu', '/usr/bin/riscv64-linux-gnu-g++'],
  ['libc6-dev-riscv64-cross', '/usr/riscv64-linux-gnu/include/stdio.h'],
  ['qemu-user', '/usr/bin/qemu-riscv64'],
  ['gdb-multiarch', '/usr/bin/gdb-multiarch'],
  ['dwz', '/usr/bin/dwz'],
  ['tmux', '/usr/bin/tmux'],
];

/** Returns the packages that are still missing afterwards. */
export async function installDebianPackages(): Promise<string[]> {
  const missing = () => WANTED.filter(([, proof]) => !existsSync(proof)).map(([name]) => name);
  const wanted = missing();
  if (wanted.length === 0) return [];
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`setting up: apt-get install ${wanted.join(' ')}`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const install = () =>
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], { env });
    if ((await install()).status !== 0) {
      await run('apt-get', ['update', '-qq'], { env });
      await install();
    }
  }
  const still = missing();
  if (still.length > 0) {
    console.log(`not installed, so tests that need them are skipped: ${still.join(' ')}`);
  }
  return still;
}
