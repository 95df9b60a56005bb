/** What must stand before the first request: settings, key, database. */
import 'server-only';
import { getCatalog } from '#course/catalog.ts';
import { ContentError } from '#course/read.ts';
import { openDatabase } from './db.ts';
import { getEnv } from './env.ts';
import { getLog } from './log.ts';
import { getSecret } from './secret.ts';

function refuse(message: string): never {
  console.error(`\nFlatnet cannot start.\n${message}\n`);
  process.exit(1);
}

/** A PostgreSQL server that is away is waited for: pages work, what is sent is answered with 503 until it is back. */
export async function startUp(): Promise<void> {
  try {
    const env = getEnv();
    getSecret();
    getCatalog();
    const { kind } = await openDatabase().catch((error: unknown) => {
      if (!env.DATABASE_URL) throw error;
      getLog().warn(
        { error: error instanceof Error ? error.message : String(error) },
        'the database does not answer yet',
      );
      return { kind: 'postgres, away' };
    });
    getLog().info({ database: kind }, 'ready');
  } catch (error) {
    if (error instanceof ContentError) refuse(error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') refuse('The disk is full: no room for the database.');
    if (code === 'EACCES' || code === 'EROFS') refuse(`The data folder cannot be written: ${(error as Error).message}`);
    refuse(error instanceof Error ? error.message : String(error));
  }
}
