import { defineConfig } from 'vitest/config';
import { HANG_MS } from './scripts/setup/command.ts';

export default defineConfig({
  test: {
    include: ['{emulator,kernel,machine,debugger,cli,scripts,system-tests}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: HANG_MS + 60_000,
    hookTimeout: HANG_MS + 60_000,
    coverage: {
      provider: 'v8',
      include: ['{emulator,kernel,machine,debugger,cli}/**/*.ts'],
      exclude: ['**/*.test.ts'],
    },
  },
});
