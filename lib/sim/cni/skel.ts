/** What every plugin's main() does: reads CNI_*, checks, dispatches, prints. Source: containernetworking/cni pkg/skel. */
import { print, printErr, readAll } from '../commands/io.ts';
import type { Io, Proc, Program } from '../kernel/process.ts';
import { type CniCall, type CniConfig, CniError, type CniPlugin, SUPPORTED_VERSIONS } from './contract.ts';
import { decodeObject, encode } from './json.ts';

const COMMANDS = ['ADD', 'CHECK', 'DEL', 'VERSION'];

/** The verbs for which each variable has to be set, in the order in which they are missed. */
const NEEDED: [string, string[]][] = [
  ['CNI_COMMAND', ['ADD', 'CHECK', 'DEL']],
  ['CNI_CONTAINERID', ['ADD', 'CHECK', 'DEL']],
  ['CNI_NETNS', ['ADD', 'CHECK']],
  ['CNI_IFNAME', ['ADD', 'CHECK', 'DEL']],
  ['CNI_PATH', ['ADD', 'CHECK', 'DEL']],
];

/** A plugin as a program. */
export function* runPlugin(proc: Proc, plugin: CniPlugin): Program {
  const command = proc.env.get('CNI_COMMAND') ?? '';
  if (command === '') {
    yield* printErr(`${plugin.about}\nCNI protocol versions supported: ${SUPPORTED_VERSIONS.join(', ')}\n`);
    return 0;
  }
  try {
    yield* dispatch(proc, plugin, command);
    return 0;
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    const { code, msg, details } = error;
    yield* print(encode(details ? { code, msg, details } : { code, msg }));
    return 1;
  }
}

function* dispatch(proc: Proc, plugin: CniPlugin, command: string): Io<void> {
  const env = (name: string) => proc.env.get(name) ?? '';
  if (!COMMANDS.includes(command)) throw new CniError(4, `unknown CNI_COMMAND: ${command}`);
  if (command === 'VERSION') {
    yield* print(`${JSON.stringify({ cniVersion: '1.0.0', supportedVersions: SUPPORTED_VERSIONS })}\n`);
    return;
  }
  const missing = NEEDED.filter(([name, verbs]) => verbs.includes(command) && env(name) === '').map(([name]) => name);
  if (missing.length > 0) throw new CniError(4, `required env variables [${missing.join(',')}] missing`);
  const stdin = yield* readAll();
  const call: CniCall = {
    proc,
    containerId: env('CNI_CONTAINERID'),
    netns: env('CNI_NETNS'),
    ifname: env('CNI_IFNAME'),
    args: env('CNI_ARGS'),
    path: env('CNI_PATH'),
    stdin,
    config: {},
  };
  checkNames(call);
  call.config = decodeObject(stdin, 'error unmarshall network config') as CniConfig;
  if (!call.config.name) throw new CniError(7, 'missing network name');
  checkVersion(call.config.cniVersion ?? '0.1.0');
  if (command === 'ADD') yield* print(encode(yield* plugin.add(call)));
  else if (command === 'CHECK') yield* plugin.check(call);
  else yield* plugin.del(call);
}

function checkNames({ containerId, ifname }: CniCall): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(containerId))
    throw new CniError(4, 'invalid characters in containerID', containerId);
  if (ifname.length >= 16)
    throw new CniError(4, 'interface name is too long', 'interface name should be less than 16 characters');
  if (ifname === '.' || ifname === '..') throw new CniError(4, 'interface name is . or ..');
  if (/[/:\s]/.test(ifname)) throw new CniError(4, 'interface name contains / or : or whitespace characters');
}

function checkVersion(version: string): void {
  if (SUPPORTED_VERSIONS.includes(version)) return;
  throw new CniError(
    1,
    'incompatible CNI versions',
    `config is "${version}", plugin supports [${SUPPORTED_VERSIONS.map((v) => `"${v}"`).join(' ')}]`,
  );
}
