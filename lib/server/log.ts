/** The server's log: one JSON object a line on standard output. No cookie, no transcript, no address in it. */
import 'server-only';
import { pino } from 'pino';
import { getEnv } from './env.ts';

let cached: pino.Logger | undefined;

export function getLog(): pino.Logger {
  cached ??= pino({ level: getEnv().FLATNET_LOG, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  return cached;
}
