/** Modules that put a device of their own into every namespace: ipip's `tunl0`, ip_gre's three. */
import type { Host, World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import { addLink } from './ops.ts';

/** Fallback devices by module, in the order in which it makes them. */
const FALLBACKS: Readonly<Record<string, readonly [name: string, kind: string][]>> = {
  ipip: [['tunl0', 'ipip']],
  ip_gre: [
    ['gre0', 'gre'],
    ['gretap0', 'gretap'],
    ['erspan0', 'erspan'],
  ],
};

/** The module that a link kind needs and that is not loaded from the start. */
const MODULE_OF: Readonly<Record<string, string>> = { ipip: 'ipip', gre: 'ip_gre', gretap: 'ip_gre', erspan: 'ip_gre' };

function addFallbacks(world: World, ns: NetNs, module: string): void {
  for (const [name, kind] of FALLBACKS[module] ?? []) {
    addLink(world, ns, { kind, name, data: { fallback: true, pmtudisc: false } });
  }
}

/** Gives a new namespace the devices of the modules that are loaded. */
export function addFallbackTunnels(world: World, host: Host, ns: NetNs): void {
  for (const module of host.modules) if (FALLBACKS[module]) addFallbacks(world, ns, module);
}

/** Loads a tunnel module: every namespace of the host, now and later, has its devices. */
export function loadTunnelModule(world: World, host: Host, module: string): void {
  if (!FALLBACKS[module] || host.modules.has(module)) return;
  host.modules.add(module);
  for (const id of host.namespaces) {
    const ns = world.netns.get(id);
    if (ns) addFallbacks(world, ns, module);
  }
}

/** What the first link of a kind brings with it: request_module("rtnl-link-KIND"). */
export function loadModuleOf(world: World, host: Host, kind: string): void {
  const module = MODULE_OF[kind];
  if (module) loadTunnelModule(world, host, module);
}
