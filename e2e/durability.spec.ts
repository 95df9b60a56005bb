/** SIGKILL during 200 submissions: what was acknowledged is there afterwards, and nothing is there twice. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from './fixtures.ts';
import { freePort, startServer } from './server.ts';

const SUBMISSIONS = 200;
const AT_ONCE = 8;
const KILL_AFTER = 70;
const POSTGRES = process.env.FLATNET_TEST_DATABASE_URL;

const submission = (clientId: string) => ({
  clientId,
  exercise: 'missing-route',
  seed: 1,
  transcript: {
    v: 1,
    steps: [
      { at: 0, steps: 0, term: 1, open: 'node1', cols: 80, rows: 24 },
      { at: 0, steps: 0, term: 1, line: 'ip route show' },
    ],
  },
});

async function emptyDatabase(): Promise<string> {
  const name = `flatnet_durability_${process.pid}`;
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(POSTGRES as string), { pathname: `/${name}` }).href;
}

for (const kind of ['PGlite', 'PostgreSQL'] as const) {
  test(`every acknowledged attempt outlives a SIGKILL, once, on ${kind}`, async () => {
    test.skip(kind === 'PostgreSQL' && !POSTGRES, 'FLATNET_TEST_DATABASE_URL is not set');
    test.setTimeout(180_000);
    const folder = mkdtempSync(join(tmpdir(), 'flatnet-durability-'));
    const env = {
      FLATNET_DATA: folder,
      DATABASE_URL: kind === 'PostgreSQL' ? await emptyDatabase() : '',
      FLATNET_RATE_LEARNER: '10000',
      FLATNET_RATE_ADDRESS: '10000',
    };
    const port = await freePort();
    let server = await startServer(port, env);
    const cookie = (
      (await fetch(`${server.url}/en`)).headers.getSetCookie().find((c) => c.startsWith('flatnet-learner=')) ?? ''
    ).split(';')[0] as string;
    const ids = Array.from({ length: SUBMISSIONS }, () => randomUUID());
    const acknowledged = new Set<string>();
    const send = async (id: string): Promise<void> => {
      const response = await fetch(`${server.url}/api/attempts`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify(submission(id)),
      }).catch(() => null);
      if (response?.status === 200 && (await response.json().catch(() => null))) acknowledged.add(id);
    };
    const sendAll = async (list: readonly string[]): Promise<void> => {
      const queue = [...list];
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
            await send(id);
            if (acknowledged.size === KILL_AFTER && !killed) killed = server.kill();
          }
        }),
      );
    };
    const stored = async (): Promise<string[]> => {
      const response = await fetch(`${server.url}/api/attempts`, { headers: { cookie } });
      return ((await response.json()) as { attempts: { clientId: string }[] }).attempts.map((a) => a.clientId);
    };
    let killed: Promise<void> | null = null;
    await sendAll(ids);
    await killed;
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILL_AFTER);
    expect(acknowledged.size).toBeLessThan(SUBMISSIONS);

    server = await startServer(port, env);
    const survived = await stored();
    expect([...acknowledged].filter((id) => !survived.includes(id))).toEqual([]);
    expect(new Set(survived).size).toBe(survived.length);
    // The browser sends what was not acknowledged again: some of it had been stored.
    await sendAll(ids.filter((id) => !acknowledged.has(id)));
    expect((await stored()).sort()).toEqual([...ids].sort());
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}
