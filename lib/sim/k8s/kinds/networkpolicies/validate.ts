import { parsePrefix } from '../../../addr/ip.ts';
import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';
import {
  forbiddenField,
  invalids,
  invalidValue,
  isPort,
  labelSelector,
  oneOf,
  portName,
  RANGE,
  required,
} from '../shapes/check.ts';

// biome-ignore lint/suspicious/noExplicitAny: rules are as open as the API
type Fields = Record<string, any>;

function ports(list: readonly Fields[], field: string): FieldError[] {
  return list.flatMap((p, i): FieldError[] => {
    const at = `${field}[${i}]`;
    const out = oneOf(`${at}.protocol`, p.protocol, ['TCP', 'UDP', 'SCTP']);
    if (typeof p.port === 'number') {
      if (!isPort(p.port)) out.push(invalidValue(`${at}.port`, p.port, RANGE));
      if (p.endPort !== undefined) {
        if (p.endPort < p.port)
          out.push(invalidValue(`${at}.endPort`, p.port, 'must be greater than or equal to `port`'));
        if (!isPort(p.endPort)) out.push(invalidValue(`${at}.endPort`, p.endPort, RANGE));
      }
    } else if (typeof p.port === 'string') {
      out.push(...invalids(`${at}.port`, p.port, portName(p.port)));
      if (p.endPort !== undefined)
        out.push(invalidValue(`${at}.endPort`, p.endPort, 'may not be specified when `port` is non-numeric'));
    } else if (p.endPort !== undefined)
      out.push(invalidValue(`${at}.endPort`, p.endPort, 'may not be specified when `port` is not specified'));
    return out;
  });
}

const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function ipBlock(block: Fields, field: string): FieldError[] {
  if (!block.cidr) return [required(`${field}.cidr`)];
  const whole = parsePrefix(block.cidr);
  if (!block.cidr.includes('/') || whole === null) return [invalidValue(`${field}.cidr`, block.cidr, CIDR)];
  return ((block.except ?? []) as string[]).flatMap((text, i): FieldError[] => {
    const inner = text.includes('/') ? parsePrefix(text) : null;
    if (inner === null) return [invalidValue(`${field}.except[${i}]`, text, CIDR)];
    return [];
  });
}

function peers(list: readonly Fields[], field: string): FieldError[] {
  return list.flatMap((peer, i): FieldError[] => {
    const at = `${field}[${i}]`;
    const out: FieldError[] = [];
    if (peer.podSelector) out.push(...labelSelector(peer.podSelector, `${at}.podSelector`));
    if (peer.namespaceSelector) out.push(...labelSelector(peer.namespaceSelector, `${at}.namespaceSelector`));
    if (peer.ipBlock) out.push(...ipBlock(peer.ipBlock, `${at}.ipBlock`));
    const selectors = [peer.podSelector, peer.namespaceSelector].filter((s) => s !== undefined).length;
    if (peer.ipBlock && selectors > 0) out.push(forbiddenField(at, 'may not specify both ipBlock and another peer'));
    else if (!peer.ipBlock && selectors === 0) out.push(required(at, 'must specify a peer'));
    return out;
  });
}

/** Complaints about a NetworkPolicy. Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go (1.34). */
export function validateNetworkPolicy(o: KubeObject): FieldError[] {
  const { spec } = o;
  const out = labelSelector(spec.podSelector, 'spec.podSelector');
  for (const [direction, side] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [i, rule] of ((spec[direction] ?? []) as Fields[]).entries()) {
      out.push(...ports(rule.ports ?? [], `spec.${direction}[${i}].ports`));
      out.push(...peers(rule[side] ?? [], `spec.${direction}[${i}].${side}`));
    }
  const types = (spec.policyTypes ?? []) as string[];
  if (types.length > 2) out.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  else
    for (const [i, type] of types.entries()) out.push(...oneOf(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
  return out;
}
