/** What is wrong with containers, PodSpecs and templates. Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go (1.34). */
import * as names from '../../api/names.ts';
import type { FieldError } from '../../api/status.ts';
import { parseQuantity } from '../../printers/quantity.ts';
import {
  duplicate,
  forbiddenField,
  invalids,
  invalidValue,
  isPort,
  nonNegative,
  oneOf,
  portName,
  RANGE,
  required,
} from './check.ts';

// biome-ignore lint/suspicious/noExplicitAny: specs are as open as the API
type Fields = Record<string, any>;

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const CMD_NAME = "a valid environment variable name must consist only of printable ASCII characters other than '='";

function ports(list: readonly Fields[], field: string): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, port] of list.entries()) {
    const at = `${field}[${i}]`;
    if (port.name) {
      const wrong = portName(port.name);
      out.push(...invalids(`${at}.name`, port.name, wrong));
      if (wrong.length === 0 && seen.has(port.name)) out.push(duplicate(`${at}.name`, port.name));
      seen.add(port.name);
    }
    if (!port.containerPort) out.push(required(`${at}.containerPort`));
    else if (!isPort(port.containerPort)) out.push(invalidValue(`${at}.containerPort`, port.containerPort, RANGE));
    if (port.hostPort && !isPort(port.hostPort)) out.push(invalidValue(`${at}.hostPort`, port.hostPort, RANGE));
    out.push(...oneOf(`${at}.protocol`, port.protocol, PROTOCOLS));
  }
  return out;
}

function env(list: readonly Fields[], field: string): FieldError[] {
  return list.flatMap((variable, i): FieldError[] => {
    const at = `${field}[${i}]`;
    const out: FieldError[] = [];
    if (!variable.name) out.push(required(`${at}.name`));
    else if (!/^[ -<>-~]+$/.test(variable.name)) out.push(invalidValue(`${at}.name`, variable.name, CMD_NAME));
    if (variable.valueFrom) {
      const sources = Object.keys(variable.valueFrom);
      if (sources.length === 0)
        out.push(
          invalidValue(
            `${at}.valueFrom`,
            '',
            'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
          ),
        );
      else if (variable.value)
        out.push(invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
    }
    return out;
  });
}

function handler(action: Fields, at: string): FieldError[] {
  const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'].filter((k) => action[k]);
  const out: FieldError[] = [];
  if (action.exec && (action.exec.command ?? []).length === 0) out.push(required(`${at}.exec.command`));
  for (const kind of ['httpGet', 'tcpSocket', 'grpc']) {
    const port = action[kind]?.port;
    if (!action[kind]) continue;
    if (kind === 'httpGet' && !action.httpGet.path) out.push(required(`${at}.httpGet.path`));
    if (typeof port === 'string') out.push(...invalids(`${at}.${kind}.port`, port, portName(port)));
    else if (!isPort(port)) out.push(invalidValue(`${at}.${kind}.port`, port ?? 0, RANGE));
    if (kind === 'httpGet') out.push(...oneOf(`${at}.httpGet.scheme`, action.httpGet.scheme, ['HTTP', 'HTTPS']));
  }
  for (const extra of kinds.slice(1))
    out.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 handler type'));
  if (kinds.length === 0) out.push(required(at, 'must specify a handler type'));
  return out;
}

function probe(found: Fields | undefined, at: string, once: boolean): FieldError[] {
  if (!found) return [];
  const numbers = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];
  return [
    ...handler(found, at),
    ...numbers.flatMap((n) => nonNegative(`${at}.${n}`, found[n])),
    ...(once && found.successThreshold !== 1 && found.successThreshold !== undefined
      ? [invalidValue(`${at}.successThreshold`, found.successThreshold, 'must be 1')]
      : []),
  ];
}

