/** For tests: one machine with kube-proxy's nftables mode, driven sync by sync without the program around it. */
import type { Machine } from '../../../kernel/machine.ts';
import type { Host, World } from '../../../kernel/world.ts';
import type { NetNs } from '../../../linux/types.ts';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { resourceOfKind } from '../../kinds/resources.ts';
import { createObject, listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { DEFAULT_CONFIG, type ProxyConfig } from '../config.ts';
import type { LocalDetector, Proxier, ProxyFamily } from '../mode.ts';
import { allPorts, follow, newTracked } from '../service-changes.ts';
import { newMemory, type NftablesMemory, syncNftables } from './sync.ts';

export interface NodeOptions {
  config?: Partial<ProxyConfig>;
  detector?: Record<ProxyFamily, LocalDetector>;
}

const ADDRESSES = 'ip link add eth0 type dummy; ip link set eth0 up; ip addr add 172.18.0.2/16 dev eth0; ip -6 addr add fd00:18::2/64 dev eth0 nodad';

const POD_CIDR: Record<ProxyFamily, LocalDetector> = {
  ip: { kind: 'cidr', cidr: '10.244.0.0/16' },
  ip6: { kind: 'cidr', cidr: 'fd00:10:244::/56' },
};

export class TestNode {
  readonly machine: Machine = buildScene('bare', 1);
  readonly world: World = this.machine.world;
  readonly host: Host;
  readonly ns: NetNs;
  readonly proxiers: Record<ProxyFamily, Proxier<NftablesMemory>>;
  private readonly tracked = newTracked();

  /** `setUp`: the commands that give the machine its addresses. */
  constructor(manifests: string, o: NodeOptions = {}, setUp = ADDRESSES) {
    const { world } = this;
    this.host = [...world.hosts.values()][0] as Host;
    this.ns = world.netns.get(this.host.rootNs) as NetNs;
    world.cluster = { resourceVersion: 0, objects: new Map() };
    this.run(setUp);
    this.apply(manifests);
    const detector = o.detector ?? POD_CIDR;
    const one = (family: ProxyFamily, ip: string): Proxier<NftablesMemory> => ({
      world,
      host: this.host,
      ns: this.ns,
      family,
      config: { ...DEFAULT_CONFIG, nodePortAddresses: ['primary'], ...o.config },
      detector: detector[family],
      node: { name: 'node-1', ip },
      memory: newMemory(),
    });
    this.proxiers = { ip: one('ip', '172.18.0.2'), ip6: one('ip6', 'fd00:18::2') };
  }

  /** Runs a line and answers its output. */
  run(cmd: string, stdin?: string): string {
    const { stdout, stderr } = runStep(this.machine, { cmd, ...(stdin === undefined ? {} : { stdin }) });
    return stdout + stderr;
  }

  /** Creates objects of YAML documents. */
  apply(manifests: string): void {
    const parsed = parseYaml(manifests);
    if (!parsed.ok) throw new Error('bad YAML');
    for (const document of parsed.documents as KubeObject[]) {
      const resource = resourceOfKind(document?.kind ?? '');
      if (resource) createObject(this.world, resource.name, document);
    }
  }

  /** One sync of each family; answers whether both went well. */
  sync(all = false): boolean {
    const { world } = this;
    const zone = listObjects(world, 'nodes').find((n) => n.metadata.name === 'node-1')?.metadata.labels?.[
      'topology.kubernetes.io/zone'
    ];
    const { changed } = follow(world, this.tracked, { name: 'node-1', zone });
    const cidrs = listObjects(world, 'servicecidrs').flatMap((c) => (c.spec?.cidrs ?? []) as string[]);
    const ok = (['ip', 'ip6'] as const).map((family) =>
      syncNftables(this.proxiers[family], {
        ports: allPorts(this.tracked, family),
        changed: all ? null : changed,
        serviceCIDRs: cidrs.filter((c) => c.includes(':') === (family === 'ip6')),
      }),
    );
    return ok.every(Boolean);
  }
}
