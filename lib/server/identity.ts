/** Who asks: a learner's id in a signed, httpOnly cookie. Nobody signs up; the first page gives the cookie. */
import 'server-only';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { getSecret } from './secret.ts';

export const LEARNER_COOKIE = 'flatnet-learner';
/** Browsers keep a cookie for 400 days at most. */
export const LEARNER_COOKIE_AGE = 400 * 24 * 3600;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const sign = (id: string, secret: string): string =>
  createHmac('sha256', secret).update(`learner:${id}`).digest('base64url');

/** The cookie's value for a learner. */
export const sealLearner = (id: string, secret = getSecret()): string => `${id}.${sign(id, secret)}`;

/** The learner's id in a cookie's value, or null when it is missing, malformed or signed by somebody else. */
export function readLearner(value: string | undefined, secret = getSecret()): string | null {
  const [id = '', signature = '', ...rest] = value?.split('.') ?? [];
  if (rest.length > 0 || !UUID.test(id)) return null;
  const expected = Buffer.from(sign(id, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : null;
}

export const newLearnerId = (): string => randomUUID();

/** The value of one cookie in a Cookie header. */
export function cookieOf(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The Set-Cookie header for a learner. */
export const learnerCookie = (id: string, secure: boolean): string =>
  `${LEARNER_COOKIE}=${sealLearner(id)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${LEARNER_COOKIE_AGE}${secure ? '; Secure' : ''}`;
