import { isApiError } from '../../../k8s/api/status.ts';
import { resourceOfKind } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { type Call, defineVerb, FILENAME, flagValue } from '../contract.ts';
import { createManifest, type Manifest, readManifests, said, serverError } from '../manifests.ts';

/** Stores manifests, one message for each. */
export function* createAll({ proc }: Call, manifests: readonly Manifest[]): Io<number> {
  let status = 0;
  for (const manifest of manifests) {
    const made = createManifest(proc, manifest);
    if (isApiError(made)) {
      yield* printErr(
        `${made.reason === 'AlreadyExists' ? `Error from server (AlreadyExists): ${made.message}` : serverError(made)}\n`,
      );
      status = 1;
    } else yield* print(`${said(manifest.resource, (made as KubeObject).metadata.name)} created\n`);
  }
  return status;
}

const manifest = (object: KubeObject): Manifest => {
  const resource = resourceOfKind(object.kind);
  if (!resource) throw new Error(`no resource for ${object.kind}`);
  return { resource, object };
};

/** `--tcp=80:8080` as Service ports. */
function servicePorts(texts: readonly string[]): unknown[] | string {
  const ports: unknown[] = [];
  for (const text of texts.flatMap((t) => t.split(','))) {
    const [port = '', target = port] = text.split(':');
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535)
      return `error: invalid port value for port: ${text}`;
    ports.push({
      name: text.replace(':', '-'),
      port: Number(port),
      protocol: 'TCP',
      targetPort: /^\d+$/.test(target) ? Number(target) : target,
    });
  }
  return ports;
}

function* generate(call: Call, kind: string, rest: readonly string[]): Io<Manifest | number> {
  const { flags, namespace } = call;
  const need = function* (what: string): Io<number> {
    yield* printErr(`error: ${what}\n`);
    return 1;
  };
  if (kind === 'namespace' || kind === 'ns') {
    if (rest.length !== 1)
      return yield* need(
        `exactly one NAME is required, got ${rest.length}\nSee 'kubectl create namespace -h' for help and examples`,
      );
    return manifest({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: rest[0] as string } });
  }
  if (kind === 'deployment' || kind === 'deploy') {
    const images = flags.values.get('image') ?? [];
    if (rest.length !== 1)
      return yield* need(
        `exactly one NAME is required, got ${rest.length}\nSee 'kubectl create deployment -h' for help and examples`,
      );
    if (images.length === 0) return yield* need('required flag(s) "image" not set');
    const name = rest[0] as string;
    const port = flagValue(flags, 'port');
    const containers = images.map((image) => ({
      name: image.split('/').at(-1)?.split(/[:@]/)[0] ?? name,
      image,
      ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
    }));
    return manifest({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        replicas: Number(flagValue(flags, 'replicas') ?? '1'),
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers } },
      },
    });
  }
  if (kind === 'configmap' || kind === 'cm') {
    const pairs = (flags.values.get('from-literal') ?? []).map((p) => p.split(/=(.*)/s, 2) as [string, string]);
    if (rest.length !== 1)
      return yield* need(
        `exactly one NAME is required, got ${rest.length}\nSee 'kubectl create configmap -h' for help and examples`,
      );
    return manifest({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: rest[0] as string, namespace },
      data: Object.fromEntries(pairs.map(([k, v]) => [k, v ?? ''])),
    });
  }
  if (kind === 'service' || kind === 'svc') {
    const [type = '', name = ''] = rest;
    const types: Record<string, string> = {
      clusterip: 'ClusterIP',
      nodeport: 'NodePort',
      loadbalancer: 'LoadBalancer',
    };
    if (!Object.hasOwn(types, type) || name === '') return yield* notModelled(`kubectl create service ${type}`);
    const ports = servicePorts(flags.values.get('tcp') ?? []);
    if (typeof ports === 'string') return yield* need(ports.slice(7));
    if (ports.length === 0) return yield* need('at least one tcp port specifier must be provided');
    return manifest({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: { app: name } },
      spec: { type: types[type], selector: { app: name }, ports },
    });
  }
  return yield* notModelled(`kubectl create ${kind}`);
}

export const create = defineVerb({
  name: 'create',
  summary: 'Create a resource from a file or from stdin',
  flags: [
    FILENAME,
    { name: 'image' },
    { name: 'replicas' },
    { name: 'port' },
    { name: 'tcp' },
    { name: 'from-literal' },
    { name: 'dry-run', bare: 'unchanged' },
    { name: 'output', short: 'o' },
  ],
  *run(call) {
    const { proc, flags, namespace } = call;
    for (const name of ['dry-run', 'output'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl create --${name}`);
    const files = flags.values.get('filename') ?? [];
    if (files.length > 0) {
      let status = 0;
      for (const file of files) {
        const read = yield* readManifests(proc, file, namespace);
        if (!read.ok) {
          yield* printErr(`${read.error}\n`);
          return 1;
        }
        status ||= yield* createAll(call, read.manifests);
      }
      return status;
    }
    const [kind, ...rest] = flags.args;
    if (kind === undefined) {
      yield* printErr('error: must specify one of -f and -k\n\n');
      return 1;
    }
    const made = yield* generate(call, kind, rest);
    return typeof made === 'number' ? made : yield* createAll(call, [made]);
  },
});

export const run = defineVerb({
  name: 'run',
  summary: 'Run a particular image on the cluster',
  flags: [
    { name: 'image' },
    { name: 'labels', short: 'l' },
    { name: 'port' },
    { name: 'restart' },
    { name: 'env' },
    { name: 'command', bool: true },
    { name: 'stdin', short: 'i', bool: true },
    { name: 'tty', short: 't', bool: true },
    { name: 'rm', bool: true },
    { name: 'expose', bool: true },
    { name: 'overrides' },
    { name: 'dry-run', bare: 'unchanged' },
  ],
  *run(call) {
    const { flags, namespace } = call;
    for (const name of ['stdin', 'tty', 'rm', 'expose', 'overrides', 'dry-run'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl run --${name}`);
    const [name] = flags.args;
    const image = flagValue(flags, 'image');
    if (name === undefined) {
      yield* printErr("error: NAME is required for run\nSee 'kubectl run -h' for help and examples\n");
      return 1;
    }
    if (image === undefined) {
      yield* printErr('error: required flag(s) "image" not set\n');
      return 1;
    }
    const labels = flagValue(flags, 'labels');
    const port = flagValue(flags, 'port');
    const args = [...flags.args.slice(1), ...flags.after];
    const container = {
      name,
      image,
      ...(args.length > 0 ? { [flags.values.has('command') ? 'command' : 'args']: args } : {}),
      ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
      ...(flags.values.has('env')
        ? {
            env: (flags.values.get('env') ?? []).map((e) => ({
              name: e.split('=')[0] ?? '',
              value: e.slice(e.indexOf('=') + 1),
            })),
          }
        : {}),
    };
    return yield* createAll(call, [
      manifest({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name,
          namespace,
          labels: labels
            ? Object.fromEntries(labels.split(',').map((l) => l.split(/=(.*)/s, 2) as [string, string]))
            : { run: name },
        },
        spec: { containers: [container], restartPolicy: flagValue(flags, 'restart') ?? 'Always' },
      }),
    ]);
  },
});
