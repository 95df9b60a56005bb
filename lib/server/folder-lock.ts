/**
 * One process at a time may open the embedded database. The lock file holds the process that has it; a lock whose
 * process is gone, or whose number another program has since got, is taken over.
 */
import 'server-only';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

interface Holder {
  pid: number;
  host: string;
  /** Start of the process in the kernel's ticks, where /proc tells it: a number used again is told apart by it. */
  born: string | null;
}

/** A lock of another machine (a shared volume) is stale when nobody has touched it for this long. */
const STALE_MS = 30_000;
const TOUCH_MS = 5_000;

export class FolderLockedError extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `The data folder ${folder} is in use by another Flatnet (process ${pid}). Stop that one, or set FLATNET_DATA to another folder.`,
    );
    this.name = 'FolderLockedError';
  }
}

function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function holds(file: string, holder: Holder): boolean {
  if (holder.host !== hostname()) return Date.now() - statSync(file).mtimeMs < STALE_MS;
  if (holder.pid === process.pid || !isAlive(holder.pid)) return false;
  return holder.born === null || holder.born === bornAt(holder.pid);
}

function readHolder(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string'
      ? { pid: holder.pid, host: holder.host, born: holder.born ?? null }
      : null;
  } catch {
    return null;
  }
}

/** Takes the lock of a folder; answers how to give it back. Throws {@link FolderLockedError}. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  const mine: Holder = { pid: process.pid, host: hostname(), born: bornAt(process.pid) };
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, `${JSON.stringify(mine)}\n`, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(file);
      if (attempt > 2 || (holder && holds(file, holder))) throw new FolderLockedError(folder, holder?.pid ?? 0);
      rmSync(file, { force: true });
    }
  }
  const touch = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // Gone with its folder: nothing is left to lock.
    }
  }, TOUCH_MS);
  touch.unref();
  return () => {
    clearInterval(touch);
    if (readHolder(file)?.pid === mine.pid) rmSync(file, { force: true });
  };
}
