/** What a random script has built so far: enough of it that most of its commands make sense. */
import type { Step } from '../record.ts';
import { Random } from './random.ts';

export type Kind = 'veth' | 'bridge' | 'vxlan' | 'macvlan' | 'ifb';

export interface Device {
  ns: string;
  name: string;
  kind: Kind;
  /** `10.0.1.1/24`; IPv6 addresses too. */
  addresses: string[];
  master?: string;
}

/** A family of tables with the chains that the script made: names by table. */
export type Chains = Map<string, string[]>;

export class Lab {
  readonly random: Random;
  readonly steps: Step[] = [];
  readonly namespaces: string[] = [];
  readonly devices: Device[] = [];
  /** By namespace. */
  readonly chains = new Map<string, Chains>();
  readonly ipsets = new Map<string, Map<string, string>>();
  /** iptables rules given so far, for -D and -C: [namespace, table, chain, rule]. */
  readonly rules: [ns: string, table: string, chain: string, rule: string][] = [];
  readonly routes: [ns: string, route: string][] = [];
  readonly policies: [ns: string, rule: string][] = [];
  readonly nft = new Map<string, NftTable[]>();
  v6 = false;
  private macs = 0;
  private ports = 40000;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  run(cmd: string, stdin?: string): void {
    this.steps.push(stdin === undefined ? { cmd } : { cmd, stdin });
  }

  /** Fixed MAC addresses, so that a recording can be compared. */
  mac(): string {
    this.macs++;
    return `02:00:00:00:${(this.macs >> 8).toString(16).padStart(2, '0')}:${(this.macs & 255).toString(16).padStart(2, '0')}`;
  }

  /** A source port nobody used yet. */
  port(): number {
    return ++this.ports;
  }

  addNamespace(ns: string): void {
    this.run(
      `ip netns add ${ns} && ip netns exec ${ns} sysctl -qw net.ipv6.conf.all.disable_ipv6=${this.v6 ? 0 : 1} net.ipv4.icmp_ratelimit=0${this.v6 ? ' net.ipv6.icmp.ratelimit=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0' : ''} && ip -n ${ns} link set lo up`,
    );
    this.namespaces.push(ns);
    this.devices.push({ ns, name: 'lo', kind: 'veth', addresses: ['127.0.0.1/8'] });
  }

  get ns(): string {
    return this.random.pick(this.namespaces);
  }

  in(ns: string): Device[] {
    return this.devices.filter((d) => d.ns === ns);
  }

  /** A device, seldom lo. */
  device(where: (d: Device) => boolean = () => true): Device | null {
    const all = this.devices.filter(where);
    const real = all.filter((d) => d.name !== 'lo');
    if (real.length > 0 && this.random.chance(0.95)) return this.random.pick(real);
    return all.length > 0 ? this.random.pick(all) : null;
  }

  find(ns: string, name: string): Device | undefined {
    return this.devices.find((d) => d.ns === ns && d.name === name);
  }

  forget(device: Device): void {
    const at = this.devices.indexOf(device);
    if (at >= 0) this.devices.splice(at, 1);
  }

  /** Some namespace's own IPv4 address, with its owner. */
  owned(v6 = false): { ns: string; address: string } | null {
    const all = this.devices.flatMap((d) =>
      d.addresses
        .filter((a) => a.includes(':') === v6 && !a.startsWith('127.'))
        .map((a) => ({ ns: d.ns, address: a.replace(/\/.*/, '') })),
    );
    return all.length > 0 ? this.random.pick(all) : null;
  }

  /** An IPv4 address: often one that is in use, a neighbour of one, or any. */
  address(): string {
    const { random } = this;
    const owned = this.owned()?.address;
    if (owned && random.chance(0.6)) return owned;
    if (owned && random.chance(0.5)) return owned.replace(/\d+$/, String(random.int(1, 254)));
    return random.pick([
      '192.0.2.7',
      '198.51.100.9',
      '203.0.113.1',
      '10.96.0.10',
      '10.200.3.4',
      '172.16.5.5',
      '8.8.8.8',
    ]);
  }

  address6(): string {
    return this.owned(true)?.address ?? this.random.pick(['2001:db8:9::9', 'fd00::99']);
  }

  prefix(): string {
    const { random } = this;
    return random.weighted([
      [3, () => `10.${random.int(20, 30)}.${random.int(0, 3)}.0/24`],
      [2, () => `10.${random.int(40, 50)}.0.0/16`],
      [2, () => this.address()],
      [1, () => `${this.address()}/32`],
      [
        1,
        () =>
          random.pick(['192.168.0.0/16', '172.16.0.0/12', '10.0.0.0/8', '0.0.0.0/0', '10.7.7.128/25', '10.9.9.8/30']),
      ],
    ])();
  }
}

export interface NftTable {
  family: string;
  name: string;
  chains: string[];
  sets: { name: string; type: string; map: boolean }[];
}

/** `ip -n NAME`. */
export const ip = (ns: string, flags = ''): string => `ip ${flags ? `${flags} ` : ''}-n ${ns}`;
/** `ip netns exec NAME`. */
export const exec = (ns: string): string => `ip netns exec ${ns}`;
