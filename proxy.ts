/** Every page passes here: it gets its language, its content security policy and, the first time, the learner's cookie. */
import { randomBytes } from 'node:crypto';
import { NextRequest } from 'next/server';
import createMiddleware from 'next-intl/middleware';
import { routing } from '#i18n/routing.ts';
import { LEARNER_COOKIE, learnerCookie, newLearnerId, readLearner } from '#server/identity.ts';
import { isSecure } from '#server/route.ts';

const localize = createMiddleware(routing);
const development = process.env.NODE_ENV === 'development';

/** Scripts run by nonce alone. Styles may be inline: the terminal and React's style attributes write them. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

export function proxy(request: NextRequest) {
  const nonce = randomBytes(16).toString('base64');
  const headers = new Headers(request.headers);
  headers.set('content-security-policy', policy(nonce));
  headers.set('x-flatnet-path', request.nextUrl.pathname);
  const response = localize(new NextRequest(request, { headers }));
  response.headers.set('content-security-policy', policy(nonce));
  if (!readLearner(request.cookies.get(LEARNER_COOKIE)?.value))
    response.headers.append('set-cookie', learnerCookie(newLearnerId(), isSecure(request)));
  return response;
}

export const config = { matcher: ['/((?!api|_next|.*\\.[a-z0-9]+$).*)'] };
