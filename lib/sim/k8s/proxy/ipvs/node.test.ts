import { describe, expect, it } from 'vitest';
import { parseIp } from '../../../addr/ip.ts';
import { runLine } from '../../../commands/ipset/run.ts';
import { DEBIAN_KERNEL } from '../../../kernel/release.ts';
import { setsOf } from '../../../linux/ipset/types.ts';
import { addDest, addService, editDest, findService } from '../../../linux/ipvs/service.ts';
import { ipvsOf, type VsDest } from '../../../linux/ipvs/types.ts';
import { findLink } from '../../../linux/link/ops.ts';
import { apply } from '../../../linux/netfilter/ensure-rules.ts';
import { ruleLine } from '../../../linux/netfilter/print.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { getSysctl, setSysctl } from '../../../linux/sysctl/sysctl.ts';
import { rulesOf, stateOf, type TestNode, testNode } from '../../../test/kube-proxy/ipvs-node.ts';
import { nodeObject, service, slice, there } from '../../../test/kube-proxy/ipvs-objects.ts';
import { getObject, removeObject, replaceObject } from '../../store/store.ts';
import { ipvsMode } from './index.ts';

const IP = '10.96.10.1';
const WEB = service('web', { clusterIP: IP, clusterIPs: [IP] });
const MINUTE = 60_000_000;

function webNode(config = ''): TestNode {
  const node = testNode(config);
  node.apply([nodeObject(), WEB, slice('web', [there('10.244.1.21'), there('10.244.1.22')])]);
  node.sync();
  return node;
}

const id = { af: 4, proto: 6, fwmark: 0, addr: parseIp(IP) as number, port: 80 } as const;
const dest = (node: TestNode, ip: string): VsDest | undefined =>
  findService(node.ns, id)?.dests.find((d) => d.addr === parseIp(ip));
const weights = (node: TestNode) => stateOf(node.ns).filter((line) => line.startsWith('rs'));

/** The Service's endpoints are these now. */
function endpoints(node: TestNode, ...ips: string[]): void {
  const known = getObject(node.world, 'endpointslices', 'shop', 'web-ipv4');
  const { endpoints: next } = slice(
    'web',
    ips.map((ip) => there(ip)),
  );
  replaceObject(node.world, 'endpointslices', { ...known, endpoints: next } as never, true);
  node.sync();
}

