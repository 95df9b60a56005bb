import { writeRoute } from '#server/route.ts';
import { savePracticeResult } from '#server/save-practice-result.ts';

export const POST = writeRoute(128 * 1024, savePracticeResult);
