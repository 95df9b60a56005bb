/** What `npm start` says when it cannot, and that a stopped server gives its folder back. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { freePort, startServer } from './server.ts';

const start = (env: Record<string, string>) =>
  spawnSync(process.execPath, ['scripts/start.mjs', '--built'], {
    env: { ...process.env, DATABASE_URL: '', NO_COLOR: '1', ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });

test('a port that is taken is named, with the way out', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { status, stderr } = start({ PORT: String(port) });
  other.close();
  expect([status, stderr.trim()]).toEqual([
    1,
    `✗ Port ${port} is taken by another program.\n  Stop that one, or choose another port: PORT=${port + 1} npm start`,
  ]);
});

test('a data folder in use is named, with who has it; a stopped server gives it back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flatnet-locked-'));
  const first = await startServer(await freePort(), { FLATNET_DATA: folder });
  const { status, stderr } = start({ PORT: String(await freePort()), FLATNET_DATA: folder });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /Flatnet cannot start\.\nThe data folder .*flatnet-locked-\S+ is in use by another Flatnet \(process \d+\)\. Stop that one, or set FLATNET_DATA to another folder\./,
  );
  await first.stop();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});

test('settings that are wrong are named', async () => {
  const { status, stderr } = start({
    PORT: String(await freePort()),
    FLATNET_SECRET: 'short',
    FLATNET_GRADERS: 'many',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/Wrong settings:\n {2}FLATNET_SECRET: .*\n {2}FLATNET_GRADERS: /);
  expect(start({ PORT: 'x' }).stderr).toContain('PORT is x; it must be a number from 1 to 65535.');
});

test('a data folder that cannot be a folder is named', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'flatnet-file-')), 'data');
  writeFileSync(file, '');
  const { status, stderr } = start({ PORT: String(await freePort()), FLATNET_DATA: file });
  expect(status).toBe(1);
  expect(stderr).toContain(file);
});
