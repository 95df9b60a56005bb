/** What every route does around its use case: who asks, whence, how often; refusals and defects as responses. */
import 'server-only';
import { getEnv } from './env.ts';
import { cookieOf, LEARNER_COOKIE, learnerCookie, newLearnerId, readLearner } from './identity.ts';
import { getLog } from './log.ts';
import { Problem } from './problem.ts';
import { countSubmission } from './rate-limit.ts';
import { readJson } from './read-body.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** The learner that a request's cookie names, or null. */
export const learnerOf = (request: Request): string | null =>
  readLearner(cookieOf(request.headers.get('cookie'), LEARNER_COOKIE));

/** The address that asks: as the server's socket, or a trusted proxy, says it. */
const addressOf = (request: Request): string =>
  request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';

export const isSecure = (request: Request): boolean =>
  getEnv().FLATNET_TRUST_PROXY && request.headers.get('x-forwarded-proto') === 'https';

/** Another site's page may not write in a learner's name. */
function refuseForeign(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none')
    throw new Problem('forbidden', 'requests of other sites are refused');
  const origin = request.headers.get('origin');
  const host = request.headers.get('host');
  if (origin !== null && host !== null && (!URL.canParse(origin) || new URL(origin).host !== host))
    throw new Problem('forbidden', 'requests of other sites are refused');
}

function toResponse(error: unknown): Response {
  if (error instanceof Problem) return error.toResponse();
  getLog().error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'a route failed');
  return Response.json(
    { error: { code: 'defect', message: 'this is a defect of Flatnet and has been logged' } },
    { status: 500, headers: NO_STORE },
  );
}

/** A route that reads what is the learner's own. */
export function readRoute<T>(
  read: (learner: string | null, request: Request) => Promise<T>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return Response.json(await read(learnerOf(request), request), { headers: NO_STORE });
    } catch (error) {
      return toResponse(error);
    }
  };
}

/** A route that keeps something for the learner; who has no valid cookie yet gets one. */
export function writeRoute<T>(
  limit: number,
  write: (learner: string, body: unknown) => Promise<T>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      refuseForeign(request);
      const known = learnerOf(request);
      const learner = known ?? newLearnerId();
      await countSubmission(learner, addressOf(request));
      const answer = await write(learner, await readJson(request, limit));
      const headers = new Headers(NO_STORE);
      if (!known) headers.set('Set-Cookie', learnerCookie(learner, isSecure(request)));
      return Response.json(answer, { headers });
    } catch (error) {
      return toResponse(error);
    }
  };
}
