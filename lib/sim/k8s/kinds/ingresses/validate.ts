import { parseIp } from '../../../addr/ip.ts';
import * as names from '../../api/names.ts';
import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';
import { invalids, invalidValue, isPort, portName, RANGE, required, unsupported } from '../shapes/check.ts';

// biome-ignore lint/suspicious/noExplicitAny: rules are as open as the API
type Fields = Record<string, any>;

const TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function backend(found: Fields, at: string): FieldError[] {
  if (found.resource && found.service) return [invalidValue(at, '', 'cannot set both resource and service backends')];
  if (found.resource) return [];
  if (!found.service) return [required(at, 'service or resource backend is required')];
  const { name, port = {} } = found.service as Fields;
  const out: FieldError[] = [];
  if (!name) out.push(required(`${at}.service.name`));
  else out.push(...invalids(`${at}.service.name`, name, names.label1035(name)));
  if (port.name && port.number) out.push(invalidValue(at, '', 'cannot set both port name & port number'));
  else if (port.name) out.push(...invalids(`${at}.service.port.name`, port.name, portName(port.name)));
  else if (port.number) {
    if (!isPort(port.number)) out.push(invalidValue(`${at}.service.port.number`, port.number, RANGE));
  } else out.push(required(at, 'port name or number is required'));
  return out;
}

function path(found: Fields, at: string): FieldError[] {
  const out: FieldError[] = [];
  const text = (found.path ?? '') as string;
  if (found.pathType === undefined) return [required(`${at}.pathType`, 'pathType must be specified')];
  if (found.pathType === 'Exact' || found.pathType === 'Prefix') {
    if (!text.startsWith('/')) out.push(invalidValue(`${at}.path`, text, 'must be an absolute path'));
    for (const bad of ['//', '/./', '/../', '%2f', '%2F'])
      if (text.includes(bad)) out.push(invalidValue(`${at}.path`, text, `must not contain '${bad}'`));
  } else if (found.pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) out.push(invalidValue(`${at}.path`, text, 'must be an absolute path'));
  } else out.push(unsupported(`${at}.pathType`, found.pathType, TYPES));
  if (!found.backend) out.push(required(`${at}.backend`));
  else out.push(...backend(found.backend, `${at}.backend`));
  return out;
}

function hostErrors(host: string): string[] {
  if (parseIp(host) !== null) return ['must be a DNS name, not an IP address'];
  if (!host.includes('*')) return names.subdomain(host);
  return host.startsWith('*.') && names.subdomain(host.slice(2)).length === 0 ? [] : [WILDCARD];
}

/** Complaints about an Ingress. Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go (1.34). */
export function validateIngress(o: KubeObject): FieldError[] {
  const spec = (o.spec ?? {}) as Fields;
  const rules = (spec.rules ?? []) as Fields[];
  const out: FieldError[] = [];
  if (rules.length === 0 && !spec.defaultBackend)
    return [invalidValue('spec', rules, 'either `defaultBackend` or `rules` must be specified')];
  if (spec.defaultBackend) out.push(...backend(spec.defaultBackend, 'spec.defaultBackend'));
  for (const [i, rule] of rules.entries()) {
    const at = `spec.rules[${i}]`;
    if (rule.host) out.push(...invalids(`${at}.host`, rule.host, hostErrors(rule.host)));
    if (!rule.http) continue;
    if ((rule.http.paths ?? []).length === 0) out.push(required(`${at}.http.paths`));
    for (const [j, found] of ((rule.http.paths ?? []) as Fields[]).entries())
      out.push(...path(found, `${at}.http.paths[${j}]`));
  }
  if (spec.ingressClassName)
    out.push(...invalids('spec.ingressClassName', spec.ingressClassName, names.subdomain(spec.ingressClassName)));
  return out;
}
