/** Address ranges of host-local's configuration. Source: containernetworking/plugins plugins/ipam/host-local/backend/allocator. */
import { broadcast4, formatIp, type Ip, inPrefix, network, type Prefix, parseIp, parsePrefix } from '../../addr/ip.ts';
import { type CniConfig, type CniRoute, internal } from '../contract.ts';

export interface Range {
  subnet: Prefix;
  start: Ip;
  end: Ip;
  gateway: Ip;
}

export interface IpamConfig {
  /** Sets of ranges: one address comes out of each. */
  sets: Range[][];
  routes: CniRoute[];
  dataDir: string;
  resolvConf?: string;
}

const next = (ip: Ip, by = 1): Ip => (typeof ip === 'bigint' ? ip + BigInt(by) : ip + by);

const address = (text: unknown, what: string): Ip | undefined => {
  if (text === undefined || text === '') return undefined;
  const ip = parseIp(String(text));
  if (ip === null) throw internal(`invalid IP address: ${what} ${String(text)}`);
  return ip;
};

/** A range with what the configuration leaves open filled in. */
function canonical(raw: Record<string, unknown>): Range {
  const text = String(raw.subnet ?? '');
  const parsed = parsePrefix(text);
  if (!parsed || !text.includes('/')) throw internal(`invalid CIDR address: ${text}`);
  const subnet = { ip: network(parsed.ip, parsed.len), len: parsed.len };
  const v6 = typeof subnet.ip === 'bigint';
  if (subnet.len > (v6 ? 126 : 30))
    throw internal(`Network {${formatIp(subnet.ip)} ${'ffffffff'}} too small to allocate from`);
  if (subnet.ip !== parsed.ip)
    throw internal(
      `Network has host bits set. For a subnet mask of length ${subnet.len} the network address is ${formatIp(subnet.ip)}`,
    );
  const last =
    typeof subnet.ip === 'bigint'
      ? subnet.ip + (1n << BigInt(128 - subnet.len)) - 1n
      : broadcast4(subnet.ip, subnet.len) - 1;
  const range: Range = {
    subnet,
    start: address(raw.rangeStart, 'rangeStart') ?? next(subnet.ip),
    end: address(raw.rangeEnd, 'rangeEnd') ?? last,
    gateway: address(raw.gateway, 'gateway') ?? next(subnet.ip),
  };
  for (const ip of [range.start, range.end])
    if (!inPrefix(ip, subnet))
      throw internal(`RangeStart ${formatIp(ip)} not in network ${formatIp(subnet.ip)}/${subnet.len}`);
  return range;
}

/** `10.1.0.1-10.1.0.2`, sets joined by commas. */
export const rangesText = (set: Range[]): string => set.map((r) => `${formatIp(r.start)}-${formatIp(r.end)}`).join(',');

/** Reads the `ipam` part of a plugin's configuration. */
export function readIpam(config: CniConfig): IpamConfig {
  const { ipam } = config;
  if (!ipam) throw internal("IPAM config missing 'ipam' key");
  const sets: Range[][] = [];
  if (ipam.subnet !== undefined) sets.push([canonical(ipam)]);
  if (Array.isArray(ipam.ranges)) {
    for (const set of ipam.ranges.slice(0, 16) as unknown[]) {
      const list = Array.isArray(set) ? set.slice(0, 64) : [];
      if (list.length === 0) throw internal('empty range set');
      sets.push(list.map((r) => canonical((r ?? {}) as Record<string, unknown>)));
    }
  }
  if (sets.length === 0) throw internal('no IP ranges specified');
  return {
    sets,
    routes: Array.isArray(ipam.routes) ? (ipam.routes as CniRoute[]) : [],
    dataDir: typeof ipam.dataDir === 'string' && ipam.dataDir !== '' ? ipam.dataDir : '/var/lib/cni/networks',
  };
}
