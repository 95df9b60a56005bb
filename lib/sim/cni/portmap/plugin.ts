/** portmap: hostPort rules for a container that an earlier plugin has wired. Source: containernetworking/plugins plugins/meta/portmap. */
import { type Prefix, parsePrefix } from '../../addr/ip.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import { type CniCall, type CniPlugin, internal } from '../contract.ts';
import { containerChain, forwardPorts, isForwarded, type PortMapping, unforwardPorts } from './rules.ts';

const MAX_MAPPINGS = 256;
const PROTOCOLS = ['tcp', 'udp', 'sctp'];

/** The mappings of `runtimeConfig`, checked. */
function mappings(call: CniCall): PortMapping[] {
  const given = call.config.runtimeConfig?.portMappings;
  if (!Array.isArray(given)) return [];
  return given.slice(0, MAX_MAPPINGS).map((raw): PortMapping => {
    const m = (raw ?? {}) as Record<string, unknown>;
    const [hostPort, containerPort] = [Number(m.hostPort), Number(m.containerPort)];
    if (!Number.isInteger(containerPort) || containerPort <= 0)
      throw internal(`Invalid container port number: ${m.containerPort}`);
    if (!Number.isInteger(hostPort) || hostPort <= 0) throw internal(`Invalid host port number: ${m.hostPort}`);
    const protocol = String(m.protocol ?? 'tcp').toLowerCase();
    if (!PROTOCOLS.includes(protocol)) throw internal(`unknown protocol ${protocol}`);
    return { hostPort, containerPort, protocol, hostIP: typeof m.hostIP === 'string' ? m.hostIP : '' };
  });
}

/** The container's first IPv4 address. */
function containerAddress(call: CniCall): Prefix | null {
  for (const { address } of call.config.prevResult?.ips ?? []) {
    const prefix = parsePrefix(address);
    if (prefix && typeof prefix.ip === 'number') return prefix;
  }
  return null;
}

export const portmap: CniPlugin = {
  type: 'portmap',
  about: 'CNI portmap plugin version unknown',
  *add(call) {
    const { prevResult } = call.config;
    if (!prevResult) throw internal('must be called as chained plugin');
    const wanted = mappings(call);
    const address = containerAddress(call);
    if (wanted.length === 0 || !address) return prevResult;
    const { world, netns, host } = call.proc;
    const snat = call.config.snat !== false;
    forwardPorts(world, netns, call, address, wanted, snat);
    // So that 127.0.0.1 works as an address of a forwarded port.
    const route = snat ? lookupRoute(world, netns, { dst: address.ip }) : null;
    const device = route?.ok ? netns.links.get(route.dev) : undefined;
    if (device) setSysctl(world, host, netns, `net.ipv4.conf.${device.name}.route_localnet`, '1');
    return prevResult;
  },
  *check(call) {
    if (!call.config.prevResult) throw internal('Required prevResult missing');
    if (mappings(call).length === 0) return;
    // The release checks both families, whether or not the container has addresses of both.
    const family = isForwarded(call.proc.netns, call) ? 'ipv6' : 'ipv4';
    throw internal(`could not check ${family} dnat: chain ${containerChain(call)} not found in iptables table nat`);
  },
  *del(call) {
    unforwardPorts(call.proc.world, call.proc.netns, call);
  },
};
