/**
 * The database: PGlite in the data folder, or the PostgreSQL of DATABASE_URL. Opened and migrated once a process, at the
 * first use or at start. What is acknowledged is durable: PGlite flushes each statement before it answers.
 */
import 'server-only';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { type Env, getEnv } from './env.ts';
import { lockFolder } from './folder-lock.ts';
import { getLog } from './log.ts';
import { applyMigrations, type SqlConnection } from './migrate.ts';
import { PrismaClient } from './prisma/client.ts';
import { Problem } from './problem.ts';

export interface Database {
  prisma: PrismaClient;
  kind: 'pglite' | 'postgres';
  close(): Promise<void>;
}

declare global {
  /** Kept on the process: Next loads a module once for each kind of bundle, and the folder opens only once. */
  var flatnetDatabase: Promise<Database> | undefined;
}

/** The opened, migrated database. A failure is not kept: the next call tries again. */
export function openDatabase(): Promise<Database> {
  globalThis.flatnetDatabase ??= connect(getEnv()).catch((error: unknown) => {
    globalThis.flatnetDatabase = undefined;
    throw error;
  });
  return globalThis.flatnetDatabase;
}

/** Closes it, and gives the folder back. */
export async function closeDatabase(): Promise<void> {
  const open = globalThis.flatnetDatabase;
  globalThis.flatnetDatabase = undefined;
  if (open) await (await open).close();
}

/** Opens a database by the settings given; tests open their own. */
export const connect = (env: Env): Promise<Database> =>
  env.DATABASE_URL ? connectPostgres(env, env.DATABASE_URL) : connectPglite(env);

const migrationsOf = (env: Env): string => join(env.root, 'prisma', 'migrations');

async function connectPglite(env: Env): Promise<Database> {
  mkdirSync(env.dataFolder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(env.dataFolder);
  try {
    const dataDir = join(env.dataFolder, 'pg');
    // An initialised folder, made when the app was built, saves the first start several seconds.
    const template = join(env.root, 'dist', 'pglite-template.tar.gz');
    const fresh = !existsSync(dataDir) && existsSync(template);
    const client = await PGlite.create({
      dataDir,
      relaxedDurability: false,
      ...(fresh ? { loadDataDir: new Blob([readFileSync(template)]) } : {}),
    });
    const applied = await applyMigrations(
      {
        exec: (sql) => client.exec(sql),
        query: async (sql, parameters) => (await client.query(sql, parameters)).rows as never,
      },
      migrationsOf(env),
    );
    if (applied.length > 0) getLog().info({ applied }, 'migrations applied');
    const prisma = new PrismaClient({ adapter: new PrismaPGlite(client) });
    const close = async (): Promise<void> => {
      await prisma.$disconnect();
      await client.close();
      unlock();
    };
    return { prisma, kind: 'pglite', close };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function connectPostgres(env: Env, connectionString: string): Promise<Database> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const connection: SqlConnection = {
      exec: (sql) => client.query(sql),
      query: async (sql, parameters) => (await client.query(sql, parameters)).rows,
    };
    const applied = await applyMigrations(connection, migrationsOf(env));
    if (applied.length > 0) getLog().info({ applied }, 'migrations applied');
  } finally {
    await client.end();
  }
  const adapter = new PrismaPg(
    { connectionString, connectionTimeoutMillis: 5_000, max: 10 },
    { onPoolError: (error) => getLog().warn({ error: error.message }, 'a database connection broke') },
  );
  const prisma = new PrismaClient({ adapter });
  return { prisma, kind: 'postgres', close: () => prisma.$disconnect() };
}

/** Codes of Prisma that say the database answered: everything else means that it is away. */
const answered = (error: unknown): boolean => {
  const code = (error as { code?: unknown })?.code;
  return typeof code === 'string' && /^P2\d{3}$/.test(code) && code !== 'P2024';
};

export const isUniqueViolation = (error: unknown): boolean => (error as { code?: unknown })?.code === 'P2002';

/** Does something with the database. Throws a `database-away` {@link Problem} when it cannot be reached. */
export async function withDatabase<T>(use: (prisma: PrismaClient) => Promise<T>): Promise<T> {
  try {
    const { prisma } = await openDatabase();
    return await use(prisma);
  } catch (error) {
    if (error instanceof Problem || answered(error)) throw error;
    getLog().error({ error: error instanceof Error ? error.message : String(error) }, 'the database is away');
    throw new Problem('database-away', 'the database cannot be reached; nothing was stored', { retryAfter: 5 });
  }
}
