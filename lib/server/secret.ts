/** The key that signs cookies: from FLATNET_SECRET, or made once and kept in the data folder. */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getEnv } from './env.ts';

let cached: string | undefined;

export function getSecret(): string {
  cached ??= getEnv().FLATNET_SECRET ?? keptSecret(getEnv().dataFolder);
  return cached;
}

/** Reads the folder's secret, made when there is none. Two processes that make it at once get the same one. */
export function keptSecret(folder: string): string {
  const file = join(folder, 'secret');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
