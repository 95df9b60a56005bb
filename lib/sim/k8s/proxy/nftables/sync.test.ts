import { describe, expect, it } from 'vitest';
import { createHost, createWorld } from '../../../kernel/create.ts';
import { findChain, findTable } from '../../../linux/netfilter/tables.ts';
import { createNetns } from '../../../linux/netns/netns.ts';
import { emptyDir } from '../../../shell/vfs/tree.ts';
import { DEFAULT_CONFIG } from '../config.ts';
import type { Proxier } from '../mode.ts';
import type { Endpoint, ServicePort } from '../service-ports.ts';
import { nftablesMode } from './index.ts';
import { endpointChain, serviceChain } from './names.ts';
import { type NftablesMemory, newMemory, syncNftables } from './sync.ts';

const SECOND = 1_000_000;

const endpoint = (ip: string): Endpoint => ({
  ip,
  port: 8080,
  local: false,
  ready: true,
  serving: true,
  terminating: false,
  forNodes: [],
  forZones: [],
});

function port(i: number, endpoints: readonly string[], more: Partial<ServicePort> = {}): ServicePort {
  const all = endpoints.map(endpoint);
  return {
    key: `shop/web${i}:http tcp`,
    namespace: 'shop',
    name: `web${i}`,
    portName: 'http',
    protocol: 'tcp',
    clusterIP: `10.96.${i >> 8}.${i & 255}`,
    port: 80,
    nodePort: 0,
    externalIPs: [],
    loadBalancerIPs: [],
    sourceRanges: [],
    internalLocal: false,
    externalLocal: false,
    affinity: 0,
    healthCheckNodePort: 0,
    cluster: all,
    local: [],
    reachable: all,
    hasEndpoints: all.length > 0,
    all,
    ...more,
  };
}

const three = (i: number): ServicePort =>
  port(
    i,
    [1, 2, 3].map((n) => `10.24${n}.${i >> 8}.${i & 255}`),
  );

/** kube-proxy's table on a node of its own, and one sync after another. */
class Table {
  readonly proxier: Proxier<NftablesMemory>;
  private ports: readonly ServicePort[] = [];
  /** Whether somebody else may have changed the rules. */
  touched = false;

  constructor() {
    const world = createWorld('nftables', 1);
    const host = createHost(world, 'node-1', emptyDir());
    const ns = createNetns(world, host, 'node-1');
    host.rootNs = ns.id;
    this.proxier = {
      world,
      host,
      ns,
      family: 'ip',
      config: { ...DEFAULT_CONFIG, nodePortAddresses: ['primary'] },
      detector: { kind: 'cidr', cidr: '10.244.0.0/16' },
      node: { name: 'node-1', ip: '172.18.0.2' },
      memory: newMemory(),
      metrics: new Map(),
    };
  }

  get table() {
    return findTable(this.proxier.ns, 'ip', 'kube-proxy');
  }

  chain(name: string) {
    return findChain(this.proxier.ns, 'ip', 'kube-proxy', name);
  }

  /** Handles of a chain's rules: others where the rules were written anew. */
  handles(name: string): number[] {
    return this.chain(name)?.rules.map((r) => r.handle) ?? [];
  }

  /** Syncs to these ports; what is not the same object as before has changed. */
  sync(ports: readonly ServicePort[]): boolean {
    const before = new Set(this.ports);
    const now = new Set(ports);
    const gone = this.ports.filter((p) => !now.has(p));
    const after = ports.filter((p) => !before.has(p));
    this.ports = ports;
    return syncNftables(this.proxier, {
      ports,
      endpoints: ports.reduce((n, p) => n + p.all.length, 0),
      changed: new Set([...gone, ...after].map((p) => `${p.namespace}/${p.name}`)),
      before: gone,
      after,
      untouched: !this.touched,
      serviceCIDRs: [],
    });
  }

  later(us: number): void {
    this.proxier.world.now += us;
  }
}

