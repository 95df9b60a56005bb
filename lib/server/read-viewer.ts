/** For pages: who looks, and how far they are. A page is shown even when the database is away. */
import 'server-only';
import { cookies } from 'next/headers';
import { emptyProgress, getProgress, type Progress } from './get-progress.ts';
import { LEARNER_COOKIE, readLearner } from './identity.ts';
import { Problem } from './problem.ts';

export interface Viewer {
  learner: string | null;
  progress: Progress;
  /** The database did not answer: `progress` is empty and says nothing. */
  away: boolean;
}

export async function readViewer(): Promise<Viewer> {
  const learner = readLearner((await cookies()).get(LEARNER_COOKIE)?.value);
  try {
    return { learner, progress: await getProgress(learner), away: false };
  } catch (error) {
    if (error instanceof Problem && error.code === 'database-away')
      return { learner, progress: emptyProgress(), away: true };
    throw error;
  }
}