function resources(found: Fields | undefined, at: string): FieldError[] {
  const out: FieldError[] = [];
  const limits = (found?.limits ?? {}) as Fields;
  for (const kind of ['limits', 'requests'])
    for (const [name, amount] of Object.entries((found?.[kind] ?? {}) as Fields)) {
      if (!name.includes('/') && !/^(cpu|memory|storage|ephemeral-storage|hugepages-.*)$/.test(name))
        out.push(
          invalidValue(`${at}.${kind}`, name, 'must be a standard resource type or fully qualified'),
          invalidValue(`${at}.${kind}`, name, 'must be a standard resource for containers'),
        );
      if (String(amount).startsWith('-'))
        out.push(invalidValue(`${at}.${kind}.${name}`, String(amount), 'must be greater than or equal to 0'));
      if (kind === 'requests' && limits[name] !== undefined && parseQuantity(amount) > parseQuantity(limits[name]))
        out.push(
          invalidValue(
            `${at}.requests`,
            String(amount),
            `must be less than or equal to ${name} limit of ${limits[name]}`,
          ),
        );
    }
  return out;
}

function mounts(list: readonly Fields[], volumes: ReadonlySet<string>, field: string): FieldError[] {
  const paths = new Set<string>();
  return list.flatMap((mount, i): FieldError[] => {
    const at = `${field}[${i}]`;
    const out: FieldError[] = [];
    if (!mount.name) out.push(required(`${at}.name`));
    else if (!volumes.has(mount.name)) out.push({ type: 'Not found', field: `${at}.name`, value: mount.name });
    if (!mount.mountPath) out.push(required(`${at}.mountPath`));
    else if (paths.has(mount.mountPath)) out.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    return out;
  });
}

