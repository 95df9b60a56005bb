import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The marker of server modules refuses to load anywhere but in Next: in tests it is an empty module.
  resolve: { alias: { 'server-only': fileURLToPath(new URL('node_modules/server-only/empty.js', import.meta.url)) } },
  test: {
    include: ['lib/**/*.test.ts', 'components/**/*.test.ts', 'content/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
  },
});
