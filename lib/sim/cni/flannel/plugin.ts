/**
 * flannel: reads what flanneld wrote about this node and delegates to another plugin (bridge). Source:
 * flannel-io/cni-plugin flannel.go, flannel_linux.go.
 */
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { type CniCall, type CniConfig, type CniPlugin, internal } from '../contract.ts';
import { execPlugin } from '../exec.ts';

export interface SubnetEnv {
  network: string;
  subnet: string;
  mtu: number;
  ipmasq: boolean;
}

/** Parses subnet.env. Throws with the name of the first missing variable. */
export function parseSubnetEnv(text: string, file: string): SubnetEnv {
  const values = new Map(
    text
      .split('\n')
      .flatMap((line) =>
        line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const] : [],
      ),
  );
  const missing = ['FLANNEL_NETWORK', 'FLANNEL_SUBNET', 'FLANNEL_MTU', 'FLANNEL_IPMASQ'].filter(
    (name) => !values.has(name),
  );
  if (missing.length > 0)
    throw internal(
      `failed to load flannel 'subnet.env' file: ${file} is missing ${missing.join(', ')}. Check the flannel pod log for this node.`,
    );
  return {
    network: values.get('FLANNEL_NETWORK') ?? '',
    subnet: values.get('FLANNEL_SUBNET') ?? '',
    mtu: Number(values.get('FLANNEL_MTU')),
    ipmasq: values.get('FLANNEL_IPMASQ') === 'true',
  };
}

/** The configuration for the plugin that does the wiring. Keys of `delegate` win, but for those that flannel owns. */
export function delegateConfig(config: CniConfig, env: SubnetEnv): CniConfig {
  const given = (config.delegate ?? {}) as Record<string, unknown>;
  return {
    cniVersion: config.cniVersion,
    name: config.name,
    type: 'bridge',
    mtu: env.mtu,
    isGateway: true,
    ...given,
    ipMasq: typeof given.ipMasq === 'boolean' ? given.ipMasq : !env.ipmasq,
    ipam: { type: 'host-local', ranges: [[{ subnet: subnetOf(env.subnet) }]], routes: [{ dst: env.network }] },
  };
}

/** FLANNEL_SUBNET holds the gateway's address; ranges want the network's. */
function subnetOf(subnet: string): string {
  const [address = '', length = ''] = subnet.split('/');
  return `${address.replace(/\d+$/, '0')}/${length}`;
}

const stateFile = (call: CniCall): string =>
  `${typeof call.config.dataDir === 'string' ? call.config.dataDir : '/var/lib/cni/flannel'}/${call.containerId}`;

function* delegate(call: CniCall, command: string, conf: CniConfig) {
  return yield* execPlugin(
    call.proc,
    conf.type ?? 'bridge',
    {
      command,
      containerId: call.containerId,
      netns: call.netns,
      ifname: call.ifname,
      args: call.args,
      path: call.path,
    },
    JSON.stringify(conf),
  );
}

export const flannel: CniPlugin = {
  type: 'flannel',
  about: 'CNI Plugin flannel version v1.9.1-flannel1 (linux/amd64)',
  *add(call) {
    const file = typeof call.config.subnetFile === 'string' ? call.config.subnetFile : '/run/flannel/subnet.env';
    const vfs = vfsOf(call.proc);
    const text = vfs.readFile(file);
    if (!text.ok)
      throw internal(
        `failed to load flannel 'subnet.env' file: open ${file}: no such file or directory. Check the flannel pod log for this node.`,
      );
    const conf = delegateConfig(call.config, parseSubnetEnv(text.value, file));
    const saved = stateFile(call);
    let at = '';
    for (const part of saved.split('/').slice(1, -1)) {
      at += `/${part}`;
      if (!vfs.exists(at)) vfs.mkdir(at);
    }
    vfs.writeFile(saved, JSON.stringify(conf));
    const result = yield* delegate(call, 'ADD', conf);
    if (!result) throw internal('delegate returned no result');
    return result;
  },
  *check() {},
  *del(call) {
    const saved = vfsOf(call.proc).readFile(stateFile(call));
    // Nothing was ever added, or DEL ran before.
    if (!saved.ok) return;
    yield* delegate(call, 'DEL', JSON.parse(saved.value) as CniConfig);
    vfsOf(call.proc).unlink(stateFile(call));
  },
};
