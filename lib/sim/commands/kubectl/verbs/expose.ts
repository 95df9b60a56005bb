/** `kubectl expose`. Source: k8s.io/kubectl pkg/cmd/expose/expose.go, pkg/polymorphichelpers (1.33). */
import { isApiError } from '../../../k8s/api/status.ts';
import { createResource } from '../../../k8s/api/write.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { groupOf, kindOf } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import { type Call, defineVerb, flagValue, isOn } from '../contract.ts';
import { withLastApplied } from '../write/applied.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { choose, isWrong, parseLabels } from '../write/chosen.ts';
import { complaint, conclude, refusal } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';
import { OVERRIDE_FLAGS, overridden } from './run.ts';

const EXPOSABLE = ['pods', 'services', 'deployments', 'replicasets'];

interface Port {
  port: number;
  protocol: string;
}

/** Ports that the object's containers (or the Service) name. */
function portsOf(kind: Kind, object: KubeObject): Port[] {
  if (kind.name === 'services')
    return ((object.spec?.ports ?? []) as { port: number; protocol?: string }[]).map((p) => ({
      port: p.port,
      protocol: p.protocol ?? 'TCP',
    }));
  const spec = kind.name === 'pods' ? object.spec : object.spec?.template?.spec;
  return ((spec?.containers ?? []) as { ports?: { containerPort: number; protocol?: string }[] }[]).flatMap((c) =>
    (c.ports ?? []).map((p) => ({ port: p.containerPort, protocol: p.protocol ?? 'TCP' })),
  );
}

function selectorOf(kind: Kind, object: KubeObject): Record<string, string> | { error: string } {
  const found: Record<string, string> | undefined =
    kind.name === 'pods'
      ? object.metadata.labels
      : kind.name === 'services'
        ? object.spec?.selector
        : object.spec?.selector?.matchLabels;
  if (found && Object.keys(found).length > 0) return found;
  const why =
    kind.name === 'pods'
      ? 'the pod has no labels and cannot be exposed'
      : kind.name === 'services'
        ? 'the service has no pod selector set'
        : `invalid ${kind.name === 'deployments' ? 'deployment' : 'replicaset'}: no selectors, therefore cannot be exposed`;
  return { error: `couldn't retrieve selectors via --selector flag or introspection: ${why}` };
}

function servicePorts(call: Call, found: readonly Port[]): Record<string, unknown>[] | { error: string } {
  const { flags } = call;
  const asked = flagValue(flags, 'port');
  const wanted = asked ? asked.split(',') : [...new Set(found.map((p) => String(p.port)))];
  if (wanted.length === 0)
    return flagValue(flags, 'cluster-ip') === 'None'
      ? []
      : { error: "couldn't find port via --port flag or introspection" };
  const protocol = flagValue(flags, 'protocol');
  const target = flagValue(flags, 'target-port');
  const out: Record<string, unknown>[] = [];
  for (const [i, text] of wanted.entries()) {
    if (!/^[+-]?\d+$/.test(text)) return { error: `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax` };
    const port = Number(text);
    const targetPort = target ? (/^\d+$/.test(target) ? Number(target) : target) : port;
    const protocols = protocol ? [protocol] : [...new Set(found.filter((p) => p.port === port).map((p) => p.protocol))];
    const names = protocols.length > 1;
    for (const each of protocols.length === 0 ? ['TCP'] : protocols)
      out.push({
        ...(names
          ? { name: `port-${i + 1}-${each.toLowerCase()}` }
          : wanted.length > 1
            ? { name: `port-${i + 1}` }
            : {}),
        protocol: each,
        port,
        targetPort,
      });
  }
  return out;
}

function serviceOf(call: Call, kind: Kind, object: KubeObject): KubeObject | { error: string } {
  const { flags } = call;
  const text = (name: string): string => flagValue(flags, name) ?? '';
  const selector = text('selector') === '' ? selectorOf(kind, object) : parseLabels(text('selector'));
  if ('error' in selector && (isWrong(selector) || text('selector') === '')) return selector as { error: string };
  const ports = servicePorts(call, portsOf(kind, object));
  if ('error' in ports) return ports;
  const labels = text('labels') === '' ? (object.metadata.labels ?? {}) : parseLabels(text('labels'));
  if (isWrong(labels)) return labels;
  const affinity = text('session-affinity');
  if (affinity !== '' && affinity !== 'None' && affinity !== 'ClientIP')
    return { error: `unknown session affinity: ${affinity}` };
  const type = text('type');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: text('name') || object.metadata.name.slice(0, 63),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      ...(ports.length > 0 ? { ports } : {}),
      selector,
      ...(text('cluster-ip') === '' ? {} : { clusterIP: text('cluster-ip') }),
      ...(type === '' ? {} : { type }),
      ...(text('external-ip') === '' ? {} : { externalIPs: [text('external-ip')] }),
      ...(affinity === '' ? {} : { sessionAffinity: affinity }),
      ...(type === 'LoadBalancer' && text('load-balancer-ip') !== ''
        ? { loadBalancerIP: text('load-balancer-ip') }
        : {}),
    },
  };
}

export const expose = defineVerb({
  name: 'expose',
  summary: 'Take a pod, service or deployment and expose it as a new Kubernetes service',
  takesResource: true,
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    DRY_RUN,
    ...OVERRIDE_FLAGS,
    ...[
      'port',
      'target-port',
      'name',
      'type',
      'protocol',
      'selector',
      'external-ip',
      'session-affinity',
      'cluster-ip',
      'load-balancer-ip',
    ].map((name) => ({ name })),
    { name: 'labels', short: 'l' },
    { name: 'save-config', bool: true },
  ],
  *run(call) {
    const { flags, namespace, proc } = call;
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    const printer = yield* printerOf(call, dryRun);
    if (typeof printer === 'number') return printer;
    const plain: Call = {
      ...call,
      flags: { ...flags, values: new Map([...flags.values].filter(([k]) => k !== 'selector')) },
    };
    const choice = yield* choose(plain, flags.args);
    if (typeof choice === 'number') return choice;
    const { errors } = choice;
    const services = kindOf('services');
    for (const { kind, object } of choice.objects) {
      if (!EXPOSABLE.includes(kind.name)) {
        errors.push(complaint(`cannot expose a ${kind.kind}${groupOf(kind) ? `.${groupOf(kind)}` : ''}`));
        continue;
      }
      const generated = serviceOf(call, kind, object);
      const made = 'error' in generated ? generated : overridden(call, generated as KubeObject);
      if ('error' in made) {
        errors.push(complaint(`${String(made.error)}`));
        continue;
      }
      const service = made as KubeObject;
      if (dryRun === 'client') {
        const explicit = flags.values.has('namespace') ? { namespace } : {};
        yield* printer.show(services, { ...service, metadata: { ...service.metadata, ...explicit } }, 'exposed', true);
        continue;
      }
      const sent = isOn(flags, 'save-config') ? withLastApplied(service) : service;
      const answer = createResource(
        proc.world,
        services,
        { ...sent, metadata: { ...sent.metadata, namespace } },
        { dryRun: dryRun === 'server' },
      );
      if (isApiError(answer)) errors.push(refusal(answer));
      else yield* printer.show(services, answer, 'exposed');
    }
    return yield* conclude(errors);
  },
});
