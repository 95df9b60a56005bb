/** Finding Pods and Services as programs and probes need them. */
import { type Ip, parseIp } from '../addr/ip.ts';
import type { Machine, SpawnOptions } from '../kernel/machine.ts';
import type { Container, Host } from '../kernel/world.ts';
import { getObject } from './store/store.ts';
import type { KubeObject } from './types.ts';

export interface FoundPod {
  object: KubeObject;
  host: Host;
  ip: Ip;
}

/** A Pod that has an address, or null. */
export function findPod(machine: Machine, namespace: string, name: string): FoundPod | null {
  const object = getObject(machine.world, 'pods', namespace, name);
  const ip = parseIp(String(object?.status?.podIP ?? ''));
  const host = machine.world.hosts.get(String(object?.spec?.nodeName ?? ''));
  return object && host && ip !== null ? { object, host, ip } : null;
}

/** A Service's ClusterIP, or null (headless, ExternalName, none). */
export function findService(machine: Machine, namespace: string, name: string): Ip | null {
  return parseIp(String(getObject(machine.world, 'services', namespace, name)?.spec?.clusterIP ?? ''));
}

/** A Pod's container by name, the latest of that name; its first when no name is given. */
export function findContainer(
  machine: Machine,
  namespace: string,
  name: string,
  container?: string,
): { host: Host; container: Container } | null {
  const object = getObject(machine.world, 'pods', namespace, name);
  const host = machine.world.hosts.get(String(object?.spec?.nodeName ?? ''));
  if (!object || !host) return null;
  const wanted = container ?? object.spec?.containers?.[0]?.name;
  let found: Container | null = null;
  for (const c of host.containers.values()) if (c.podUid === object.metadata.uid && c.name === wanted) found = c;
  return found && { host, container: found };
}

/** How a program is started in a Pod's container: its namespace, root, host name and environment. Null when it does not run. */
export function podSpawnOptions(
  machine: Machine,
  namespace: string,
  name: string,
  container?: string,
): Omit<SpawnOptions, 'argv'> | null {
  const found = findContainer(machine, namespace, name, container);
  const netns = found && machine.world.netns.get(found.container.netns);
  if (!found || !netns || found.container.exited !== null) return null;
  const { host, container: c } = found;
  return { host, netns, root: c.root, hostname: c.hostname, container: c.id, cwd: '/', env: new Map(c.env) };
}
