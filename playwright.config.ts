import { existsSync } from 'node:fs';
import { chromium, defineConfig } from '@playwright/test';

/** Playwright's own browser where it is; else the one that CHROMIUM_PATH names; else the system's. */
const browser = [
  chromium.executablePath(),
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path));
const port = Number(process.env.FLATNET_E2E_PORT ?? 3210);

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    locale: 'en-US',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: browser,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    },
  },
  webServer: {
    command: 'node scripts/start.mjs --built',
    url: `http://127.0.0.1:${port}/api/health`,
    env: {
      PORT: String(port),
      FLATNET_DATA: process.env.FLATNET_E2E_DATA ?? 'test-results/e2e-data',
      FLATNET_LOG: 'warn',
      DATABASE_URL: '',
    },
    timeout: 60_000,
    stdout: 'ignore',
    stderr: 'pipe',
  },
});
