import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLockedError, lockFolder } from './folder-lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flatnet-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const held = (holder: unknown): void => writeFileSync(file, JSON.stringify(holder));

it('holds the process that has the folder, and lets go', () => {
  const unlock = lockFolder(folder);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  unlock();
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

it('says who has it', () => {
  held({ pid: process.ppid, host: hostname(), born: null });
  expect(() => lockFolder(folder)).toThrow(FolderLockedError);
  expect(() => lockFolder(folder)).toThrow(
    `The data folder ${folder} is in use by another Flatnet (process ${process.ppid}).`,
  );
});

it.each([
  ['of a process that is gone', { pid: 2 ** 22 + 1, host: hostname(), born: null }],
  ['of a number that another process has got since', { pid: process.ppid, host: hostname(), born: '1' }],
  ['of this very number, left by an earlier container', { pid: process.pid, host: hostname(), born: '1' }],
  ['that is damaged', 'x'],
])('takes over a lock %s', (_, holder) => {
  held(holder);
  lockFolder(folder)();
});

it('believes another machine while it keeps touching the lock', () => {
  held({ pid: 1, host: 'elsewhere', born: null });
  expect(() => lockFolder(folder)).toThrow(FolderLockedError);
  utimesSync(file, new Date(0), new Date(0));
  lockFolder(folder)();
});
