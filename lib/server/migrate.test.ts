import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyMigrations, type SqlConnection } from './migrate.ts';

let folder: string;
let client: PGlite;
let db: SqlConnection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flatnet-migrate-'));
  client = await PGlite.create();
  db = {
    exec: (sql) => client.exec(sql),
    query: async (sql, parameters) => (await client.query(sql, parameters)).rows as never,
  };
}, 30_000);
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, sql: string): void => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
};
const tables = async (): Promise<string[]> =>
  (
    await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    )
  ).rows.map((row) => row.name);

it('applies in order, once, with the checksums that Prisma writes', async () => {
  write('2_more', 'ALTER TABLE a ADD COLUMN y INT;');
  write('1_init', 'CREATE TABLE a (x INT);\n');
  expect(await applyMigrations(db, folder)).toEqual(['1_init', '2_more']);
  expect(await applyMigrations(db, folder)).toEqual([]);
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
  const { rows } = await client.query<Record<string, unknown>>(
    'SELECT migration_name, checksum, applied_steps_count, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY 1',
  );
  expect(rows[0]).toEqual({
    migration_name: '1_init',
    checksum: '90093ea337ca0eebe2b7e725744fbbaecf528ebc3f6a8703e2b99e383b5a5160',
    applied_steps_count: 1,
    finished: true,
  });
});

it('leaves nothing of a migration that fails, and names it', async () => {
  write('3_broken', 'CREATE TABLE b (x INT); CREATE TABLE a (x INT);');
  await expect(applyMigrations(db, folder)).rejects.toThrow(
    'the migration 3_broken failed: relation "a" already exists',
  );
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
  rmSync(join(folder, '3_broken'), { recursive: true });
});

it('refuses a history that differs', async () => {
  write('1_init', 'CREATE TABLE a (x BIGINT);\n');
  await expect(applyMigrations(db, folder)).rejects.toThrow(
    'the migration 1_init was changed after it had been applied',
  );
});
