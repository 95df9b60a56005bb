import { describe, expect, it } from 'vitest';
import { rulesOf, stateOf, type TestNode, testNode } from '../../../test/kube-proxy/ipvs-node.ts';
import { here, LEAVING, nodeObject, service, slice, there } from '../../../test/kube-proxy/ipvs-objects.ts';
import type { KubeObject } from '../../types.ts';

/** Rules that are there whatever the Services; `six` for IPv6's. */
const base = (six = false): string[] => {
  const set = (name: string) => `KUBE-${six ? '6-' : ''}${name}`;
  return [
    'filter: -A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    'filter: -A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    `filter: -A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set ${set('HEALTH-CHECK-NODE-PORT')} dst -j ACCEPT`,
    'filter: -A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
    ...['LOAD-BALANCER', 'CLUSTER-IP', 'EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'].map(
      (name) => `filter: -A KUBE-IPVS-FILTER -m set --match-set ${set(name)} dst,dst -j RETURN`,
    ),
    `filter: -A KUBE-IPVS-FILTER -m set --match-set ${set('HEALTH-CHECK-NODE-PORT')} dst -j RETURN`,
    `filter: -A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set ${set('IPVS-IPS')} dst -j REJECT --reject-with ${six ? 'icmp6' : 'icmp'}-port-unreachable`,
    `nat: -A KUBE-SERVICES -s ${six ? '::1/128' : '127.0.0.0/8'} -j RETURN`,
    'nat: -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT',
    'nat: -A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ',
    'nat: -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    'nat: -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    'nat: -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    'nat: -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
  ];
};

const CLUSTER = [
  'nat: -A KUBE-SERVICES ! -s 10.244.0.0/16 -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ',
  'nat: -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT',
];
const LOOP =
  'nat: -A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE';
const BALANCER = [
  'nat: -A KUBE-SERVICES -m comment --comment "Kubernetes service lb portal" -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER',
  'nat: -A KUBE-SERVICES -m set --match-set KUBE-LOAD-BALANCER dst,dst -j ACCEPT',
];
const BALANCER_LOCAL =
  'nat: -A KUBE-LOAD-BALANCER -m comment --comment "Kubernetes service load balancer ip + port with externalTrafficPolicy=local" -m set --match-set KUBE-LOAD-BALANCER-LOCAL dst,dst -j RETURN';
const EXTERNAL_FROM_OUTSIDE = (set: string, comment: string) =>
  ['-m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL', '-m addrtype --dst-type LOCAL'].map(
    (from) =>
      `nat: -A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port ${comment}" -m set --match-set ${set} dst,dst ${from} -j ACCEPT`,
  );
const EXTERNAL = [
  'nat: -A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port for masquerade and filter purpose" -m set --match-set KUBE-EXTERNAL-IP dst,dst -j KUBE-MARK-MASQ',
  ...EXTERNAL_FROM_OUTSIDE('KUBE-EXTERNAL-IP', 'for masquerade and filter purpose'),
];
const EXTERNAL_LOCAL = EXTERNAL_FROM_OUTSIDE('KUBE-EXTERNAL-IP-LOCAL', 'with externalTrafficPolicy=local');
const nodePortRule = (protocol: string, local = false) => {
  const name = protocol.toUpperCase();
  const hash = protocol === 'sctp' ? ['-HASH', " with type \\'hash ip:port\\'", 'dst,dst'] : ['', '', 'dst'];
  return local
    ? `nat: -A KUBE-NODE-PORT -p ${protocol} -m comment --comment "Kubernetes nodeport ${name} port with externalTrafficPolicy=local${hash[1]}" -m set --match-set KUBE-NODE-PORT-LOCAL-${name}${hash[0]} ${hash[2]} -j RETURN`
    : `nat: -A KUBE-NODE-PORT -p ${protocol} -m comment --comment "Kubernetes nodeport ${name} port for masquerade purpose${hash[1]}" -m set --match-set KUBE-NODE-PORT-${name}${hash[0]} ${hash[2]} -j KUBE-MARK-MASQ`;
};
const FIREWALL =
  'filter: -A KUBE-PROXY-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port for load balancer with sourceRange" -m set --match-set KUBE-LOAD-BALANCER-FW dst,dst -j KUBE-SOURCE-RANGES-FIREWALL';
