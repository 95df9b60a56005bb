/** A learner's row: made at the first thing that is kept, not at the first look. */
import 'server-only';
import type { PrismaClient } from './prisma/client.ts';

/** Learners whose row this process has made or met; bounded, and only a saving: a missing row is made again. */
const met = new Set<string>();
const MAX_MET = 10_000;

/** Makes the row when it is not there. */
export async function ensureLearner(prisma: PrismaClient, id: string): Promise<void> {
  await prisma.learner.createMany({ data: [{ id }], skipDuplicates: true });
  if (met.size >= MAX_MET) met.clear();
  met.add(id);
}

const lacksLearner = (error: unknown): boolean => (error as { code?: unknown })?.code === 'P2003';

/** Writes something that belongs to a learner, whose row is made when it is not there. */
export async function writeFor<T>(prisma: PrismaClient, learnerId: string, write: () => Promise<T>): Promise<T> {
  if (!met.has(learnerId)) await ensureLearner(prisma, learnerId);
  try {
    return await write();
  } catch (error) {
    if (!lacksLearner(error)) throw error;
    await ensureLearner(prisma, learnerId);
    return write();
  }
}
