/** A learner's row: made at the first thing that is kept, not at the first look. */
import 'server-only';
import type { PrismaClient } from './prisma/client.ts';

/** Makes the row when it is not there. */
export async function ensureLearner(prisma: PrismaClient, id: string): Promise<void> {
  await prisma.learner.createMany({ data: [{ id }], skipDuplicates: true });
}
