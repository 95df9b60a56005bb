/** create namespace, create serviceaccount, create ingress. Source: k8s.io/kubectl pkg/cmd/create/create_{namespace,serviceaccount,ingress}.go. */
import { flagValue } from '../../contract.ts';
import type { Generator } from './generator.ts';

export const namespace: Generator = {
  path: 'namespace',
  aliases: ['ns'],
  summary: 'Create a namespace with the specified name',
  resource: 'namespaces',
  flags: [],
  generate: (_call, name) => ({ object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } }),
};

export const serviceAccount: Generator = {
  path: 'serviceaccount',
  aliases: ['sa'],
  summary: 'Create a service account with the specified name',
  resource: 'serviceaccounts',
  flags: [],
  failed: 'failed to create serviceaccount:',
  generate: (_call, name) => ({ object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } } }),
};

const RULE = /^(([a-zA-Z0-9*\-_]+\.)*([a-zA-Z0-9\-_]+))?\/[^=,]*=[a-zA-Z0-9-]+:[a-zA-Z0-9-]+(,tls(=[a-zA-Z0-9-]+)?)?$/;

function backend(text: string): Record<string, unknown> {
  const [name = '', port = ''] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

interface Rule {
  host?: string;
  http: { paths: Record<string, unknown>[] };
}

function rulesOf(texts: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  for (const text of texts) {
    const [place = ''] = text.split(',');
    const [host = '', rest = ''] = place.split(/\/(.*)/s, 2);
    const [plain = '', target = ''] = rest.split('=');
    const prefix = plain.endsWith('*');
    const path = {
      path: `/${prefix ? plain.slice(0, -1) : plain}`,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: backend(target),
    };
    const known = rules.find((r) => (r.host ?? '') === host);
    if (known) known.http.paths.push(path);
    else rules.push({ ...(host === '' ? {} : { host }), http: { paths: [path] } });
  }
  return rules;
}

function tlsOf(texts: readonly string[]): { hosts?: string[]; secretName?: string }[] {
  const out: { hosts?: string[]; secretName?: string }[] = [];
  const seen = new Set<string>();
  for (const text of texts) {
    const parts = text.split(',');
    if (parts.length !== 2) continue;
    const host = text.split('/')[0] as string;
    const secret = parts[1]?.split('=')[1] ?? '';
    if (seen.has(host)) continue;
    seen.add(host);
    const known = out.find((t) => (t.secretName ?? '') === secret);
    if (known) {
      known.hosts = [...(known.hosts ?? []), host];
      continue;
    }
    if (host !== '' || secret !== '')
      out.push({ ...(host === '' ? {} : { hosts: [host] }), ...(secret === '' ? {} : { secretName: secret }) });
  }
  return out;
}

export const ingress: Generator = {
  path: 'ingress',
  aliases: ['ing'],
  summary: 'Create an ingress with the specified name',
  resource: 'ingresses',
  flags: [{ name: 'class' }, { name: 'rule' }, { name: 'default-backend' }, { name: 'annotation' }],
  failed: 'failed to create ingress:',
  generate({ flags }, name) {
    const rules = flags.values.get('rule') ?? [];
    const fallback = flagValue(flags, 'default-backend') ?? '';
    const annotations = flags.values.get('annotation') ?? [];
    const className = flagValue(flags, 'class') ?? '';
    if (fallback === '' && rules.length === 0)
      return {
        error:
          'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      };
    for (const rule of rules)
      if (!RULE.test(rule))
        return { error: `rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]` };
    for (const annotation of annotations)
      if (!annotation.includes('='))
        return { error: `annotation ${annotation} is invalid and should be in format key=[value]` };
    if (fallback !== '' && fallback.split(':').length !== 2)
      return { error: 'default-backend should be in format servicename:serviceport' };
    const tls = tlsOf(rules);
    return {
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name,
          ...(annotations.length > 0
            ? { annotations: Object.fromEntries(annotations.map((a) => a.split(/=(.*)/s, 2) as [string, string])) }
            : {}),
        },
        spec: {
          ...(className === '' ? {} : { ingressClassName: className }),
          ...(fallback === '' ? {} : { defaultBackend: backend(fallback) }),
          ...(tls.length > 0 ? { tls } : {}),
          ...(rules.length > 0 ? { rules: rulesOf(rules) } : {}),
        },
      },
    };
  },
};