describe('a sync of the nftables mode', () => {
  it('leaves the chains of Services alone that did not change', () => {
    const t = new Table();
    const [one, two] = [three(1), three(2)];
    expect(t.sync([one, two])).toBe(true);
    const static1 = t.handles('services');
    const [kept, old] = [t.handles(serviceChain('service', one)), t.handles(serviceChain('service', two))];
    const other = port(2, ['10.241.0.2', '10.244.9.9']);
    expect(t.sync([one, other])).toBe(true);
    expect(t.handles('services')).toEqual(static1);
    expect(t.handles(serviceChain('service', one))).toEqual(kept);
    expect(t.handles(serviceChain('service', two))).not.toEqual(old);
  });

  it('writes as much for one Service among 10,000 as among ten', () => {
    const costs = [10, 10_000].map((n) => {
      const t = new Table();
      const ports = Array.from({ length: n }, (_, i) => three(i));
      t.sync(ports);
      const before = t.table?.nextHandle ?? 0;
      t.sync([...ports, three(20_000)]);
      return (t.table?.nextHandle ?? 0) - before;
    });
    // Four chains, two rules for the Service with a set in place, two for each endpoint.
    expect(costs).toEqual([4 + 3 + 6, 4 + 3 + 6]);
  });

  it('empties chains that are no longer wanted, and deletes them at a later sync', () => {
    const t = new Table();
    const [one, two] = [three(1), three(2)];
    t.sync([one, two]);
    const gone = endpointChain(two, two.all[0] as Endpoint);
    t.sync([one]);
    expect(t.chain(gone)?.rules).toEqual([]);
    expect(t.chain(serviceChain('service', two))?.rules).toEqual([]);
    t.sync([one]);
    expect(t.chain(gone)).toBeDefined();
    t.later(2 * SECOND);
    t.sync([one, three(3)]);
    expect(t.chain(gone)).toBeUndefined();
    expect(t.table?.sets?.get('service-ips')?.elems).toHaveLength(2);
  });

  it('takes up a stale chain again whose Service comes back', () => {
    const t = new Table();
    const one = three(1);
    t.sync([one]);
    t.sync([]);
    t.sync([one]);
    t.later(2 * SECOND);
    t.sync([one, three(2)]);
    expect(t.handles(serviceChain('service', one))).toHaveLength(2);
  });

  it('moves an element to another chain by deleting it first', () => {
    const t = new Table();
    t.sync([three(1)]);
    t.sync([port(1, [])]);
    expect(t.table?.sets?.get('service-ips')?.elems).toEqual([]);
    expect(t.table?.sets?.get('no-endpoint-services')?.elems[0]?.data).toEqual({ code: 'goto', chain: 'reject-chain' });
    const elsewhere = port(1, ['10.244.1.1'], { internalLocal: true, cluster: [], reachable: [] });
    t.sync([elsewhere]);
    expect(t.table?.sets?.get('no-endpoint-services')?.elems[0]?.data).toEqual({ code: 'drop' });
  });

  it('lets the last by name have an address that two Services name, whoever came first', () => {
    const at = (i: number) => port(i, [`10.244.1.${i}`], { externalIPs: ['192.0.2.9'] });
    const [one, two] = [at(1), at(2)];
    const owner = (t: Table) =>
      t.table?.sets
        ?.get('service-ips')
        ?.elems.flatMap((e) => (e.key[0]?.lo === 0xc0000209 && e.data && !Array.isArray(e.data) ? [e.data.chain] : []));
    const owners = [
      [one, two],
      [two, one],
    ].map(([first, second]) => {
      const t = new Table();
      t.sync([first as ServicePort]);
      t.sync([one, two]);
      expect(owner(t)).toEqual([serviceChain('external', two)]);
      t.sync([second as ServicePort]);
      return owner(t);
    });
    expect(owners).toEqual([[serviceChain('external', two)], [serviceChain('external', one)]]);
  });

  it('comes to the same table in steps as at once', () => {
    const variants = (i: number): ServicePort[] => [
      three(i),
      port(i, []),
      port(i, [`10.244.1.${i}`], { affinity: 60 }),
      port(i, [`10.244.1.${i}`, '10.244.2.2'], {
        nodePort: 30000 + i,
        externalIPs: ['192.0.2.9', `192.0.2.${i + 20}`],
      }),
      port(i, ['10.244.2.2'], {
        nodePort: 30000 + i,
        externalLocal: true,
        loadBalancerIPs: [`203.0.113.${i}`],
        sourceRanges: ['198.51.100.0/24'],
      }),
      port(i, ['10.244.2.2'], { internalLocal: true, cluster: [], reachable: [] }),
    ];
    const pick = (step: number, i: number) => (step * 7 + i * 5 + ((step * i) % 3)) % 7;
    const steps = Array.from({ length: 24 }, (_, step) =>
      [1, 2, 3, 4, 5].flatMap((i) => variants(i)[pick(step, i)] ?? []),
    );
    const stands = (t: Table) => ({
      chains: new Map(
        [...(t.table?.chains ?? [])]
          .filter(([, c]) => c.rules.length > 0)
          .map(([n, c]) => [n, c.rules.map((r) => r.text)]),
      ),
      sets: new Map(
        [...(t.table?.sets ?? [])].map(([n, s]) => [n, new Set(s.elems.map((e) => JSON.stringify([e.key, e.data])))]),
      ),
    });
    const t = new Table();
    for (const ports of steps) {
      expect(t.sync(ports)).toBe(true);
      t.later(700_000);
      const fresh = new Table();
      fresh.sync(ports);
      expect(stands(t)).toEqual(stands(fresh));
    }
  });

  it('fails as a whole when the table is gone, and is whole again with the next', () => {
    const t = new Table();
    const one = three(1);
    t.sync([one]);
    nftablesMode.cleanup(t.proxier.world, t.proxier.host, t.proxier.ns);
    expect(t.table).toBeUndefined();
    // Nothing changed: nobody notices.
    expect(t.sync([one])).toBe(true);
    expect(t.table).toBeUndefined();
    const two = three(2);
    expect(t.sync([one, two])).toBe(false);
    expect(t.table).toBeUndefined();
    expect(t.sync([one, two])).toBe(true);
    expect(t.handles(serviceChain('service', one))).toHaveLength(2);
    expect(t.table?.sets?.get('service-ips')?.elems).toHaveLength(2);
  });

  it('keeps a chain that a rule of somebody else leads to, and goes on without it', () => {
    const t = new Table();
    const [one, two] = [three(1), three(2)];
    t.sync([one, two]);
    t.touched = true;
    const wanted = serviceChain('service', two);
    const services = t.chain('services');
    services?.rules.push({
      ...(services.rules[0] as (typeof services.rules)[0]),
      handle: 9999,
      nft: [{ kind: 'verdict', verdict: { code: 'jump', chain: wanted } }],
    });
    t.sync([one]);
    t.later(2 * SECOND);
    expect(t.sync([one, three(3)])).toBe(true);
    expect(t.chain(wanted)?.rules).toEqual([]);
  });

  it('forgets clients together with the endpoint, and not before', () => {
    const t = new Table();
    const sticky = port(1, ['10.244.1.1', '10.244.1.2'], { affinity: 60 });
    t.sync([sticky]);
    const sets = () => [...(t.table?.sets?.keys() ?? [])].filter((name) => name.startsWith('affinity-'));
    expect(sets()).toHaveLength(2);
    const before = t.table?.sets?.get(sets()[0] as string);
    t.sync([sticky, three(2)]);
    expect(t.table?.sets?.get(sets()[0] as string)).toBe(before);
    t.sync([port(1, ['10.244.1.1'], { affinity: 60 }), three(2)]);
    expect(sets()).toHaveLength(1);
    t.sync([port(1, ['10.244.1.1']), three(2)]);
    expect(sets()).toEqual([]);
  });
});
