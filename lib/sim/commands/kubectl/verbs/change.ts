/** Verbs that change objects: delete, label, annotate, scale, expose, patch. */

import { deleteResource } from '../../../k8s/api/delete.ts';
import { isApiError, notFound } from '../../../k8s/api/status.ts';
import { patchResource, updateResource } from '../../../k8s/api/write.ts';
import { findResource } from '../../../k8s/kinds/resources.ts';
import { clone, same } from '../../../k8s/store/clone.ts';
import { getObject, touchObject } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, FILENAME, flagValue, isOn, SELECTOR } from '../contract.ts';
import { readManifests, said, serverError } from '../manifests.ts';
import { type Selected, selectObjects } from '../select.ts';
import { createAll } from './create.ts';

function* chosen(call: Call, args: readonly string[]): Io<Selected[] | number> {
  const found = selectObjects(
    call.proc.world,
    args,
    call.allNamespaces ? undefined : call.namespace,
    flagValue(call.flags, 'selector'),
  );
  if (!found.ok) {
    yield* printErr(`${found.error}\n`);
    return 1;
  }
  if (found.selection.errors.length > 0) yield* printErr(`${found.selection.errors.join('\n')}\n`);
  return found.selection.groups.every((g) => g.objects.length === 0) && found.selection.errors.length > 0
    ? 1
    : found.selection.groups;
}

export const remove = defineVerb({
  name: 'delete',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  takesResource: true,
  flags: [
    FILENAME,
    SELECTOR,
    ALL_NAMESPACES,
    { name: 'all', bool: true },
    { name: 'force', bool: true },
    { name: 'grace-period' },
    { name: 'wait', bool: true },
    { name: 'now', bool: true },
    { name: 'ignore-not-found', bool: true },
    { name: 'cascade', bare: 'background' },
  ],
  *run(call) {
    const { proc, flags, namespace } = call;
    if (flags.values.has('cascade')) return yield* notModelled('kubectl delete --cascade');
    const groups: Selected[] = [];
    const files = flags.values.get('filename') ?? [];
    let status = 0;
    for (const file of files) {
      const read = yield* readManifests(proc, file, namespace);
      if (!read.ok) {
        yield* printErr(`${read.error}\n`);
        return 1;
      }
      for (const { resource, object } of read.manifests) {
        const known = getObject(
          proc.world,
          resource.name,
          resource.namespaced ? object.metadata.namespace : undefined,
          object.metadata.name,
        );
        if (known) groups.push({ resource, objects: [known] });
        else {
          yield* printErr(
            `Error from server (NotFound): error when deleting "${file === '-' ? 'STDIN' : file}": ${notFound(resource, object.metadata.name).message}\n`,
          );
          status = 1;
        }
      }
    }
    if (files.length === 0) {
      if (flags.args.length === 0) {
        yield* printErr('error: You must provide one or more resources by argument or filename.\n');
        return 1;
      }
      const one = flags.args.length === 1 && !flags.args[0]?.includes('/');
      if (one && !isOn(flags, 'all') && !flags.values.has('selector')) {
        yield* printErr('error: resource(s) were provided, but no name was specified\n');
        return 1;
      }
      const found = yield* chosen(call, flags.args);
      if (typeof found === 'number') return found;
      groups.push(...found);
    }
    for (const { resource, objects } of groups) {
      for (const object of objects) {
        const grace = flagValue(flags, 'grace-period');
        deleteResource(proc.world, resource, object.metadata.namespace, object.metadata.name, {
          ...(grace === undefined || Number(grace) < 0 ? {} : { gracePeriodSeconds: Number(grace) }),
        });
        const where = resource.namespaced ? ` from ${object.metadata.namespace} namespace` : '';
        yield* print(
          `${said(resource, object.metadata.name).replace(/\/(.*)$/, ' "$1"')} ${isOn(flags, 'force') ? 'force deleted' : 'deleted'}${where}\n`,
        );
      }
    }
    return status;
  },
});

/** label and annotate: `KEY=VALUE`, `KEY-`, --overwrite. */
function metadataVerb(name: 'label' | 'annotate', field: 'labels' | 'annotations', done: string) {
  return defineVerb({
    name,
    summary: `Update the ${field} on a resource`,
    takesResource: true,
    flags: [SELECTOR, ALL_NAMESPACES, { name: 'overwrite', bool: true }, { name: 'all', bool: true }],
    *run(call) {
      const { proc, flags } = call;
      const changes = flags.args.filter((a) => /=|-$/.test(a));
      const found = yield* chosen(
        call,
        flags.args.filter((a) => !changes.includes(a)),
      );
      if (typeof found === 'number') return found;
      if (changes.length === 0) {
        yield* printErr(`error: at least one ${name === 'label' ? 'label' : 'annotation'} update is required\n`);
        return 1;
      }
      for (const { resource, objects } of found) {
        for (const object of objects) {
          const now = { ...object.metadata[field] };
          for (const change of changes) {
            if (change.endsWith('-') && !change.includes('=')) {
              if (now[change.slice(0, -1)] === undefined)
                yield* print(`${name === 'label' ? 'label' : 'annotation'} "${change.slice(0, -1)}" not found.\n`);
              delete now[change.slice(0, -1)];
              continue;
            }
            const [key = '', value = ''] = change.split(/=(.*)/s, 2);
            if (now[key] !== undefined && now[key] !== value && !isOn(flags, 'overwrite')) {
              yield* printErr(
                name === 'label'
                  ? `error: '${key}' already has a value (${now[key]}), and --overwrite is false\n`
                  : `error: --overwrite is false but found the following declared annotation(s): '${key}' already has a value (${now[key]})\n`,
              );
              return 1;
            }
            now[key] = value;
          }
          const unchanged = same(now, object.metadata[field] ?? {});
          object.metadata[field] = now;
          if (!unchanged) touchObject(proc.world, resource.name, object);
          const removed = changes.every((c) => c.endsWith('-') && !c.includes('='));
          yield* print(
            `${said(resource, object.metadata.name)} ${unchanged ? (name === 'label' ? 'not labeled' : 'annotated') : removed && name === 'label' ? 'unlabeled' : done}\n`,
          );
        }
      }
      return 0;
    },
  });
}

