/**
 * Applies prisma/migrations in order, as `prisma migrate deploy` does: the same table, the same checksums, so that
 * either may follow the other. Each migration and its record are one transaction.
 */
import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One connection to a PostgreSQL. */
export interface SqlConnection {
  /** Runs statements without parameters. */
  exec(sql: string): Promise<unknown>;
  query<Row>(sql: string, parameters: unknown[]): Promise<Row[]>;
}

interface Applied {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** Any number will do, if every Flatnet uses the same: Prisma's own lock for migrations. */
const LOCK = 72707369;

const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

const migrationsIn = (folder: string): { name: string; sql: string }[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')))
    .map((entry) => ({ name: entry.name, sql: readFileSync(join(folder, entry.name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Applies what is not applied yet; answers the names. Throws when the database has a history that differs. */
export async function applyMigrations(db: SqlConnection, folder: string): Promise<string[]> {
  await db.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await db.exec(TABLE);
    const rows = await db.query<Applied>(
      'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
      [],
    );
    const known = new Map(rows.map((row) => [row.migration_name, row]));
    const done: string[] = [];
    for (const { name, sql } of migrationsIn(folder)) {
      const checksum = createHash('sha256').update(sql).digest('hex');
      const before = known.get(name);
      if (before && before.finished_at === null)
        throw new Error(
          `the migration ${name} was begun and not finished: mend it by hand, then mark it with \`prisma migrate resolve\``,
        );
      if (before && before.checksum !== checksum)
        throw new Error(`the migration ${name} was changed after it had been applied`);
      if (before) continue;
      await apply(db, name, sql, checksum);
      done.push(name);
    }
    return done;
  } finally {
    await db.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
}

async function apply(db: SqlConnection, name: string, sql: string, checksum: string): Promise<void> {
  await db.exec('BEGIN');
  try {
    await db.exec(sql);
    await db.query(
      'INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
      [randomUUID(), checksum, name],
    );
    await db.exec('COMMIT');
  } catch (error) {
    await db.exec('ROLLBACK');
    throw new Error(`the migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
