/** Running a plugin's binary: what runtimes and delegating plugins do. Source: containernetworking/cni pkg/invoke. */
import type { FileDesc, Io, Proc } from '../kernel/process.ts';
import { findProgram } from '../shell/program.ts';
import { vfsOf } from '../shell/vfs/vfs.ts';
import { CniError, type CniResult, internal } from './contract.ts';

export interface PluginEnv {
  command: string;
  containerId: string;
  netns: string;
  ifname: string;
  args: string;
  path: string;
}

/** The first folder of CNI_PATH that holds the plugin. */
function findPlugin(proc: Proc, type: string, path: string): string {
  const folders = path.split(':').filter(Boolean);
  for (const folder of folders) if (vfsOf(proc).exists(`${folder}/${type}`)) return `${folder}/${type}`;
  throw internal(`failed to find plugin "${type}" in path [${folders.join(' ')}]`);
}

/**
 * Runs a plugin with a configuration on its standard input and waits for it. Answers its result (null when it prints
 * none, as DEL does). Throws the plugin's own error, or why it could not be run.
 */
export function* execPlugin(proc: Proc, type: string, env: PluginEnv, stdin: string): Io<CniResult | null> {
  const file = findPlugin(proc, type, env.path);
  const found = findProgram(proc, [file]);
  if (!found.ok)
    throw internal(`fork/exec ${file}: ${found.errno === 'EACCES' ? 'permission denied' : 'exec format error'}`);
  const out: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const err: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const variables = new Map(proc.env);
  for (const [name, value] of [
    ['CNI_COMMAND', env.command],
    ['CNI_CONTAINERID', env.containerId],
    ['CNI_NETNS', env.netns],
    ['CNI_IFNAME', env.ifname],
    ['CNI_ARGS', env.args],
    ['CNI_PATH', env.path],
  ] as const)
    variables.set(name, value);
  const child = proc.machine.spawn({
    parent: proc,
    argv: found.argv,
    main: found.main,
    env: variables,
    fds: new Map<number, FileDesc>([
      [0, { kind: 'source', text: stdin }],
      [1, out],
      [2, err],
    ]),
  });
  if (!child) throw internal(`fork/exec ${file}: resource temporarily unavailable`);
  const status = (yield { op: 'waitpid', pid: child.info.pid }) as number;
  const text = out.chunks.join('');
  if (status !== 0) throw pluginError(text, err.chunks.join(''), status);
  return text.trim() === '' ? null : parseResult(text);
}

function parseResult(text: string): CniResult {
  try {
    return JSON.parse(text) as CniResult;
  } catch {
    throw new CniError(6, 'error unmarshall result');
  }
}

function pluginError(stdout: string, stderr: string, status: number): CniError {
  if (stdout.trim() === '')
    return internal(
      stderr.trim() === ''
        ? `netplugin failed with no error message: exit status ${status}`
        : `netplugin failed: "${stderr.trim()}"`,
    );
  try {
    const { code, msg, details } = JSON.parse(stdout) as { code?: number; msg?: string; details?: string };
    return new CniError(code ?? 999, msg ?? '', details ?? '');
  } catch {
    return internal(`netplugin failed but error parsing its diagnostic message "${stdout.slice(0, 200)}"`);
  }
}
