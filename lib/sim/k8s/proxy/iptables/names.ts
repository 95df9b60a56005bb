/** Chain names of kube-proxy's iptables mode. Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go (servicePortChainSuffix). */
import { base32, sha256 } from '../../../text/sha2.ts';
import { type Endpoint, endpointText, portText, type ServicePort } from '../service-ports.ts';

/** Hashes already computed; emptied when it grows past any real cluster. */
const suffixes = new Map<string, string>();
const MAX_KNOWN = 50_000;

function suffix(text: string): string {
  let found = suffixes.get(text);
  if (suffixes.size > MAX_KNOWN) suffixes.clear();
  if (found === undefined) suffixes.set(text, (found = base32(sha256(text), 16)));
  return found;
}

export type ServiceChain = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** KUBE-SVC-…, KUBE-SVL-…, KUBE-EXT-…, KUBE-FW-…: one suffix for a Service's port. */
export const serviceChain = (kind: ServiceChain, s: ServicePort): string =>
  `KUBE-${kind}-${suffix(portText(s) + s.protocol)}`;

/** KUBE-SEP-…. */
export const endpointChain = (s: ServicePort, e: Endpoint): string =>
  `KUBE-SEP-${suffix(`${portText(s)}${s.protocol}${endpointText(e)}`)}`;
