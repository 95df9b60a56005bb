/** Whether the server can do its work. */
import 'server-only';
import { ENGINE_VERSION } from '#sim/index.ts';
import { openDatabase } from './db.ts';

export interface Health {
  status: 'ok' | 'degraded';
  database: 'ok' | 'away';
  engine: string;
}

export async function checkHealth(): Promise<Health> {
  try {
    const { prisma } = await openDatabase();
    await prisma.$queryRaw`SELECT 1`;
    return { status: 'ok', database: 'ok', engine: ENGINE_VERSION };
  } catch {
    return { status: 'degraded', database: 'away', engine: ENGINE_VERSION };
  }
}
