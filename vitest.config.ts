import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{emulator,kernel,machine,debugger,cli,scripts,system-tests}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['{emulator,kernel,machine,debugger,cli}/**/*.ts'],
      exclude: ['**/*.test.ts'],
    },
  },
});
