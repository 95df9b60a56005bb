/** A server's inside for tests: its own data folder, or a database of its own on a PostgreSQL, and a course to submit to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { vi } from 'vitest';

export const POSTGRES = process.env.FLATNET_TEST_DATABASE_URL;

export interface ServerFixture {
  dataFolder: string;
  stop(): Promise<void>;
}

async function createDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `flatnet_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await admin(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Sets the surroundings and loads the server's modules anew; call it before importing them. */
export async function startServer(
  kind: 'pglite' | 'postgres',
  settings: Record<string, string> = {},
): Promise<ServerFixture> {
  vi.resetModules();
  const dataFolder = mkdtempSync(join(tmpdir(), 'flatnet-test-'));
  const database = kind === 'postgres' && POSTGRES ? await createDatabase(POSTGRES) : null;
  const variables: Record<string, string> = {
    FLATNET_DATA: dataFolder,
    FLATNET_LOG: 'silent',
    DATABASE_URL: database?.url ?? '',
    ...settings,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return {
    dataFolder,
    async stop() {
      const { closeDatabase } = await import('../db.ts');
      await closeDatabase().catch(() => undefined);
      await globalThis.flatnetGradePool?.close();
      globalThis.flatnetGradePool = undefined;
      await database?.drop();
      rmSync(dataFolder, { recursive: true, force: true });
      vi.unstubAllEnvs();
    },
  };
}