function container(c: Fields, at: string, volumes: ReadonlySet<string>): FieldError[] {
  const out: FieldError[] = [];
  if (!c.name) out.push(required(`${at}.name`));
  else out.push(...invalids(`${at}.name`, c.name, names.label(c.name)));
  if (!c.image) out.push(required(`${at}.image`));
  else if (c.image !== String(c.image).trim())
    out.push(invalidValue(`${at}.image`, c.image, 'must not have leading or trailing whitespace'));
  out.push(...oneOf(`${at}.terminationMessagePolicy`, c.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']));
  out.push(...ports(c.ports ?? [], `${at}.ports`), ...env(c.env ?? [], `${at}.env`));
  out.push(...mounts(c.volumeMounts ?? [], volumes, `${at}.volumeMounts`));
  out.push(...oneOf(`${at}.imagePullPolicy`, c.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']));
  out.push(...resources(c.resources, `${at}.resources`));
  return out;
}

function containers(spec: Fields, field: string, volumes: ReadonlySet<string>): FieldError[] {
  const list = (spec.containers ?? []) as Fields[];
  if (list.length === 0) return [required(`${field}.containers`)];
  const seen = new Set<string>();
  return list.flatMap((c, i): FieldError[] => {
    const at = `${field}.containers[${i}]`;
    const out = container(c, at, volumes);
    if (c.name && seen.has(c.name)) out.push(duplicate(`${at}.name`, c.name));
    seen.add(c.name);
    for (const hook of ['postStart', 'preStop'])
      if (c.lifecycle?.[hook]) out.push(...handler(c.lifecycle[hook], `${at}.lifecycle.${hook}`));
    out.push(...probe(c.livenessProbe, `${at}.livenessProbe`, true));
    out.push(...probe(c.readinessProbe, `${at}.readinessProbe`, false));
    out.push(...probe(c.startupProbe, `${at}.startupProbe`, true));
    return out;
  });
}

function initContainers(spec: Fields, field: string, volumes: ReadonlySet<string>): FieldError[] {
  const seen = new Set(((spec.containers ?? []) as Fields[]).map((c) => c.name));
  return ((spec.initContainers ?? []) as Fields[]).flatMap((c, i): FieldError[] => {
    const at = `${field}.initContainers[${i}]`;
    const out = container(c, at, volumes);
    if (c.name && seen.has(c.name)) out.push(duplicate(`${at}.name`, c.name));
    seen.add(c.name);
    if (c.restartPolicy === 'Always') return out;
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'])
      if (c[name])
        out.push(forbiddenField(`${at}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
    return out;
  });
}

function volumesOf(spec: Fields, field: string): { errors: FieldError[]; known: Set<string> } {
  const errors: FieldError[] = [];
  const known = new Set<string>();
  for (const [i, volume] of ((spec.volumes ?? []) as Fields[]).entries()) {
    const at = `${field}.volumes[${i}]`;
    const sources = Object.keys(volume).filter((k) => k !== 'name');
    for (const extra of sources.slice(1))
      errors.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 volume type'));
    if (volume.configMap && !volume.configMap.name) errors.push(required(`${at}.configMap.name`));
    if (volume.secret && !volume.secret.secretName) errors.push(required(`${at}.secret.secretName`));
    if (volume.hostPath && !volume.hostPath.path) errors.push(required(`${at}.hostPath.path`));
    if (!volume.name) errors.push(required(`${at}.name`));
    else {
      const wrong = names.label(volume.name);
      errors.push(...invalids(`${at}.name`, volume.name, wrong));
      if (known.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
      known.add(volume.name);
    }
  }
  return { errors, known };
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function tolerations(list: readonly Fields[], field: string): FieldError[] {
  return list.flatMap((t, i): FieldError[] => {
    const at = `${field}[${i}]`;
    const out = t.key ? names.labels({ [t.key]: '' }, `${at}.key`) : [];
    if (!t.key && t.operator !== 'Exists')
      out.push(
        invalidValue(
          `${at}.operator`,
          t.operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (t.tolerationSeconds !== undefined && t.effect !== 'NoExecute')
      out.push(
        invalidValue(`${at}.effect`, t.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    if (t.operator === 'Exists' && t.value)
      out.push(invalidValue(`${at}.operator`, t, "value must be empty when `operator` is 'Exists'"));
    if (t.operator && t.operator !== 'Exists' && t.operator !== 'Equal')
      out.push(...oneOf(`${at}.operator`, t.operator, ['Equal', 'Exists']));
    if (t.effect) out.push(...oneOf(`${at}.effect`, t.effect, EFFECTS));
    return out;
  });
}

/** A PodSpec's complaints, in the order in which the server lists them. */
export function validatePodSpec(spec: Fields, field: string): FieldError[] {
  const { errors, known } = volumesOf(spec, field);
  const out = [...errors, ...containers(spec, field, known), ...initContainers(spec, field, known)];
  out.push(...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']));
  out.push(
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
  );
  out.push(...names.labels(spec.nodeSelector, `${field}.nodeSelector`));
  if (spec.serviceAccountName)
    out.push(
      ...invalids(`${field}.serviceAccountName`, spec.serviceAccountName, names.subdomain(spec.serviceAccountName)),
    );
  if (spec.nodeName) out.push(...invalids(`${field}.nodeName`, spec.nodeName, names.subdomain(spec.nodeName)));
  if (spec.dnsPolicy === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0)
    out.push(
      required(
        `${field}.dnsConfig${spec.dnsConfig ? '.nameservers' : ''}`,
        'must provide at least one DNS nameserver when `dnsPolicy` is None',
      ),
    );
  if ((spec.dnsConfig?.nameservers ?? []).length > 3)
    out.push(
      invalidValue(
        `${field}.dnsConfig.nameservers`,
        spec.dnsConfig.nameservers,
        'must not have more than 3 nameservers',
      ),
    );
  if (
    spec.activeDeadlineSeconds !== undefined &&
    !(spec.activeDeadlineSeconds >= 1 && spec.activeDeadlineSeconds <= 2147483647)
  )
    out.push(
      invalidValue(
        `${field}.activeDeadlineSeconds`,
        spec.activeDeadlineSeconds,
        'must be between 1 and 2147483647, inclusive',
      ),
    );
  for (const name of ['hostname', 'subdomain'])
    if (spec[name]) out.push(...invalids(`${field}.${name}`, spec[name], names.label(spec[name])));
  out.push(...tolerations(spec.tolerations ?? [], `${field}.tolerations`));
  if (spec.hostNetwork)
    for (const [i, c] of ((spec.containers ?? []) as Fields[]).entries())
      for (const [j, port] of ((c.ports ?? []) as Fields[]).entries())
        if (port.hostPort && port.hostPort !== port.containerPort)
          out.push(
            invalidValue(
              `${field}.containers[${i}].ports[${j}].containerPort`,
              port.containerPort,
              'must match `hostPort` when `hostNetwork` is true',
            ),
          );
  return out;
}

/** A template's: its labels, then its spec. */
export const validateTemplate = (template: Fields, field: string): FieldError[] => [
  ...names.labels(template.metadata?.labels, `${field}.labels`),
  ...names.annotations(template.metadata?.annotations, `${field}.annotations`),
  ...validatePodSpec(template.spec ?? {}, `${field}.spec`),
];
