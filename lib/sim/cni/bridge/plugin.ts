/**
 * bridge: connects a container to a bridge of the host by a veth pair; addresses come from an IPAM plugin.
 * Source: containernetworking/plugins plugins/main/bridge/bridge.go.
 */
import { parsePrefix } from '../../addr/ip.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import { type CniCall, type CniPlugin, type CniResult, type CniRoute, internal } from '../contract.ts';
import { execPlugin, type PluginEnv } from '../exec.ts';
import { addMasquerade, removeMasquerade } from '../masquerade.ts';
import { findNetns, openNetns } from '../netns.ts';
import { containerQueue } from '../release.ts';
import { type BridgeConfig, readBridge } from './config.ts';
import { configureContainer, ensureBridge, ensureGateway, macText, removeVeth, setupVeth } from './wire.ts';

const envOf = (call: CniCall, command: string): PluginEnv => ({
  command,
  containerId: call.containerId,
  netns: call.netns,
  ifname: call.ifname,
  args: call.args,
  path: call.path,
});

/** The routes for the container: IPAM's, and the default one when asked for. */
function routesFor(conf: BridgeConfig, ipam: CniResult): CniRoute[] {
  const routes = [...(ipam.routes ?? [])];
  if (!conf.isDefaultGateway) return routes;
  for (const ip of ipam.ips ?? []) {
    if (!ip.gateway) continue;
    const dst = ip.address.includes(':') ? '::/0' : '0.0.0.0/0';
    if (!routes.some((r) => r.dst === dst)) routes.push({ dst, gw: ip.gateway });
  }
  return routes;
}

export const bridge: CniPlugin = {
  type: 'bridge',
  about: 'CNI bridge plugin version unknown',
  *add(call) {
    const { proc } = call;
    const { world, netns: hostNs, host } = proc;
    const conf = readBridge(call.config);
    const br = ensureBridge(world, hostNs, conf.bridge, conf.mtu, conf.promiscMode);
    const { mac } = br;
    const ns = openNetns(call, 'failed to open netns "' + call.netns + '": ');
    const pair = setupVeth(world, hostNs, ns, br, call.ifname, conf.mtu, conf.hairpinMode, containerQueue(proc));
    const result: CniResult = { cniVersion: call.config.cniVersion ?? '0.1.0' };
    const interfaces = () => [
      { name: br.name, mac: macText(br) },
      { name: pair.host.name, mac: macText(pair.host) },
      { name: pair.container.name, mac: macText(pair.container), sandbox: call.netns },
    ];
    if (conf.ipamType === '') {
      configureContainer(world, ns, pair.container, [], []);
      return { ...result, interfaces: interfaces(), dns: {} };
    }
    const ipam = yield* execPlugin(proc, conf.ipamType, envOf(call, 'ADD'), call.stdin);
    if (!ipam?.ips || ipam.ips.length === 0) throw internal('IPAM plugin returned missing IP config');
    const routes = routesFor(conf, ipam);
    setSysctl(world, host, ns, `net.ipv4.conf.${call.ifname}.arp_notify`, '1');
    configureContainer(world, ns, pair.container, ipam.ips, routes);
    if (conf.isGateway) {
      for (const ip of ipam.ips) {
        const gateway = ip.gateway === undefined ? null : parsePrefix(ip.gateway);
        const prefix = parsePrefix(ip.address);
        if (gateway && prefix) ensureGateway(world, hostNs, br, gateway.ip, prefix.len, mac);
      }
      setSysctl(world, host, hostNs, 'net.ipv4.ip_forward', '1');
    }
    if (conf.ipMasq) for (const ip of ipam.ips) addMasquerade(world, hostNs, call, ip.address);
    const ips = ipam.ips.map(({ address, gateway }) => ({
      interface: 2,
      address,
      ...(gateway === undefined ? {} : { gateway }),
    }));
    return { ...result, interfaces: interfaces(), ips, ...(routes.length > 0 ? { routes } : {}), dns: {} };
  },
  *check(call) {
    const conf = readBridge(call.config);
    if (conf.ipamType !== '') yield* execPlugin(call.proc, conf.ipamType, envOf(call, 'CHECK'), call.stdin);
    const ns = openNetns(call);
    if (![...ns.links.values()].some((link) => link.name === call.ifname))
      throw internal(`interface "${call.ifname}" not found in "${call.netns}"`);
  },
  *del(call) {
    const { proc } = call;
    const conf = readBridge(call.config);
    if (conf.ipamType !== '') yield* execPlugin(proc, conf.ipamType, envOf(call, 'DEL'), call.stdin);
    const ns = findNetns(call);
    if (!ns) return;
    const addresses = [...ns.links.values()].find((link) => link.name === call.ifname)?.addrs ?? [];
    removeVeth(proc.world, ns, call.ifname);
    if (conf.ipMasq) removeMasquerade(proc.world, proc.netns, call, addresses);
  },
};