describe('what kube-proxy in IPVS mode makes of a node', () => {
  it('puts addresses on a dummy that is down', () => {
    const node = webNode();
    const link = findLink(node.ns, 'kube-ipvs0');
    expect(link).toMatchObject({ kind: 'dummy', up: false, noarp: true });
    expect(link?.addrs.map((a) => [a.local, a.len, a.scope])).toEqual([[parseIp(IP), 32, 0]]);
    removeObject(node.world, 'services', 'shop', 'web');
    node.sync();
    expect(link?.addrs).toEqual([]);
    expect(stateOf(node.ns)).toEqual([]);
  });

  it('makes every set, as ipset shows them', () => {
    const { world, ns } = webNode();
    const saved = runLine(world, ns, { command: 'save', words: [] } as never).stdout;
    const made = saved
      .split('\n')
      .filter((line) => line.startsWith('create'))
      .map((line) => line.replace(/ initval .*/, '').replace(' bucketsize 12', ''));
    const hash = ' family inet hashsize 1024 maxelem 65536';
    expect(made.sort()).toEqual(
      [
        `KUBE-LOOP-BACK hash:ip,port,ip${hash}`,
        `KUBE-CLUSTER-IP hash:ip,port${hash}`,
        `KUBE-EXTERNAL-IP hash:ip,port${hash}`,
        `KUBE-EXTERNAL-IP-LOCAL hash:ip,port${hash}`,
        `KUBE-LOAD-BALANCER hash:ip,port${hash}`,
        `KUBE-LOAD-BALANCER-FW hash:ip,port${hash}`,
        `KUBE-LOAD-BALANCER-LOCAL hash:ip,port${hash}`,
        `KUBE-LOAD-BALANCER-SOURCE-IP hash:ip,port,ip${hash}`,
        `KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net${hash}`,
        'KUBE-NODE-PORT-TCP bitmap:port range 0-65535',
        'KUBE-NODE-PORT-LOCAL-TCP bitmap:port range 0-65535',
        'KUBE-NODE-PORT-UDP bitmap:port range 0-65535',
        'KUBE-NODE-PORT-LOCAL-UDP bitmap:port range 0-65535',
        `KUBE-NODE-PORT-SCTP-HASH hash:ip,port${hash}`,
        `KUBE-NODE-PORT-LOCAL-SCTP-HASH hash:ip,port${hash}`,
        'KUBE-HEALTH-CHECK-NODE-PORT bitmap:port range 0-65535',
        `KUBE-IPVS-IPS hash:ip${hash}`,
      ]
        .map((line) => `create ${line}`)
        .sort(),
    );
  });

  it("names IPv6's sets within ipset's 31 characters", () => {
    const node = webNode();
    node.sync('ip6');
    const names = [...setsOf(node.ns).keys()];
    expect(names).toHaveLength(34);
    expect(names).toContain('KUBE-6-LOAD-BALANCER-SOURCE-CID');
    expect(names).toContain('KUBE-6-NODE-PORT-LOCAL-SCTP-HAS');
    expect(setsOf(node.ns).get('KUBE-6-CLUSTER-IP')?.family).toBe(6);
  });

  it('links its chains to the top of the built-in ones', () => {
    const { ns } = webNode();
    const jumps = ['filter', 'nat'].flatMap((table) =>
      [...(findTable(ns, 'ip', table)?.chains.values() ?? [])]
        .filter((c) => !c.name.startsWith('KUBE-'))
        .flatMap((c) => c.rules.map((r) => `${table}: ${ruleLine(c.name, r, 'ip')}`)),
    );
    expect(jumps.sort()).toEqual(
      [
        'filter: -A FORWARD -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL',
        'filter: -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
        'filter: -A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER',
        'filter: -A INPUT -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL',
        'filter: -A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT',
        'filter: -A OUTPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-OUT-FILTER',
        'nat: -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        'nat: -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        'nat: -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      ].sort(),
    );
    const input = findTable(ns, 'ip', 'filter')?.chains.get('INPUT')?.rules ?? [];
    expect(input.map((r) => ruleLine('INPUT', r, 'ip').split(' ').at(-1))).toEqual([
      'KUBE-IPVS-FILTER',
      'KUBE-PROXY-FIREWALL',
      'KUBE-NODE-PORT',
    ]);
  });

  it('sets sysctls and times', () => {
    const config =
      'ipvs:\n  strictARP: true\n  tcpTimeout: 1000s\n  tcpFinTimeout: 0s\n  udpTimeout: 5m30s\niptables:\n  masqueradeBit: 10';
    const { world, host, ns } = webNode(config);
    const value = (key: string) => getSysctl(world, host, ns, key);
    const vs = ['conntrack', 'expire_nodest_conn', 'expire_quiescent_template', 'conn_reuse_mode'];
    expect(vs.map((leaf) => value(`net.ipv4.vs.${leaf}`))).toEqual(['1', '1', '1', '1']);
    expect(value('net.ipv4.ip_forward')).toBe('1');
    expect([value('net.ipv4.conf.all.arp_ignore'), value('net.ipv4.conf.all.arp_announce')]).toEqual(['1', '2']);
    expect(ipvsOf(ns).timeouts).toEqual([1000, 120, 330]);
    expect(rulesOf(ns)).toContain('nat: -A KUBE-MARK-MASQ -j MARK --set-xmark 0x400/0x400');
    const plain = webNode();
    expect(getSysctl(plain.world, plain.host, plain.ns, 'net.ipv4.conf.all.arp_ignore')).toBe('0');
    expect(ipvsOf(plain.ns).timeouts).toEqual([900, 120, 300]);
  });

  it('turns connection reuse off on kernels before 5.9 alone', () => {
    for (const [kernel, mode] of [
      ['5.4.0-150-generic', '0'],
      [DEBIAN_KERNEL, '1'],
    ] as const) {
      const node = testNode('');
      node.host.kernel = kernel;
      node.restart();
      expect(getSysctl(node.world, node.host, node.ns, 'net.ipv4.vs.conn_reuse_mode')).toBe(mode);
    }
  });

  it('does not start with a scheduler that the kernel has not', () => {
    const node = testNode('ipvs:\n  scheduler: fairest');
    expect(node.restart()).toBe("can't use the IPVS proxier: no such file or directory");
  });

  it("gives mh the client's port", () => {
    const { ns } = webNode('ipvs:\n  scheduler: mh');
    expect(findService(ns, id)).toMatchObject({ sched: 'mh', schedFlags: 2 });
  });
});

describe('what kube-proxy in IPVS mode repairs, and what it leaves alone', () => {
  it('writes lost rules, sets, servers and addresses anew', () => {
    const node = webNode();
    const [rules, state] = [rulesOf(node.ns), stateOf(node.ns)];
    apply(node.world, node.ns, '*nat\n-F\nCOMMIT\n*filter\n-F KUBE-FORWARD\nCOMMIT\n');
    runLine(node.world, node.ns, { command: 'flush', words: ['KUBE-CLUSTER-IP'] } as never);
    ipvsOf(node.ns).services.clear();
    expect(stateOf(node.ns)).not.toEqual(state);
    node.sync();
    expect(rulesOf(node.ns)).toEqual(rules);
    expect(stateOf(node.ns)).toEqual(state);
  });

  it('takes foreign members out of its sets', () => {
    const node = webNode();
    runLine(node.world, node.ns, { command: 'add', words: ['KUBE-CLUSTER-IP', '10.96.0.77,tcp:1'] } as never);
    expect(stateOf(node.ns)).toContain('set KUBE-CLUSTER-IP 10.96.0.77,tcp:1');
    node.sync();
    expect(stateOf(node.ns)).not.toContain('set KUBE-CLUSTER-IP 10.96.0.77,tcp:1');
  });

  it('stops where a set of another type has the name', () => {
    const node = testNode('');
    runLine(node.world, node.ns, { command: 'create', words: ['KUBE-CLUSTER-IP', 'hash:ip'] } as never);
    node.apply([nodeObject(), WEB]);
    expect(node.sync()).toBe(false);
    expect(stateOf(node.ns)).toEqual([]);
  });

  it('deletes foreign virtual servers but those of excluded prefixes, of a mark, and of the other family', () => {
    const node = webNode('ipvs:\n  excludeCIDRs: ["198.51.100.0/24", "fd00::/8"]');
    const spec = { sched: 'rr', schedFlags: 0, timeout: 0, netmask: 0xffffffff, ops: false, proto: 6, fwmark: 0 };
    for (const ip of ['192.0.2.99', '198.51.100.99'])
      addService(node.world, node.ns, { ...spec, af: 4, addr: parseIp(ip) as number, port: 443 });
    addService(node.world, node.ns, {
      ...spec,
      af: 6,
      netmask: 128,
      addr: parseIp('2001:db8::9') as bigint,
      port: 443,
    });
    addService(node.world, node.ns, { ...spec, af: 4, addr: 0, port: 0, proto: 0, fwmark: 7 });
    node.sync();
    const names = [...ipvsOf(node.ns).services.values()].map((s) => [s.fwmark, s.addr]);
    expect(names).toEqual([
      [0, parseIp(IP)],
      [0, parseIp('198.51.100.99')],
      [0, parseIp('2001:db8::9')],
      [7, 0],
    ]);
    node.sync('ip6');
    expect([...ipvsOf(node.ns).services.values()].map((s) => s.fwmark)).toEqual([0, 0, 7]);
  });

  it('puts a changed virtual server right', () => {
    const node = webNode();
    const svc = findService(node.ns, id);
    Object.assign(svc ?? {}, { sched: 'wrr', timeout: 50, ops: true });
    node.sync();
    expect(findService(node.ns, id)).toMatchObject({ sched: 'rr', timeout: 0, ops: false });
  });

  it('puts weights right when it starts, and never after', () => {
    const node = webNode();
    const spec = { addr: parseIp('10.244.1.21') as number, port: 8080, fwd: 'masq', upper: 0, lower: 0 } as const;
    editDest(node.ns, id, { ...spec, weight: 7 });
    node.sync();
    expect(dest(node, '10.244.1.21')?.weight).toBe(7);
    node.restart();
    node.sync();
    expect(dest(node, '10.244.1.21')?.weight).toBe(1);
  });
});

describe('real servers that end', () => {
  const tick = (node: TestNode) => ipvsMode.tick?.(node.proxier('ip'));

  it('go at once when nobody is connected', () => {
    const node = webNode();
    endpoints(node, '10.244.1.22');
    expect(weights(node)).toEqual([`rs TCP ${IP}:80 -> 10.244.1.22:8080 Masq 1`]);
    expect(tick(node)).toEqual({ at: null, resync: false });
  });

  it('take no new connections and go within a minute of their last one', () => {
    const node = webNode();
    node.world.now = 10_000_000;
    Object.assign(dest(node, '10.244.1.21') ?? {}, { active: 1, inactive: 2 });
    endpoints(node, '10.244.1.22');
    expect(dest(node, '10.244.1.21')?.weight).toBe(0);
    expect(tick(node)).toEqual({ at: MINUTE, resync: false });
    node.world.now = MINUTE;
    expect(tick(node)?.at).toBe(2 * MINUTE);
    expect(dest(node, '10.244.1.21')?.weight).toBe(0);
    endpoints(node, '10.244.1.22', '10.244.1.23');
    expect(dest(node, '10.244.1.21')?.weight).toBe(0);
    Object.assign(dest(node, '10.244.1.21') ?? {}, { active: 0, inactive: 0 });
    node.world.now = 2 * MINUTE;
    expect(tick(node)).toEqual({ at: null, resync: false });
    expect(dest(node, '10.244.1.21')).toBeUndefined();
  });

  it('that are wanted again begin anew', () => {
    const node = webNode();
    Object.assign(dest(node, '10.244.1.21') ?? {}, { active: 1 });
    endpoints(node, '10.244.1.22');
    endpoints(node, '10.244.1.21', '10.244.1.22');
    expect(dest(node, '10.244.1.21')).toMatchObject({ weight: 1, active: 1, available: true });
    expect(tick(node)?.at).toBeNull();
  });

  it('go at once for UDP, connections or not', () => {
    const node = testNode('');
    const ports = [{ port: 8080, protocol: 'UDP' }];
    node.apply([
      nodeObject(),
      service('web', { clusterIP: IP, clusterIPs: [IP], ports: [{ port: 80, protocol: 'UDP' }] }),
      slice('web', [there('10.244.1.21')], ports),
    ]);
    node.sync();
    const udp = { ...id, proto: 17 };
    Object.assign(findService(node.ns, udp)?.dests[0] ?? {}, { active: 3 });
    endpoints(node);
    expect(findService(node.ns, udp)?.dests).toEqual([]);
  });

  it('are forgotten with their Service', () => {
    const node = webNode();
    Object.assign(dest(node, '10.244.1.21') ?? {}, { active: 1 });
    endpoints(node, '10.244.1.22');
    removeObject(node.world, 'services', 'shop', 'web');
    node.sync();
    node.world.now = MINUTE;
    expect(tick(node)?.at).toBeNull();
  });

  it('that a kube-proxy before has left behind are found by the next', () => {
    const node = webNode();
    const spec = { addr: parseIp('10.244.1.99') as number, port: 8080, fwd: 'masq', weight: 0, upper: 0, lower: 0 };
    addDest(node.world, node.ns, id, spec as never);
    Object.assign(dest(node, '10.244.1.99') ?? {}, { inactive: 1 });
    node.restart();
    node.sync();
    expect(dest(node, '10.244.1.99')?.weight).toBe(0);
    Object.assign(dest(node, '10.244.1.99') ?? {}, { inactive: 0 });
    node.world.now += MINUTE;
    tick(node);
    expect(dest(node, '10.244.1.99')).toBeUndefined();
  });
});

describe('metrics', () => {
  const name = (family: string, policy: string) =>
    `kubeproxy_sync_proxy_rules_no_local_endpoints_total{ip_family="${family}",traffic_policy="${policy}"}`;

  it('count Services whose Local policy finds nobody on the node, each once', () => {
    const node = testNode('');
    const local = { internalTrafficPolicy: 'Local', type: 'NodePort', externalTrafficPolicy: 'Local' };
    const ports = [1, 2].map((n) => ({ name: `p${n}`, port: 80 + n, protocol: 'TCP', nodePort: 30_000 + n }));
    node.apply([
      nodeObject(),
      service('far', { clusterIP: IP, clusterIPs: [IP], ...local, ports }),
      slice(
        'far',
        [there('10.244.1.21')],
        [1, 2].map((n) => ({ name: `p${n}`, port: 8080, protocol: 'TCP' })),
      ),
      service('outer', {
        clusterIP: '10.96.10.2',
        clusterIPs: ['10.96.10.2'],
        externalTrafficPolicy: 'Local',
        externalIPs: ['192.0.2.50'],
      }),
      slice('outer', [there('10.244.1.22')]),
      service('empty', { clusterIP: '10.96.10.3', clusterIPs: ['10.96.10.3'], internalTrafficPolicy: 'Local' }),
    ]);
    node.sync();
    const { metrics } = node.proxier('ip');
    expect([metrics.get(name('IPv4', 'internal')), metrics.get(name('IPv4', 'external'))]).toEqual([1, 2]);
  });
});

describe('cleaning up', () => {
  it("takes all away but IPv6's sets, which it does not know", () => {
    const node = webNode();
    node.sync('ip6');
    setSysctl(node.world, node.host, node.ns, 'net.ipv4.vs.conntrack', '1');
    ipvsMode.cleanup(node.world, node.host, node.ns);
    expect(ipvsOf(node.ns).services.size).toBe(0);
    expect(findLink(node.ns, 'kube-ipvs0')).toBeFalsy();
    for (const family of ['ip', 'ip6'] as const)
      for (const table of ['nat', 'filter'])
        for (const chain of findTable(node.ns, family, table)?.chains.values() ?? []) {
          expect(chain.name).not.toMatch(/^KUBE-/);
          expect(chain.rules).toEqual([]);
        }
    expect([...setsOf(node.ns).keys()].filter((name) => !name.startsWith('KUBE-6-'))).toEqual([]);
    expect(setsOf(node.ns).size).toBe(17);
    expect(getSysctl(node.world, node.host, node.ns, 'net.ipv4.vs.conntrack')).toBe('1');
  });

  it('does nothing on a host that never had IPVS', () => {
    const node = testNode('');
    apply(node.world, node.ns, '*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n');
    ipvsMode.cleanup(node.world, node.host, node.ns);
    expect(findTable(node.ns, 'ip', 'nat')?.chains.has('KUBE-SERVICES')).toBe(true);
  });
});
