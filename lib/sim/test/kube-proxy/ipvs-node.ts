/** A node for tests of IPVS mode: the API's objects, eth0 with the node's address, and kube-proxy's syncs called by hand. */
import { formatIp, parseIp } from '../../addr/ip.ts';
import { resourceOfKind } from '../../k8s/kinds/resources.ts';
import { DEFAULT_CONFIG, type ProxyConfig, readConfig } from '../../k8s/proxy/config.ts';
import { ipvsMode } from '../../k8s/proxy/ipvs/index.ts';
import type { IpvsMemory } from '../../k8s/proxy/ipvs/sync.ts';
import type { Proxier, ProxyFamily } from '../../k8s/proxy/mode.ts';
import { localDetector, ownIp } from '../../k8s/proxy/node-addresses.ts';
import { follow, newTracked } from '../../k8s/proxy/service-changes.ts';
import { clone } from '../../k8s/store/clone.ts';
import { createCluster, getObject, insertObject } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import { createHost, createWorld } from '../../kernel/create.ts';
import type { Host, World } from '../../kernel/world.ts';
import { addAddress } from '../../linux/addr/ops.ts';
import { elementText } from '../../linux/ipset/element.ts';
import { setsOf } from '../../linux/ipset/types.ts';
import { FORWARDS } from '../../linux/ipvs/proc.ts';
import { ipvsOf } from '../../linux/ipvs/types.ts';
import { addLink, findLink, setLink } from '../../linux/link/ops.ts';
import { ruleLine } from '../../linux/netfilter/print.ts';
import { findTable } from '../../linux/netfilter/tables.ts';
import { createNetns } from '../../linux/netns/netns.ts';
import type { NetNs } from '../../linux/types.ts';
import { emptyDir } from '../../shell/vfs/tree.ts';
import { parseYaml } from '../../text/yaml.ts';
import { provideYaml } from '../../text/yaml-port.ts';

provideYaml({ parse: parseYaml });

export const NODE = 'node-1';

export interface TestNode {
  world: World;
  host: Host;
  ns: NetNs;
  config: ProxyConfig;
  apply(manifests: string | readonly KubeObject[]): void;
  /** One sync of one family, as a kube-proxy that goes on running. */
  sync(family?: ProxyFamily): boolean;
  /** A kube-proxy that begins anew. */
  restart(): string | null;
  proxier(family: ProxyFamily): Proxier<IpvsMemory>;
}

function documents(text: string): readonly KubeObject[] {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw new Error('no YAML');
  return parsed.documents as KubeObject[];
}

function configured(text: string, flags: ProxyConfig): ProxyConfig {
  const config = text === '' ? flags : readConfig(text, flags);
  if ('error' in config) throw new Error(config.error);
  return config;
}

/** The node with these addresses on eth0 (`172.18.0.2/16`), and with this configuration. */
export function testNode(config: string, addresses: readonly string[] = ['172.18.0.2/16']): TestNode {
  const world = createWorld('vector', 1);
  world.cluster = createCluster();
  const host = createHost(world, NODE, emptyDir());
  const ns = createNetns(world, host, NODE);
  host.rootNs = ns.id;
  addLink(world, ns, { kind: 'dummy', name: 'eth0' });
  const eth0 = findLink(ns, 'eth0');
  if (!eth0) throw new Error('no eth0');
  setLink(world, ns, eth0, { up: true });
  for (const text of addresses) {
    const [ip = '', len = ''] = text.split('/');
    addAddress(world, ns, eth0, { local: parseIp(ip) ?? 0, len: Number(len) });
  }
  const flags: ProxyConfig = { ...DEFAULT_CONFIG, clusterCIDR: '10.244.0.0/16', mode: 'ipvs' };
  const proxiers = new Map<ProxyFamily, Proxier<IpvsMemory>>();
  const node: TestNode = {
    world,
    host,
    ns,
    config: configured(config, flags),
    apply(manifests) {
      for (const document of typeof manifests === 'string' ? documents(manifests) : manifests) {
        const resource = resourceOfKind(document.kind);
        if (resource) insertObject(world, resource.name, clone(document));
      }
    },
    proxier(family) {
      const known = proxiers.get(family);
      if (known) return known;
      const object = getObject(world, 'nodes', undefined, NODE);
      const made = {
        world,
        host,
        ns,
        family,
        config: node.config,
        detector: localDetector(node.config, family, object),
        node: { name: NODE, ip: ownIp(node.config, family, object) },
        memory: ipvsMode.newMemory() as IpvsMemory,
        metrics: new Map<string, number>(),
      };
      proxiers.set(family, made);
      ipvsMode.start?.(made);
      return made;
    },
    sync(family = 'ip') {
      const tracked = newTracked();
      const zone = getObject(world, 'nodes', undefined, NODE)?.metadata.labels?.['topology.kubernetes.io/zone'];
      follow(world, tracked, { name: NODE, zone });
      const { sorted, endpoints } = tracked.families[family];
      return ipvsMode.sync(node.proxier(family), {
        ports: sorted,
        endpoints,
        changed: null,
        before: [],
        after: sorted,
        untouched: false,
        serviceCIDRs: [],
      });
    },
    restart() {
      proxiers.clear();
      return ipvsMode.start?.(node.proxier('ip')) ?? null;
    },
  };
  return node;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const at = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** Rules of the KUBE chains, as iptables-save prints them, behind the table's name. */
export const rulesOf = (ns: NetNs, family: ProxyFamily = 'ip'): string[] =>
  ['filter', 'nat'].flatMap((table) =>
    [...(findTable(ns, family, table)?.chains.values() ?? [])]
      .filter((c) => c.name.startsWith('KUBE-'))
      .flatMap((c) => c.rules.map((r) => `${table}: ${ruleLine(c.name, r, family)}`)),
  );

/** Virtual servers, real servers and set members, as the vectors of kube-proxy list them. */
export function stateOf(ns: NetNs): string[] {
  const servers = [...ipvsOf(ns).services.values()].flatMap((svc) => {
    const name = `${PROTOCOLS[svc.proto]} ${at(formatIp(svc.addr), svc.port)}`;
    const persistent = svc.timeout > 0 ? ` persistent ${svc.timeout}` : '';
    const real = svc.dests.map((d) => `rs ${name} -> ${at(formatIp(d.addr), d.port)} ${FORWARDS[d.fwd]} ${d.weight}`);
    return [`vs ${name} ${svc.sched}${persistent}`, ...real];
  });
  const members = [...setsOf(ns).values()].flatMap((set) =>
    [...set.entries.values()].map((entry) => `set ${set.name} ${elementText(set, entry.parts)}`),
  );
  return [...servers, ...members];
}
