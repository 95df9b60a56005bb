import { getProgress } from '#server/get-progress.ts';
import { readRoute } from '#server/route.ts';

export const GET = readRoute(getProgress);
