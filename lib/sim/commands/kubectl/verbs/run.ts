/** `kubectl run`. Source: k8s.io/kubectl pkg/cmd/run/run.go (1.33). */

import { jsonPatch } from '../../../k8s/api/patch/json.ts';
import { mergePatch } from '../../../k8s/api/patch/merge.ts';
import { strategicPatch } from '../../../k8s/api/patch/strategic.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { createResource } from '../../../k8s/api/write.ts';
import { kindOf } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import type { FlagSpec } from '../../../text/pflag.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { notModelled } from '../../io.ts';
import { type Call, defineVerb, flagValue, isOn } from '../contract.ts';
import { withLastApplied } from '../write/applied.ts';
import { isWrong, parseLabels } from '../write/chosen.ts';
import { conclude, type Failure, fail, refusal, usage } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, type Printer, printerOf } from '../write/print.ts';

export const OVERRIDE_FLAGS: FlagSpec[] = [{ name: 'overrides' }, { name: 'override-type' }];

/** The object with --overrides laid over it, or the complaint. */
export function overridden({ flags }: Call, object: KubeObject): KubeObject | { error: string } {
  const text = flagValue(flags, 'overrides');
  if (text === undefined || text === '') return object;
  const type = flagValue(flags, 'override-type') ?? 'merge';
  if (!['merge', 'json', 'strategic'].includes(type)) return { error: `invalid override type: ${type}` };
  const parsed = parseYaml(text);
  if (!parsed.ok || parsed.documents.length !== 1 || typeof parsed.documents[0] !== 'object')
    return { error: 'Invalid JSON Patch' };
  const [patch] = parsed.documents;
  if (type === 'merge') return mergePatch(object, patch) as KubeObject;
  if (type === 'strategic')
    return strategicPatch(object, patch, kindOf(object.kind === 'Pod' ? 'pods' : 'services').schema) as KubeObject;
  const result = jsonPatch(object, patch);
  return result.ok ? (result.value as KubeObject) : { error: result.error };
}

const IMAGE =
  /^[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$/;

function containerOf(call: Call, name: string, image: string): Record<string, unknown> | { error: string } {
  const { flags } = call;
  const env: Record<string, string>[] = [];
  for (const text of flags.values.get('env') ?? []) {
    const [key = '', value] = text.split(/=(.*)/s, 2);
    if (value === undefined || !/^[ -<>-~]+$/.test(key)) return { error: `invalid env: ${text}` };
    env.push({ name: key, value });
  }
  const words = [...flags.args.slice(1), ...flags.after];
  const port = flagValue(flags, 'port');
  const policy = flagValue(flags, 'image-pull-policy');
  if (policy && !['Always', 'IfNotPresent', 'Never'].includes(policy))
    return { error: `invalid image pull policy: ${policy}, valid values are: Always, IfNotPresent, Never` };
  const stdin = isOn(flags, 'stdin');
  return {
    name,
    image,
    ...(words.length > 0 ? { [isOn(flags, 'command') ? 'command' : 'args']: words } : {}),
    ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
    ...(env.length > 0 ? { env } : {}),
    ...(policy ? { imagePullPolicy: policy } : {}),
    ...(isOn(flags, 'privileged') ? { securityContext: { privileged: true } } : {}),
    ...(stdin ? { stdin: true, ...(isOn(flags, 'leave-stdin-open') ? {} : { stdinOnce: true }) } : {}),
    ...(isOn(flags, 'tty') ? { tty: true } : {}),
  };
}

function objectsOf(call: Call, name: string, image: string): KubeObject[] | { error: string } {
  const { flags } = call;
  const text = flagValue(flags, 'labels') ?? '';
  const given = text === '' ? {} : parseLabels(text);
  if (isWrong(given)) return given;
  const labels = Object.keys(given).length > 0 ? given : { run: name };
  const annotations: Record<string, string> = {};
  for (const pair of flags.values.get('annotations') ?? []) {
    const [key = '', value] = pair.split(/=(.*)/s, 2);
    if (value === undefined) return { error: `invalid annotations format: ${pair}` };
    annotations[key] = value;
  }
  const restartPolicy =
    flagValue(flags, 'restart') || (isOn(flags, 'stdin') && flags.values.has('restart') ? 'OnFailure' : 'Always');
  if (!['Always', 'Never', 'OnFailure'].includes(restartPolicy))
    return { error: `invalid restart policy: ${restartPolicy}\nSee 'kubectl run -h' for help and examples` };
  const container = containerOf(call, name, image);
  if ('error' in container) return { error: String(container.error) };
  const metadata = { name, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  const pod = overridden(call, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: [container], restartPolicy, dnsPolicy: 'ClusterFirst' },
  });
  if ('error' in pod) return { error: String(pod.error) };
  if (!isOn(flags, 'expose')) return [pod];
  const port = Number(flagValue(flags, 'port'));
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...(Object.keys(given).length > 0 ? { labels: given } : {}) },
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: labels },
  };
  return [service, pod];
}