export const label = metadataVerb('label', 'labels', 'labeled');
export const annotate = metadataVerb('annotate', 'annotations', 'annotated');

export const scale = defineVerb({
  name: 'scale',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  takesResource: true,
  flags: [{ name: 'replicas' }, { name: 'current-replicas' }, { name: 'timeout' }],
  *run(call) {
    const replicas = flagValue(call.flags, 'replicas');
    if (replicas === undefined) {
      yield* printErr('error: required flag(s) "replicas" not set\n');
      return 1;
    }
    if (!/^\d{1,4}$/.test(replicas)) {
      yield* printErr(
        `error: invalid argument "${replicas}" for "--replicas" flag: strconv.ParseInt: parsing "${replicas}": invalid syntax\n`,
      );
      return 1;
    }
    if (Number(replicas) > 100) return yield* notModelled('kubectl scale to more than 100 replicas');
    const found = yield* chosen(call, call.flags.args);
    if (typeof found === 'number') return found;
    for (const { resource, objects } of found) {
      for (const object of objects) {
        if (object.spec?.replicas === undefined) {
          yield* printErr(`error: no scaler has been implemented for {"${resource.apiVersion}" "${resource.kind}"}\n`);
          return 1;
        }
        const scaled = clone(object);
        scaled.spec.replicas = Number(replicas);
        updateResource(call.proc.world, resource, scaled);
        yield* print(`${said(resource, object.metadata.name)} scaled\n`);
      }
    }
    return 0;
  },
});

export const expose = defineVerb({
  name: 'expose',
  summary: 'Take a pod, service or deployment and expose it as a new Kubernetes service',
  takesResource: true,
  flags: [
    { name: 'port' },
    { name: 'target-port' },
    { name: 'name' },
    { name: 'type' },
    { name: 'protocol' },
    { name: 'selector' },
  ],
  *run(call) {
    const { flags, namespace } = call;
    const found = yield* chosen(call, flags.args);
    if (typeof found === 'number') return found;
    const object = found[0]?.objects[0];
    if (!object) return 1;
    const selector = (
      object.kind === 'Pod' ? object.metadata.labels : (object.spec?.selector?.matchLabels ?? object.spec?.selector)
    ) as Record<string, string> | undefined;
    const containers = ((object.kind === 'Pod' ? object.spec?.containers : object.spec?.template?.spec?.containers) ??
      []) as { ports?: { containerPort: number }[] }[];
    const port = flagValue(flags, 'port') ?? containers.flatMap((c) => c.ports ?? [])[0]?.containerPort;
    if (port === undefined) {
      yield* printErr("error: couldn't find port via --port flag or introspection\n");
      return 1;
    }
    if (!selector || Object.keys(selector).length === 0) {
      yield* printErr(
        `error: couldn't retrieve selectors via --selector flag or introspection: the ${object.kind.toLowerCase()} has no labels and cannot be exposed\n`,
      );
      return 1;
    }
    const target = flagValue(flags, 'target-port') ?? String(port);
    const resource = findResource('services');
    if (!resource) return 1;
    return yield* createAll(call, [
      {
        resource,
        object: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {
            name: flagValue(flags, 'name') ?? object.metadata.name,
            namespace,
            labels: { ...object.metadata.labels },
          },
          spec: {
            type: flagValue(flags, 'type') ?? 'ClusterIP',
            selector,
            ports: [
              {
                port: Number(port),
                protocol: flagValue(flags, 'protocol') ?? 'TCP',
                targetPort: /^\d+$/.test(target) ? Number(target) : target,
              },
            ],
          },
        } as KubeObject,
      },
    ]);
  },
});

export const patch = defineVerb({
  name: 'patch',
  summary: 'Update fields of a resource',
  takesResource: true,
  flags: [{ name: 'patch', short: 'p' }, { name: 'type' }, { name: 'subresource' }],
  *run(call) {
    const { proc, flags } = call;
    const type = flagValue(flags, 'type') ?? 'strategic';
    if (type !== 'merge' && type !== 'json' && type !== 'strategic') {
      yield* printErr(`error: --type must be one of [json merge strategic], not "${type}"\n`);
      return 1;
    }
    const parsed = parseYaml(flagValue(flags, 'patch') ?? '');
    if (!parsed.ok || parsed.documents.length !== 1) {
      yield* printErr('error: unable to parse the patch\n');
      return 1;
    }
    const found = yield* chosen(call, flags.args);
    if (typeof found === 'number') return found;
    for (const { resource, objects } of found) {
      for (const object of objects) {
        const { namespace, name, resourceVersion } = object.metadata;
        const subresource = flagValue(flags, 'subresource') === 'status' ? 'status' : undefined;
        const patched = patchResource(
          proc.world,
          resource,
          namespace,
          name,
          { type, body: parsed.documents[0] },
          { ...(subresource ? { subresource } : {}) },
        );
        if (isApiError(patched)) {
          yield* printErr(`${serverError(patched)}\n`);
          return 1;
        }
        const unchanged = patched.metadata.resourceVersion === resourceVersion;
        yield* print(`${said(resource, name)} patched${unchanged ? ' (no change)' : ''}\n`);
      }
    }
    return 0;
  },
});
