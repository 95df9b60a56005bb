/** The rules that kube-proxy writes for N Services of three endpoints each, as text for iptables-restore. */
import { createHash } from 'node:crypto';

/** Where the Services that are called lead: the Pods of {@link ../topology}, on other nodes than the caller's. */
export const LIVE_ENDPOINTS = ['10.244.2.2', '10.244.3.2', '10.244.2.3'] as const;

const ENDPOINTS = 3;
const PROBABILITY = ['0.33333333349', '0.50000000000'];
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 16 base32 digits of a SHA-256: how kube-proxy names the chains of a Service and of its endpoints. */
function chainSuffix(name: string): string {
  const bytes = createHash('sha256').update(name).digest();
  let text = '';
  for (let i = 0; i < 16; i++) {
    const bit = i * 5;
    const pair = ((bytes[bit >> 3] as number) << 8) | (bytes[(bit >> 3) + 1] as number);
    text += BASE32[(pair >> (11 - (bit & 7))) & 31];
  }
  return text;
}

/** ClusterIP of Service `i`, counted from 0. */
export function clusterIp(i: number): string {
  const n = 10 + i;
  return `10.${96 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

function endpoint(i: number, e: number, live: boolean): string {
  if (live) return LIVE_ENDPOINTS[e] as string;
  const n = i * ENDPOINTS + e;
  return `10.244.${4 + (((n / 250) | 0) % 250)}.${2 + (n % 250)}`;
}

interface Service {
  chains: string[];
  /** The rule of KUBE-SERVICES, without `-A` and its chain. */
  entry: string;
  rules: string[];
}

function service(i: number, live: boolean): Service {
  const name = `ns-${i % 20}/svc-${i}:http`;
  const svc = `KUBE-SVC-${chainSuffix(name)}`;
  const ip = clusterIp(i);
  const to = `-m comment --comment "${name} cluster IP" -m tcp -p tcp -d ${ip} --dport 80`;
  const chains = [svc];
  const rules = [`-A ${svc} ${to} ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`];
  const own: string[] = [];
  for (let e = 0; e < ENDPOINTS; e++) {
    const address = endpoint(i, e, live);
    const sep = `KUBE-SEP-${chainSuffix(`${name}${address}:8080`)}`;
    chains.push(sep);
    const chance = e < ENDPOINTS - 1 ? ` -m statistic --mode random --probability ${PROBABILITY[e]}` : '';
    rules.push(`-A ${svc} -m comment --comment "${name} -> ${address}:8080"${chance} -j ${sep}`);
    own.push(
      `-A ${sep} -m comment --comment "${name}" -s ${address} -j KUBE-MARK-MASQ`,
      `-A ${sep} -m comment --comment "${name}" -m tcp -p tcp -j DNAT --to-destination ${address}:8080`,
    );
  }
  return { chains, entry: `${to} -j ${svc}`, rules: [...rules, ...own] };
}

const PORTALS = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const NODEPORTS =
  '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS';

/** The Services that lead to living Pods: the first, the middle one and the last. */
export const liveServices = (count: number): number[] => [...new Set([0, count >> 1, count - 1])];

/** The whole table for `count` Services. */
export function fullTable(count: number): string {
  const live = new Set(liveServices(count));
  const all = Array.from({ length: count }, (_, i) => service(i, live.has(i)));
  return `${[
    '*nat',
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((c) => `:${c} ACCEPT [0:0]`),
    ...['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'].map((c) => `:${c} - [0:0]`),
    ...all.flatMap((s) => s.chains.map((c) => `:${c} - [0:0]`)),
    `-A PREROUTING ${PORTALS}`,
    `-A OUTPUT ${PORTALS}`,
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
    '-A KUBE-POSTROUTING -j MASQUERADE --random-fully',
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
    ...all.flatMap((s) => [`-A KUBE-SERVICES ${s.entry}`, ...s.rules]),
    NODEPORTS,
    'COMMIT',
  ].join('\n')}\n`;
}

/** One more Service as a delta for `--noflush`: its chains, and one rule inserted before the others. */
export function deltaTable(i: number): string {
  const s = service(i, false);
  return `${['*nat', ...s.chains.map((c) => `:${c} - [0:0]`), `-I KUBE-SERVICES ${s.entry}`, ...s.rules, 'COMMIT'].join('\n')}\n`;
}

/** One more Service as kube-proxy sends it since 1.27: KUBE-SERVICES whole, and the chains of the new Service alone. */
export function partialTable(i: number): string {
  const s = service(i, false);
  const entries = Array.from({ length: i + 1 }, (_, k) => `-A KUBE-SERVICES ${service(k, false).entry}`);
  return `${['*nat', ':KUBE-SERVICES - [0:0]', ...s.chains.map((c) => `:${c} - [0:0]`), ...entries, ...s.rules, NODEPORTS, 'COMMIT'].join('\n')}\n`;
}
