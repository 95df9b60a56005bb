/**
 * ptp: a veth pair between container and host, without a bridge; the host routes to the container's address. Source:
 * containernetworking/plugins plugins/main/ptp.
 */
import { network, parsePrefix } from '../../addr/ip.ts';
import { nextU32 } from '../../kernel/rng.ts';
import { addAddress } from '../../linux/addr/ops.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, deleteLink, findLink, setLink } from '../../linux/link/ops.ts';
import { addRoute, deleteRoute, type RouteSpec } from '../../linux/route/ops.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import type { Link, NetNs } from '../../linux/types.ts';
import { configureContainer, macText } from '../bridge/wire.ts';
import { type CniCall, type CniIp, type CniPlugin, type CniResult, internal } from '../contract.ts';
import { execPlugin, type PluginEnv } from '../exec.ts';
import { addMasquerade, removeMasquerade } from '../masquerade.ts';
import { findNetns, openNetns } from '../netns.ts';
import { containerQueue } from '../release.ts';

const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;

const envOf = (call: CniCall, command: string): PluginEnv => ({
  command,
  containerId: call.containerId,
  netns: call.netns,
  ifname: call.ifname,
  args: call.args,
  path: call.path,
});

function parse({ address, gateway }: CniIp) {
  const prefix = parsePrefix(address);
  const via = gateway === undefined ? null : parsePrefix(gateway);
  if (!prefix || !via) throw internal(`invalid CIDR address: ${address}`);
  return { ip: prefix.ip, len: prefix.len, gateway: via.ip, bits: typeof prefix.ip === 'bigint' ? 128 : 32 };
}

/** The container reaches everything, its own subnet too, through the host. */
function containerRoutes(call: CniCall, ns: NetNs, link: Link, given: CniIp): void {
  const { ip, len, gateway, bits } = parse(given);
  const { world } = call.proc;
  const subnet = { ip: network(ip, len), len };
  const set = (spec: RouteSpec): void => {
    const error = addRoute(world, ns, spec, 'add');
    if (error) throw internal(`failed to add route: ${error.errno}`);
  };
  deleteRoute(world, ns, { dst: subnet, scope: RT_SCOPE_LINK, nexthops: [{ dev: link.ifindex }] });
  set({ dst: { ip: gateway, len: bits }, scope: RT_SCOPE_LINK, src: ip, nexthops: [{ dev: link.ifindex }] });
  set({ dst: subnet, src: ip, nexthops: [{ gateway, dev: link.ifindex }] });
}

function hostSide(call: CniCall, link: Link, given: CniIp): void {
  const { ip, gateway, bits } = parse(given);
  const { world, netns } = call.proc;
  addAddress(world, netns, link, { local: gateway, len: bits });
  addRoute(world, netns, { dst: { ip, len: bits }, scope: RT_SCOPE_HOST, nexthops: [{ dev: link.ifindex }] }, 'add');
}

export const ptp: CniPlugin = {
  type: 'ptp',
  about: 'CNI ptp plugin version unknown',
  *add(call) {
    const { proc, config } = call;
    const { world, netns: hostNs, host } = proc;
    const ipam = yield* execPlugin(proc, config.ipam?.type ?? '', envOf(call, 'ADD'), call.stdin);
    const ips = ipam?.ips ?? [];
    if (ips.length === 0) throw internal('IPAM plugin returned missing IP config');
    const ns = openNetns(call, `failed to open netns "${call.netns}": `);
    if (findLink(ns, call.ifname)) throw internal(`container veth name provided (${call.ifname}) already exists`);
    const mtu = typeof config.mtu === 'number' && config.mtu > 0 ? { mtu: config.mtu } : {};
    const name = `veth${nextU32(world.rng).toString(16).padStart(8, '0')}`;
    const made = addLink(world, ns, {
      kind: 'veth',
      name: call.ifname,
      ...mtu,
      ...containerQueue(proc),
      peer: { name, ...mtu },
      peerNs: hostNs,
    });
    if (isNlError(made)) throw internal(`failed to make veth pair: ${made.errno}`);
    const peer = findLink(hostNs, name);
    if (!peer) throw internal(`failed to lookup "${name}": Link not found`);
    setLink(world, hostNs, peer, { up: true });
    configureContainer(world, ns, made, ips, ipam?.routes ?? []);
    for (const ip of ips) containerRoutes(call, ns, made, ip);
    for (const ip of ips) hostSide(call, peer, ip);
    setSysctl(world, host, hostNs, 'net.ipv4.ip_forward', '1');
    if (config.ipMasq === true) for (const { address } of ips) addMasquerade(world, hostNs, call, address);
    const result: CniResult = {
      cniVersion: config.cniVersion ?? '0.1.0',
      interfaces: [
        { name, mac: macText(peer) },
        { name: call.ifname, mac: macText(made), sandbox: call.netns },
      ],
      ips: ips.map(({ address, gateway }) => ({
        interface: 1,
        address,
        ...(gateway === undefined ? {} : { gateway }),
      })),
      ...(ipam?.routes ? { routes: ipam.routes } : {}),
      dns: {},
    };
    return result;
  },
  *check(call) {
    yield* execPlugin(call.proc, call.config.ipam?.type ?? '', envOf(call, 'CHECK'), call.stdin);
    if (!findLink(openNetns(call), call.ifname))
      throw internal(`interface "${call.ifname}" not found in "${call.netns}"`);
  },
  *del(call) {
    const { proc, config } = call;
    yield* execPlugin(proc, config.ipam?.type ?? '', envOf(call, 'DEL'), call.stdin);
    const ns = findNetns(call);
    const link = ns && findLink(ns, call.ifname);
    if (!ns || !link) return;
    const { addrs } = link;
    deleteLink(proc.world, ns, link);
    if (config.ipMasq === true) removeMasquerade(proc.world, proc.netns, call, addrs);
  },
};