const SOURCE_CIDR =
  'filter: -A KUBE-SOURCE-RANGES-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port + source cidr for packet filter purpose" -m set --match-set KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN';
const SOURCE_IP =
  'filter: -A KUBE-SOURCE-RANGES-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port + source IP for packet filter purpose" -m set --match-set KUBE-LOAD-BALANCER-SOURCE-IP dst,dst,src -j RETURN';

interface Case {
  about: string;
  objects: KubeObject[];
  config?: string;
  addresses?: string[];
  state: string;
  rules: string[];
}

const IP = '10.96.10.1';
const web = (spec: Record<string, unknown> = {}, ingress?: Record<string, string>[]) =>
  service('web', { clusterIP: IP, clusterIPs: [IP], ...spec }, ingress);
const nodePort = (protocol = 'TCP', spec: Record<string, unknown> = {}) =>
  web({ type: 'NodePort', ports: [{ port: 80, protocol, nodePort: 30080 }], ...spec });
const balancer = (spec: Record<string, unknown>, ...ips: string[]) =>
  web(
    { type: 'LoadBalancer', ...spec },
    ips.map((ip) => ({ ip })),
  );
const LOCAL = { externalTrafficPolicy: 'Local' };
const A = '10.244.0.11';
const B = '10.244.1.21';
const both = slice('web', [here(A), there(B)]);
const port = (protocol: string) => [{ port: 8080, protocol }];

/** Members of KUBE-IPVS-IPS. */
const bound = (...ips: string[]) => ips.map((ip) => `set KUBE-IPVS-IPS ${ip}\n`).join('');
const own = `set KUBE-CLUSTER-IP ${IP},tcp:80\n`;
const loop = `set KUBE-LOOP-BACK ${A},tcp:8080,${A}\n`;
/** A virtual server and its real ones on port 8080. */
const vs = (at: string, ...ips: string[]) => {
  const [address = '', flags = ''] = at.split('|');
  return `vs ${address} rr${flags}\n${ips.map((ip) => `rs ${address} -> ${ip}:8080 Masq 1\n`).join('')}`;
};

