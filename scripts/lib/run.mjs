/** Runs other programs. */
import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/** Environment of every child: no telemetry, no look for newer versions. */
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', npm_config_update_notifier: 'false' };

/**
 * Runs a program in the project's folder. Answers its exit status and, unless `show`, what it wrote.
 * @param {string} command
 * @param {string[]} args
 * @param {{env?: Record<string, string>, show?: boolean}} options
 * @returns {Promise<{status: number, output: string}>}
 */
export function run(command, args, { env = {}, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...QUIET, ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('error', (error) => resolve({ status: 127, output: `${output}${error.message}\n` }));
    child.on('close', (status, signal) => resolve({ status: status ?? (signal ? 1 : 0), output }));
  });
}

/** Runs a script by the same Node. */
export const node = (args, options) => run(process.execPath, args, options);
