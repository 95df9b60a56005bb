/**
 * host-local: hands out addresses of a range and remembers them in files of the host. An address follows the one
 * handed out last, so that freed ones rest. Source: containernetworking/plugins plugins/ipam/host-local.
 */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import { type Vfs, vfsOf } from '../../shell/vfs/vfs.ts';
import { type CniCall, type CniIp, type CniPlugin, internal } from '../contract.ts';
import { type Range, rangesText, readIpam } from './ranges.ts';

/** Scanning a range stops here: a /8 that is full must not hang. */
const MAX_SCAN = 70_000;

const folderOf = (call: CniCall, dataDir: string): string => `${dataDir}/${call.config.name}`;
const owner = (call: CniCall): string => `${call.containerId}\r\n${call.ifname}`;

function makeDirs(vfs: Vfs, path: string): void {
  let at = '';
  for (const part of path.split('/').filter(Boolean)) {
    at += `/${part}`;
    if (!vfs.exists(at)) vfs.mkdir(at);
  }
}

/** Addresses asked for by CNI_ARGS (`IP=…`), by `args.cni.ips` and by the `ips` capability. */
function requested(call: CniCall): Ip[] {
  const texts: unknown[] = [];
  const arg = /(?:^|;)IP=([^;]+)/.exec(call.args)?.[1];
  if (arg) texts.push(...arg.split(','));
  const cni = (call.config.args as { cni?: { ips?: unknown } } | undefined)?.cni;
  if (Array.isArray(cni?.ips)) texts.push(...cni.ips);
  if (Array.isArray(call.config.runtimeConfig?.ips)) texts.push(...(call.config.runtimeConfig.ips as unknown[]));
  return texts.flatMap((t) => parseIp(String(t).split('/')[0] as string) ?? []);
}

const inRange = (ip: Ip, r: Range): boolean => typeof ip === typeof r.start && ip >= r.start && ip <= r.end;

/** Addresses of a set from the one after `last` around to it, the gateways left out. */
function* candidates(set: Range[], last: Ip | null): Generator<{ ip: Ip; range: Range }> {
  const at = last === null ? -1 : set.findIndex((r) => inRange(last, r));
  const order = at < 0 ? set : [...set.slice(at), ...set.slice(0, at + 1)];
  let scanned = 0;
  for (let i = 0; i < order.length; i++) {
    const range = order[i] as Range;
    const first = i === 0 && at >= 0 && last !== null ? (typeof last === 'bigint' ? last + 1n : last + 1) : range.start;
    for (let ip = first; ip <= range.end; typeof ip === 'bigint' ? ip++ : ip++) {
      if (++scanned > MAX_SCAN) return;
      if (ip !== range.gateway) yield { ip, range };
    }
  }
}

function allocate(call: CniCall, vfs: Vfs, folder: string, set: Range[], index: number, wanted: Ip | undefined): CniIp {
  for (const name of readdir(vfs, folder)) {
    const text = vfs.readFile(`${folder}/${name}`);
    const ip = parseIp(name);
    if (ip !== null && text.ok && text.value.trim() === owner(call) && set.some((r) => inRange(ip, r))) {
      throw internal(
        `failed to allocate for range ${index}: ${name} has been allocated to ${call.containerId}, duplicate allocation is not allowed`,
      );
    }
  }
  const reserve = (ip: Ip, range: Range): CniIp => {
    vfs.writeFile(`${folder}/${formatIp(ip)}`, owner(call));
    vfs.writeFile(`${folder}/last_reserved_ip.${index}`, formatIp(ip));
    return { address: `${formatIp(ip)}/${range.subnet.len}`, gateway: formatIp(range.gateway) };
  };
  if (wanted !== undefined) {
    const range = set.find((r) => inRange(wanted, r)) as Range;
    if (wanted === range.gateway)
      throw internal(`failed to allocate for range ${index}: requested IP ${formatIp(wanted)} is subnet's gateway`);
    if (vfs.exists(`${folder}/${formatIp(wanted)}`))
      throw internal(
        `failed to allocate for range ${index}: requested IP address ${formatIp(wanted)} is not available in range set ${rangesText(set)}`,
      );
    return reserve(wanted, range);
  }
  const last = vfs.readFile(`${folder}/last_reserved_ip.${index}`);
  for (const { ip, range } of candidates(set, last.ok ? parseIp(last.value.trim()) : null)) {
    if (!vfs.exists(`${folder}/${formatIp(ip)}`)) return reserve(ip, range);
  }
  throw internal(`failed to allocate for range ${index}: no IP addresses available in range set: ${rangesText(set)}`);
}

const readdir = (vfs: Vfs, folder: string): string[] => {
  const names = vfs.readdir(folder);
  return names.ok ? names.value : [];
};

export const hostLocal: CniPlugin = {
  type: 'host-local',
  about: 'CNI host-local plugin version unknown',
  *add(call) {
    const ipam = readIpam(call.config);
    const vfs = vfsOf(call.proc);
    const folder = folderOf(call, ipam.dataDir);
    const asked = requested(call);
    makeDirs(vfs, folder);
    if (!vfs.exists(`${folder}/lock`)) vfs.writeFile(`${folder}/lock`, '');
    const ips: CniIp[] = [];
    try {
      for (const [index, set] of ipam.sets.entries()) {
        const at = asked.findIndex((ip) => set.some((r) => inRange(ip, r)));
        const [wanted] = at < 0 ? [] : asked.splice(at, 1);
        ips.push(allocate(call, vfs, folder, set, index, wanted));
      }
      if (asked.length > 0) throw internal(`failed to allocate all requested IPs: ${asked.map(formatIp).join(' ')}`);
    } catch (error) {
      for (const { address } of ips) vfs.unlink(`${folder}/${address.split('/')[0]}`);
      throw error;
    }
    const result = { cniVersion: call.config.cniVersion ?? '0.1.0', ips };
    return ipam.routes.length > 0 ? { ...result, routes: ipam.routes, dns: {} } : { ...result, dns: {} };
  },
  *check(call) {
    const ipam = readIpam(call.config);
    const vfs = vfsOf(call.proc);
    const folder = folderOf(call, ipam.dataDir);
    const held = readdir(vfs, folder).some((name) => {
      const text = vfs.readFile(`${folder}/${name}`);
      return text.ok && text.value.trim() === owner(call);
    });
    if (!held) throw internal(`host-local: Failed to find address added by container ${call.containerId}`);
  },
  *del(call) {
    const ipam = readIpam(call.config);
    const vfs = vfsOf(call.proc);
    const folder = folderOf(call, ipam.dataDir);
    for (const name of readdir(vfs, folder)) {
      const text = vfs.readFile(`${folder}/${name}`);
      if (parseIp(name) !== null && text.ok && text.value.trim() === owner(call)) vfs.unlink(`${folder}/${name}`);
    }
  },
};