const cases: Case[] = [
  {
    about: 'no Services: what stands in any case',
    objects: [],
    state: '',
    rules: [],
  },
  {
    about: 'Services that are not its business',
    objects: [
      service('headless', { clusterIP: 'None' }),
      service('elsewhere', { type: 'ExternalName', externalName: 'example.org' }),
      {
        ...service('other', { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] }),
        metadata: { name: 'other', namespace: 'shop', labels: { 'service.kubernetes.io/service-proxy-name': 'x' } },
      },
    ],
    state: '',
    rules: [],
  },
  {
    about: 'two ports of one Service and one of another: each address is bound once',
    objects: [
      web({
        ports: [
          { name: 'a', port: 80, protocol: 'TCP' },
          { name: 'b', port: 81, protocol: 'TCP' },
        ],
      }),
      service('data', { clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'] }),
      slice('web', [there(B)], [{ name: 'a', port: 8080, protocol: 'TCP' }]),
    ],
    state:
      vs(`TCP ${IP}:80`, B) +
      vs(`TCP ${IP}:81`) +
      vs('TCP 10.96.10.2:80') +
      own +
      `set KUBE-CLUSTER-IP ${IP},tcp:81\nset KUBE-CLUSTER-IP 10.96.10.2,tcp:80\n` +
      bound(IP, '10.96.10.2'),
    rules: CLUSTER,
  },
  {
    about: 'a node port on every address of the node',
    objects: [nodePort(), both],
    addresses: ['172.18.0.2/16', '192.0.2.7/24', 'fd00::2/64'],
    state:
      vs(`TCP ${IP}:80`, A, B) +
      vs('TCP 172.18.0.2:30080', A, B) +
      vs('TCP 192.0.2.7:30080', A, B) +
      `${own}${loop}set KUBE-NODE-PORT-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, LOOP, nodePortRule('tcp')],
  },
  {
    about: 'a node port that nothing serves',
    objects: [nodePort()],
    state: `${vs(`TCP ${IP}:80`)}${vs('TCP 172.18.0.2:30080')}${own}set KUBE-NODE-PORT-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('tcp')],
  },
  {
    about: 'a UDP node port',
    objects: [nodePort('UDP'), slice('web', [there(B)], port('UDP'))],
    state:
      vs(`UDP ${IP}:80`, B) +
      vs('UDP 172.18.0.2:30080', B) +
      `set KUBE-CLUSTER-IP ${IP},udp:80\nset KUBE-NODE-PORT-UDP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('udp')],
  },
  {
    about: 'an SCTP node port: a set of address and port for each address',
    objects: [nodePort('SCTP'), slice('web', [there(B)], port('SCTP'))],
    addresses: ['172.18.0.2/16', '192.0.2.7/24'],
    state:
      vs(`SCTP ${IP}:80`, B) +
      vs('SCTP 172.18.0.2:30080', B) +
      vs('SCTP 192.0.2.7:30080', B) +
      `set KUBE-CLUSTER-IP ${IP},sctp:80\nset KUBE-NODE-PORT-SCTP-HASH 172.18.0.2,sctp:30080\nset KUBE-NODE-PORT-SCTP-HASH 192.0.2.7,sctp:30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('sctp')],
  },
  {
    about: 'an SCTP node port under the Local policy stands in both sets',
    objects: [nodePort('SCTP', LOCAL), slice('web', [here(A), there(B)], port('SCTP'))],
    state:
      vs(`SCTP ${IP}:80`, A, B) +
      vs('SCTP 172.18.0.2:30080', A) +
      `set KUBE-CLUSTER-IP ${IP},sctp:80\nset KUBE-LOOP-BACK ${A},sctp:8080,${A}\n` +
      `set KUBE-NODE-PORT-SCTP-HASH 172.18.0.2,sctp:30080\nset KUBE-NODE-PORT-LOCAL-SCTP-HASH 172.18.0.2,sctp:30080\n${bound(IP)}`,
    rules: [...CLUSTER, LOOP, nodePortRule('sctp', true), nodePortRule('sctp')],
  },
  {
    about: 'a UDP node port under the Local policy',
    objects: [nodePort('UDP', LOCAL), slice('web', [here(A), there(B)], port('UDP'))],
    state:
      vs(`UDP ${IP}:80`, A, B) +
      vs('UDP 172.18.0.2:30080', A) +
      `set KUBE-CLUSTER-IP ${IP},udp:80\nset KUBE-LOOP-BACK ${A},udp:8080,${A}\n` +
      `set KUBE-NODE-PORT-UDP 30080\nset KUBE-NODE-PORT-LOCAL-UDP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, LOOP, nodePortRule('udp', true), nodePortRule('udp')],
  },
  {
    about: 'node ports on the addresses of a range, never on loopback ones',
    objects: [nodePort(), slice('web', [there(B)])],
    config: 'nodePortAddresses: ["192.0.2.0/24", "127.0.0.0/8"]',
    addresses: ['172.18.0.2/16', '192.0.2.7/24', '127.0.1.1/32'],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 192.0.2.7:30080', B)}${own}set KUBE-NODE-PORT-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('tcp')],
  },
  {
    about: 'no address for node ports: the port and its health check are left out',
    objects: [
      balancer({ ...LOCAL, ports: [{ port: 80, nodePort: 30080 }], healthCheckNodePort: 32100 }, '203.0.113.9'),
      slice('web', [there(B)]),
    ],
    config: 'nodePortAddresses: ["198.51.100.0/24"]',
    state:
      vs(`TCP ${IP}:80`, B) +
      vs('TCP 203.0.113.9:80', B) +
      own +
      'set KUBE-LOAD-BALANCER 203.0.113.9,tcp:80\nset KUBE-LOAD-BALANCER-LOCAL 203.0.113.9,tcp:80\n' +
      bound(IP, '203.0.113.9'),
    rules: [...CLUSTER, ...BALANCER, BALANCER_LOCAL],
  },
  {
    about: 'an external IP',
    objects: [web({ externalIPs: ['192.0.2.50', '192.0.2.51'] }), both],
    state:
      vs(`TCP ${IP}:80`, A, B) +
      vs('TCP 192.0.2.50:80', A, B) +
      vs('TCP 192.0.2.51:80', A, B) +
      `${own}${loop}set KUBE-EXTERNAL-IP 192.0.2.50,tcp:80\nset KUBE-EXTERNAL-IP 192.0.2.51,tcp:80\n` +
      bound(IP, '192.0.2.50', '192.0.2.51'),
    rules: [...CLUSTER, LOOP, ...EXTERNAL],
  },
  {
    about: 'an external IP that nothing serves',
    objects: [web({ externalIPs: ['192.0.2.50'] })],
    state: `${vs(`TCP ${IP}:80`)}${vs('TCP 192.0.2.50:80')}${own}set KUBE-EXTERNAL-IP 192.0.2.50,tcp:80\n${bound(IP, '192.0.2.50')}`,
    rules: [...CLUSTER, ...EXTERNAL],
  },
  {
    about: 'an external IP under the Local policy',
    objects: [web({ externalIPs: ['192.0.2.50'], ...LOCAL }), both],
    state:
      vs(`TCP ${IP}:80`, A, B) +
      vs('TCP 192.0.2.50:80', A) +
      `${own}${loop}set KUBE-EXTERNAL-IP-LOCAL 192.0.2.50,tcp:80\n${bound(IP, '192.0.2.50')}`,
    rules: [...CLUSTER, LOOP, ...EXTERNAL_LOCAL],
  },
  {
    about: "an external IP that is the node's own is not bound again",
    objects: [web({ externalIPs: ['172.18.0.2'] }), slice('web', [there(B)])],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 172.18.0.2:80', B)}${own}set KUBE-EXTERNAL-IP 172.18.0.2,tcp:80\n${bound(IP)}`,
    rules: [...CLUSTER, ...EXTERNAL],
  },
  {
    about: 'a load balancer without an address yet: its node port alone',
    objects: [balancer({ ports: [{ port: 80, nodePort: 30080 }] }), slice('web', [there(B)])],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 172.18.0.2:30080', B)}${own}set KUBE-NODE-PORT-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('tcp')],
  },
  {
    about: 'a load balancer with two addresses, one of mode Proxy',
    objects: [
      web({ type: 'LoadBalancer' }, [
        { ip: '203.0.113.9', ipMode: 'VIP' },
        { ip: '203.0.113.8', ipMode: 'Proxy' },
      ]),
      slice('web', [there(B)]),
    ],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 203.0.113.9:80', B)}${own}set KUBE-LOAD-BALANCER 203.0.113.9,tcp:80\n${bound(IP, '203.0.113.9')}`,
    rules: [...CLUSTER, ...BALANCER],
  },
  {
    about: 'a load balancer under the Local policy, with its health check port',
    objects: [
      balancer({ ...LOCAL, ports: [{ port: 80, nodePort: 30080 }], healthCheckNodePort: 32100 }, '203.0.113.9'),
      both,
    ],
    state:
      vs(`TCP ${IP}:80`, A, B) +
      vs('TCP 203.0.113.9:80', A) +
      vs('TCP 172.18.0.2:30080', A) +
      `${own}${loop}set KUBE-LOAD-BALANCER 203.0.113.9,tcp:80\nset KUBE-LOAD-BALANCER-LOCAL 203.0.113.9,tcp:80\n` +
      `set KUBE-NODE-PORT-TCP 30080\nset KUBE-NODE-PORT-LOCAL-TCP 30080\nset KUBE-HEALTH-CHECK-NODE-PORT 32100\n${bound(IP, '203.0.113.9')}`,
    rules: [...CLUSTER, LOOP, ...BALANCER, BALANCER_LOCAL, nodePortRule('tcp', true), nodePortRule('tcp')],
  },
  {
    about: 'source ranges without the node: it may not use the address itself',
    objects: [
      balancer({ loadBalancerSourceRanges: ['198.51.100.0/24'] }, '203.0.113.9', '203.0.113.8'),
      slice('web', [there(B)]),
    ],
    state:
      vs(`TCP ${IP}:80`, B) +
      vs('TCP 203.0.113.9:80', B) +
      vs('TCP 203.0.113.8:80', B) +
      own +
      ['203.0.113.9', '203.0.113.8']
        .map(
          (ip) =>
            `set KUBE-LOAD-BALANCER ${ip},tcp:80\nset KUBE-LOAD-BALANCER-FW ${ip},tcp:80\nset KUBE-LOAD-BALANCER-SOURCE-CIDR ${ip},tcp:80,198.51.100.0/24\n`,
        )
        .join('') +
      bound(IP, '203.0.113.9', '203.0.113.8'),
    rules: [
      ...CLUSTER,
      ...BALANCER,
      FIREWALL,
      SOURCE_CIDR,
      'filter: -A KUBE-IPVS-OUT-FILTER -s 203.0.113.9/32 -m ipvs --vproto 6 --vaddr 203.0.113.9 --vport 80 -j DROP',
      'filter: -A KUBE-IPVS-OUT-FILTER -s 203.0.113.8/32 -m ipvs --vproto 6 --vaddr 203.0.113.8 --vport 80 -j DROP',
    ],
  },
  {
    about: 'a source range of one address, and one that is not a network',
    objects: [
      balancer({ loadBalancerSourceRanges: ['198.51.100.77/32', '192.0.2.9/24'] }, '203.0.113.9'),
      slice('web', [there(B)]),
    ],
    state:
      vs(`TCP ${IP}:80`, B) +
      vs('TCP 203.0.113.9:80', B) +
      own +
      'set KUBE-LOAD-BALANCER 203.0.113.9,tcp:80\nset KUBE-LOAD-BALANCER-FW 203.0.113.9,tcp:80\n' +
      'set KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.9,tcp:80,198.51.100.77\nset KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.9,tcp:80,192.0.2.0/24\n' +
      bound(IP, '203.0.113.9'),
    rules: [
      ...CLUSTER,
      ...BALANCER,
      FIREWALL,
      SOURCE_CIDR,
      'filter: -A KUBE-IPVS-OUT-FILTER -s 203.0.113.9/32 -m ipvs --vproto 6 --vaddr 203.0.113.9 --vport 80 -j DROP',
    ],
  },
  {
    about: 'a source range of all addresses: ipset refuses it, the rule stands all the same',
    objects: [balancer({ loadBalancerSourceRanges: ['0.0.0.0/0'] }, '203.0.113.9'), slice('web', [there(B)])],
    state:
      vs(`TCP ${IP}:80`, B) +
      vs('TCP 203.0.113.9:80', B) +
      own +
      'set KUBE-LOAD-BALANCER 203.0.113.9,tcp:80\nset KUBE-LOAD-BALANCER-FW 203.0.113.9,tcp:80\n' +
      'set KUBE-LOAD-BALANCER-SOURCE-IP 203.0.113.9,tcp:80,203.0.113.9\n' +
      bound(IP, '203.0.113.9'),
    rules: [...CLUSTER, ...BALANCER, FIREWALL, SOURCE_CIDR, SOURCE_IP],
  },
  {
    about: 'session affinity on every address',
    objects: [
      nodePort('TCP', {
        externalIPs: ['192.0.2.50'],
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
      }),
      slice('web', [there(B)]),
    ],
    state:
      vs(`TCP ${IP}:80| persistent 600`, B) +
      vs('TCP 192.0.2.50:80| persistent 600', B) +
      vs('TCP 172.18.0.2:30080| persistent 600', B) +
      `${own}set KUBE-EXTERNAL-IP 192.0.2.50,tcp:80\nset KUBE-NODE-PORT-TCP 30080\n${bound(IP, '192.0.2.50')}`,
    rules: [...CLUSTER, ...EXTERNAL, nodePortRule('tcp')],
  },
  {
    about: 'the internal Local policy',
    objects: [web({ internalTrafficPolicy: 'Local' }), both],
    state: `${vs(`TCP ${IP}:80`, A)}${own}${loop}${bound(IP)}`,
    rules: [...CLUSTER, LOOP],
  },
  {
    about: 'the internal Local policy with nothing on this node: a server of nobody',
    objects: [web({ internalTrafficPolicy: 'Local' }), slice('web', [there(B)])],
    state: `${vs(`TCP ${IP}:80`)}${own}${bound(IP)}`,
    rules: CLUSTER,
  },
  {
    about: 'the internal Local policy of a Service with a node port falls back to all endpoints',
    objects: [nodePort('TCP', { internalTrafficPolicy: 'Local' }), slice('web', [there(B)])],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 172.18.0.2:30080', B)}${own}set KUBE-NODE-PORT-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, nodePortRule('tcp')],
  },
  {
    about: 'both policies Local',
    objects: [nodePort('TCP', { internalTrafficPolicy: 'Local', ...LOCAL }), both],
    state: `${vs(`TCP ${IP}:80`, A)}${vs('TCP 172.18.0.2:30080', A)}${own}${loop}set KUBE-NODE-PORT-TCP 30080\nset KUBE-NODE-PORT-LOCAL-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, LOOP, nodePortRule('tcp', true), nodePortRule('tcp')],
  },
  {
    about: 'only endpoints that are leaving: those that still serve',
    objects: [
      web(),
      slice('web', [here(A, LEAVING), there(B, { ...LEAVING, serving: false }), there('10.244.1.22', LEAVING)]),
    ],
    state: `${vs(`TCP ${IP}:80`, A, '10.244.1.22')}${own}${loop}${bound(IP)}`,
    rules: [...CLUSTER, LOOP],
  },
  {
    about: 'under the Local policy a leaving endpoint of this node is used beside ready ones elsewhere',
    objects: [nodePort('TCP', LOCAL), slice('web', [here(A, LEAVING), there(B)])],
    state: `${vs(`TCP ${IP}:80`, B)}${vs('TCP 172.18.0.2:30080', A)}${own}${loop}set KUBE-NODE-PORT-TCP 30080\nset KUBE-NODE-PORT-LOCAL-TCP 30080\n${bound(IP)}`,
    rules: [...CLUSTER, LOOP, nodePortRule('tcp', true), nodePortRule('tcp')],
  },
  {
    about: 'endpoints that are not ready, but of this node, stand in the set for hairpins',
    objects: [web(), slice('web', [here(A, { ready: false, serving: false }), there(B)])],
    state: `${vs(`TCP ${IP}:80`, B)}${own}${loop}${bound(IP)}`,
    rules: [...CLUSTER, LOOP],
  },
  {
    about: 'masqueradeAll: whoever sends',
    objects: [web(), slice('web', [there(B)])],
    config: 'clusterCIDR: 10.244.0.0/16\niptables:\n  masqueradeAll: true',
    state: `${vs(`TCP ${IP}:80`, B)}${own}${bound(IP)}`,
    rules: [(CLUSTER[0] as string).replace('! -s 10.244.0.0/16 ', ''), CLUSTER[1] as string],
  },
  {
    about: 'Pods told by the bridge they are on',
    objects: [web(), slice('web', [there(B)])],
    config: 'detectLocalMode: BridgeInterface\ndetectLocal:\n  bridgeInterface: cni0',
    state: `${vs(`TCP ${IP}:80`, B)}${own}${bound(IP)}`,
    rules: [(CLUSTER[0] as string).replace('! -s 10.244.0.0/16 ', '! -i cni0 '), CLUSTER[1] as string],
  },
  {
    about: "Pods told by the beginning of their interfaces' names",
    objects: [web(), slice('web', [there(B)])],
    config: 'detectLocalMode: InterfaceNamePrefix\ndetectLocal:\n  interfaceNamePrefix: cali',
    state: `${vs(`TCP ${IP}:80`, B)}${own}${bound(IP)}`,
    rules: [(CLUSTER[0] as string).replace('! -s 10.244.0.0/16 ', '! -i cali+ '), CLUSTER[1] as string],
  },
  {
    about: "Pods told by the node's own range",
    objects: [web(), slice('web', [there(B)])],
    config: 'detectLocalMode: NodeCIDR',
    state: `${vs(`TCP ${IP}:80`, B)}${own}${bound(IP)}`,
    rules: [(CLUSTER[0] as string).replace('10.244.0.0/16', '10.244.7.0/24'), CLUSTER[1] as string],
  },
  {
    about: 'another scheduler',
    objects: [web(), slice('web', [there(B)])],
    config: 'ipvs:\n  scheduler: lc',
    state: `${vs(`TCP ${IP}:80`, B).replace(' rr', ' lc')}${own}${bound(IP)}`,
    rules: CLUSTER,
  },
];

const lines = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

function nodeFor({ objects, config, addresses }: Pick<Case, 'objects' | 'config' | 'addresses'>): TestNode {
  const node = testNode(config ?? '', addresses);
  node.apply([nodeObject(['172.18.0.2', 'fd00::2'], { podCIDRs: ['10.244.7.0/24'] }), ...objects]);
  return node;
}

describe('kube-proxy in IPVS mode, by Service', () => {
  it.each(cases)('$about', (one) => {
    const node = nodeFor(one);
    expect(node.sync()).toBe(true);
    const check = () => {
      expect(stateOf(node.ns).sort()).toEqual(lines(one.state));
      expect(rulesOf(node.ns).sort()).toEqual([...base(), ...one.rules].sort());
    };
    check();
    expect(node.sync()).toBe(true);
    check();
  });

  it('writes each chain in its order', () => {
    const node = nodeFor({
      objects: [
        balancer(
          {
            ...LOCAL,
            externalIPs: ['192.0.2.50'],
            ports: [{ port: 80, nodePort: 30080 }],
            loadBalancerSourceRanges: ['172.18.0.0/16'],
          },
          '203.0.113.9',
        ),
        service('open', { clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'], externalIPs: ['192.0.2.51'] }),
        both,
      ],
    });
    node.sync();
    const chain = (name: string) => rulesOf(node.ns).filter((rule) => rule.includes(`: -A ${name} `));
    expect(chain('KUBE-SERVICES')).toEqual([
      'nat: -A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN',
      BALANCER[0],
      CLUSTER[0],
      ...EXTERNAL,
      ...EXTERNAL_LOCAL,
      'nat: -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT',
      CLUSTER[1],
      BALANCER[1],
    ]);
    expect(chain('KUBE-LOAD-BALANCER')).toEqual([BALANCER_LOCAL, 'nat: -A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ']);
    expect(chain('KUBE-SOURCE-RANGES-FIREWALL')).toEqual([
      SOURCE_CIDR,
      SOURCE_IP,
      'filter: -A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
    ]);
    expect(chain('KUBE-POSTROUTING')[0]).toBe(LOOP);
  });

  it('keeps the families apart: a Service of both has servers, sets and rules of each', () => {
    const node = nodeFor({
      objects: [
        web({
          clusterIPs: [IP, 'fd00:96::1'],
          ipFamilyPolicy: 'PreferDualStack',
          type: 'NodePort',
          ports: [{ port: 80, nodePort: 30080 }],
        }),
        both,
        slice('web', [here('fd00:244::b'), there('fd00:244:1::b')], port('TCP'), 'IPv6'),
      ],
      config: 'clusterCIDR: "10.244.0.0/16,fd00:244::/48"',
      addresses: ['172.18.0.2/16', 'fd00::2/64'],
    });
    node.sync('ip');
    expect(node.sync('ip6')).toBe(true);
    node.sync('ip');
    const state = stateOf(node.ns);
    const six = ['[fd00:244::b]:8080', '[fd00:244:1::b]:8080'];
    expect(state.filter((line) => line.includes('fd00') || line.includes('KUBE-6')).sort()).toEqual(
      [
        ...['[fd00:96::1]:80', '[fd00::2]:30080'].flatMap((at) => [
          `vs TCP ${at} rr`,
          ...six.map((to) => `rs TCP ${at} -> ${to} Masq 1`),
        ]),
        'set KUBE-6-CLUSTER-IP fd00:96::1,tcp:80',
        'set KUBE-6-IPVS-IPS fd00:96::1',
        'set KUBE-6-LOOP-BACK fd00:244::b,tcp:8080,fd00:244::b',
        'set KUBE-6-NODE-PORT-TCP 30080',
      ].sort(),
    );
    expect(state.filter((line) => line.startsWith('vs') && !line.includes('[')).sort()).toEqual([
      `vs TCP ${IP}:80 rr`,
      'vs TCP 172.18.0.2:30080 rr',
    ]);
    const six6 = (rule: string) => rule.replaceAll('set KUBE-', 'set KUBE-6-');
    expect(rulesOf(node.ns, 'ip6').sort()).toEqual(
      [
        ...base(true),
        ...[...CLUSTER, LOOP, nodePortRule('tcp')].map((r) => six6(r).replace('10.244.0.0/16', 'fd00:244::/48')),
      ].sort(),
    );
    expect(rulesOf(node.ns).sort()).toEqual([...base(), ...CLUSTER, LOOP, nodePortRule('tcp')].sort());
  });
});
