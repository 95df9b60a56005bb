/** Names of kube-proxy's chains and sets in nftables mode. Source: kubernetes/kubernetes pkg/proxy/nftables/proxier.go (hashAndTruncate). */
import { base32, sha256 } from '../../../text/sha2.ts';
import type { Endpoint, ServicePort } from '../service-ports.ts';

/** knftables.NameLengthMax without the longest prefix. */
const MAX_LENGTH = 240;

/** Names already made; emptied when they grow past any real cluster. */
const known = new Map<string, string>();
const MAX_KNOWN = 50_000;

/** A name behind a hash of itself: cut off at the end, it still is one of a kind. */
function hashed(name: string): string {
  let found = known.get(name);
  if (found !== undefined) return found;
  if (known.size > MAX_KNOWN) known.clear();
  found = `${base32(sha256(name), 8)}-${name}`;
  if (found.length > MAX_LENGTH) found = `${found.slice(0, MAX_LENGTH - 3)}...`;
  known.set(name, found);
  return found;
}

const serviceName = (s: ServicePort): string => `${s.namespace}/${s.name}/${s.protocol}/${s.portName}`;
const endpointName = (s: ServicePort, e: Endpoint): string =>
  hashed(`${serviceName(s)}__${e.ip.replaceAll(':', '.')}/${e.port}`);

export type ServiceChain = 'service' | 'local' | 'external' | 'firewall';

/** `service-HASH-ns/name/tcp/port` and its sisters: one hash for a Service's port. */
export const serviceChain = (kind: ServiceChain, s: ServicePort): string => `${kind}-${hashed(serviceName(s))}`;

/** `endpoint-HASH-ns/name/tcp/port__10.0.0.1/80`. */
export const endpointChain = (s: ServicePort, e: Endpoint): string => `endpoint-${endpointName(s, e)}`;

/** The set of clients that an endpoint serves by session affinity. */
export const affinitySet = (s: ServicePort, e: Endpoint): string => `affinity-${endpointName(s, e)}`;

/** Whether a chain is one of a Service: no other has a slash in its name. */
export const isServiceChain = (name: string): boolean => name.includes('/');

export const isAffinitySet = (name: string): boolean => name.startsWith('affinity-');
