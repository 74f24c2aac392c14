import { expect, test } from 'vitest';
import { problemsOf } from './purity.ts';

function problems(layer: string, text: string): string[] {
  return problemsOf({ path: `${layer}/x.ts`, layer, isTest: false, text });
}

test('the host’s clock, randomness and process are refused', () => {
  expect(problems('kernel', 'const a = Date.now();\nconst b = Math.random();\nprocess.exit(1);')).toEqual([
    'kernel/x.ts:1: Date: the host is reached through the Host interface only',
    'kernel/x.ts:2: Math.random: randomness comes from the Host',
    'kernel/x.ts:3: process: the host is reached through the Host interface only',
  ]);
});

test('members, parameters and imports of the same name are no host access', () => {
  const text = `import { process } from './task.ts';
    class Thread { process = 1; crypto() {} }
    function show(console: string) { return thread.process + console + process; }
    const object = { performance: 2 };`;
  expect(problems('kernel', text)).toEqual([]);
});

test('async is refused in the kernel and allowed in the machine', () => {
  const text = 'export async function f(): Promise<void> { await g(); }';
  expect(problems('kernel', text)).toHaveLength(3);
  expect(problems('machine', text)).toEqual([]);
});

test('comments and strings do not count', () => {
  expect(problems('emulator', '// async Date\nconst text = "process await Promise";')).toEqual([]);
});
