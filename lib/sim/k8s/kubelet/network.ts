/** The runtime's side of CNI: which configuration counts, and running its list. Source: containerd internal/cri, containernetworking/cni libcni. */

import { CniError, type CniResult } from '../../cni/contract.ts';
import { execPlugin, type PluginEnv } from '../../cni/exec.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';

const CONF_DIR = '/etc/cni/net.d';
const BIN_DIR = '/opt/cni/bin';

export interface NetworkList {
  name: string;
  cniVersion: string;
  plugins: (Record<string, unknown> & { type: string })[];
}

/** The first configuration list in alphabetical order, or why the network is not ready. */
export function loadNetwork(proc: Proc): NetworkList | { error: string } {
  const vfs = vfsOf(proc);
  const names = vfs.readdir(CONF_DIR);
  const file = names.ok ? names.value.find((n) => /\.(conf|conflist|json)$/.test(n)) : undefined;
  if (file === undefined) return { error: 'cni plugin not initialized' };
  const text = vfs.readFile(`${CONF_DIR}/${file}`);
  try {
    const conf = JSON.parse(text.ok ? text.value : '') as {
      name?: string;
      cniVersion?: string;
      plugins?: NetworkList['plugins'];
      type?: string;
    };
    const plugins = conf.plugins ?? (conf.type ? [conf as NetworkList['plugins'][number]] : []);
    if (plugins.length === 0 || !conf.name) return { error: 'cni plugin not initialized' };
    return { name: conf.name, cniVersion: conf.cniVersion ?? '0.1.0', plugins };
  } catch {
    return { error: 'cni plugin not initialized' };
  }
}

export interface Attachment {
  containerId: string;
  /** Path of the namespace as the node sees it. */
  netns: string;
  args: string;
  /** hostPorts, for plugins with the capability portMappings. */
  ports: readonly Record<string, unknown>[];
}

const envFor = (command: string, a: Attachment): PluginEnv => ({
  command,
  containerId: a.containerId,
  netns: a.netns,
  ifname: 'eth0',
  args: a.args,
  path: BIN_DIR,
});

/** What a plugin gets on its standard input: its part of the list, and what its capabilities ask for. */
const inputOf = (
  list: NetworkList,
  plugin: NetworkList['plugins'][number],
  a: Attachment,
  prevResult: CniResult | null,
): string => {
  const { capabilities, ...conf } = plugin;
  const wantsPorts = (capabilities as { portMappings?: boolean } | undefined)?.portMappings === true;
  return JSON.stringify({
    ...conf,
    name: list.name,
    cniVersion: list.cniVersion,
    ...(wantsPorts && a.ports.length > 0 ? { runtimeConfig: { portMappings: a.ports } } : {}),
    ...(prevResult ? { prevResult } : {}),
  });
};

const cacheFile = (list: NetworkList, a: Attachment): string =>
  `/var/lib/cni/results/${list.name}-${a.containerId}-eth0`;

/** Runs ADD through the list. Answers the last result, or the error as containerd words it. */
export function* addNetwork(proc: Proc, list: NetworkList, a: Attachment): Io<CniResult | { error: string }> {
  let prevResult: CniResult | null = null;
  for (const plugin of list.plugins) {
    const stdin: string = inputOf(list, plugin, a, prevResult);
    try {
      prevResult = yield* execPlugin(proc, plugin.type, envFor('ADD', a), stdin);
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      const where = error.msg.startsWith('failed to find plugin')
        ? ''
        : `plugin type="${plugin.type}" name="${list.name}" failed (add): `;
      return { error: `${where}${error.message}` };
    }
  }
  const vfs = vfsOf(proc);
  if (!vfs.exists('/var/lib/cni/results')) vfs.mkdir('/var/lib/cni/results');
  vfs.writeFile(
    cacheFile(list, a),
    JSON.stringify({
      kind: 'cniCacheV1',
      containerId: a.containerId,
      ifName: 'eth0',
      networkName: list.name,
      result: prevResult,
    }),
  );
  return prevResult ?? { cniVersion: list.cniVersion };
}

/** Runs DEL through the list, backwards. Answers the first error, or null. */
export function* deleteNetwork(proc: Proc, list: NetworkList, a: Attachment): Io<string | null> {
  for (const plugin of [...list.plugins].reverse()) {
    try {
      yield* execPlugin(proc, plugin.type, envFor('DEL', a), inputOf(list, plugin, a, null));
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      return `plugin type="${plugin.type}" name="${list.name}" failed (delete): ${error.message}`;
    }
  }
  vfsOf(proc).unlink(cacheFile(list, a));
  return null;
}