function* misuse(call: Call): Io<number | null> {
  const { flags } = call;
  const image = flagValue(flags, 'image');
  if (image === undefined) return yield* fail('required flag(s) "image" not set');
  if (flags.args.length === 0) return yield* usage('run', 'NAME is required for run');
  if (image === '') return yield* fail('--image is required');
  if (!IMAGE.test(image)) return yield* fail(`Invalid image name ${JSON.stringify(image)}: invalid reference format`);
  if (isOn(flags, 'tty') && !isOn(flags, 'stdin'))
    return yield* usage('run', '-i/--stdin is required for containers with -t/--tty=true');
  const port = flagValue(flags, 'port') ?? '';
  if (isOn(flags, 'expose') && port === '') return yield* usage('run', '--port must be set when exposing a service');
  if (port !== '' && !/^[+-]?\d+$/.test(port))
    return yield* fail(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  const attach = flags.values.has('attach') ? isOn(flags, 'attach') : isOn(flags, 'stdin');
  if (isOn(flags, 'rm') && !attach) return yield* usage('run', '--rm should only be used for attached containers');
  return null;
}

function* make(
  call: Call,
  objects: readonly KubeObject[],
  dryRun: 'none' | 'client' | 'server',
  printer: Printer,
): Io<number> {
  const errors: Failure[] = [];
  for (const plain of objects) {
    const kind = kindOf(plain.kind === 'Pod' ? 'pods' : 'services');
    const object = isOn(call.flags, 'save-config') && dryRun !== 'client' ? withLastApplied(plain) : plain;
    if (dryRun === 'client') {
      const explicit = call.flags.values.has('namespace') ? { namespace: call.namespace } : {};
      yield* printer.show(kind, { ...object, metadata: { ...object.metadata, ...explicit } }, 'created', true);
      continue;
    }
    const placed = { ...object, metadata: { ...object.metadata, namespace: call.namespace } };
    const made = createResource(call.proc.world, kind, placed, { dryRun: dryRun === 'server' });
    if (isApiError(made)) errors.push(refusal(made));
    else yield* printer.show(kind, made, 'created');
  }
  return yield* conclude(errors);
}

export const run = defineVerb({
  name: 'run',
  summary: 'Run a particular image on the cluster',
  flags: [
    ...PRINT_FLAGS,
    DRY_RUN,
    ...OVERRIDE_FLAGS,
    { name: 'annotations' },
    { name: 'attach', bool: true },
    { name: 'command', bool: true },
    { name: 'env' },
    { name: 'expose', bool: true },
    { name: 'image' },
    { name: 'image-pull-policy' },
    { name: 'labels', short: 'l' },
    { name: 'leave-stdin-open', bool: true },
    { name: 'pod-running-timeout' },
    { name: 'port' },
    { name: 'privileged', bool: true },
    { name: 'quiet', short: 'q', bool: true },
    { name: 'restart' },
    { name: 'rm', bool: true },
    { name: 'save-config', bool: true },
    { name: 'stdin', short: 'i', bool: true },
    { name: 'tty', short: 't', bool: true },
  ],
  *run(call) {
    const { flags } = call;
    const wrong = yield* misuse(call);
    if (wrong !== null) return wrong;
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    const printer = yield* printerOf(call, dryRun);
    if (typeof printer === 'number') return printer;
    const attach = flags.values.has('attach') ? isOn(flags, 'attach') : isOn(flags, 'stdin');
    if (attach && dryRun !== 'none')
      return yield* fail(
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
      );
    const objects = objectsOf(call, flags.args[0] as string, flagValue(flags, 'image') as string);
    if ('error' in objects) return yield* fail(objects.error);
    if (attach) return yield* notModelled('kubectl run --attach, --stdin');
    return yield* make(call, objects, dryRun, printer);
  },
});
