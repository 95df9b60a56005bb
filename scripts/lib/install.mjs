/** Packages: installed when the lock file asks for others than are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDisk } from './check.mjs';
import { root } from './root.mjs';
import { run } from './run.mjs';
import { done, refuse, say } from './say.mjs';

const readLock = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {});

/** Whether node_modules holds what package-lock.json names. npm writes the second file when it has finished. */
function isInstalled() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const there = readLock(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || (there[path] ? there[path].version === entry.version : entry.optional === true),
  );
}

export async function install() {
  if (isInstalled()) return;
  checkDisk(1500, 'installing the packages');
  say('Installing packages (a minute or two, only when they change) …');
  const { status, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    console.error(output);
    refuse(
      output.includes('ENOSPC') ? 'The disk is full: the packages do not fit.' : 'The packages could not be installed.',
      'npm said why above.',
    );
  }
  done('Packages installed');
}
