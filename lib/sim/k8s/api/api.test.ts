import { beforeEach, describe, expect, it } from 'vitest';
import { createWorld } from '../../kernel/create.ts';
import type { World } from '../../kernel/world.ts';
import { newMemory } from '../controllers/follow/memory.ts';
import { garbage } from '../controllers/garbage.ts';
import { namespaces } from '../controllers/namespaces.ts';
import { settle } from '../controllers/program.ts';
import { kindOf } from '../kinds/resources.ts';
import { list, map, struct } from '../kinds/schema.ts';
import { changesSince, createCluster, getObject, listObjects, removeObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { decode } from './decode.ts';
import { deleteResource } from './delete.ts';
import { jsonPatch } from './patch/json.ts';
import { strategicPatch } from './patch/strategic.ts';
import { fieldSelector } from './read.ts';
import { isApiError } from './status.ts';
import { createResource, patchResource, updateResource } from './write.ts';

let world: World;

function make(resource: string, name: string, more: Record<string, unknown> = {}): KubeObject {
  const kind = kindOf(resource);
  const { metadata, ...rest } = more as { metadata?: object };
  const made = createResource(world, kind, {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name, ...(kind.namespaced ? { namespace: 'default' } : {}), ...metadata },
    ...rest,
  });
  if (isApiError(made)) throw new Error(made.message);
  return made;
}

beforeEach(() => {
  world = createWorld('api', 1);
  world.cluster = createCluster();
  make('namespaces', 'default');
});

const message = (result: unknown): string => (isApiError(result) ? `${result.reason}: ${result.message}` : 'done');
const container = { containers: [{ name: 'c', image: 'nginx' }] };

describe('writing', () => {
  it('refuses what is stale, taken, in no namespace or in one that goes', () => {
    const pod = make('pods', 'web', { spec: container });
    expect(message(createResource(world, kindOf('pods'), pod))).toBe('AlreadyExists: pods "web" already exists');
    const old = { ...pod, metadata: { ...pod.metadata, resourceVersion: '1' } };
    expect(message(updateResource(world, kindOf('pods'), old))).toBe(
      'Conflict: Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
    );
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'nope' } };
    expect(message(createResource(world, kindOf('configmaps'), other))).toBe('NotFound: namespaces "nope" not found');
    make('namespaces', 'nope');
    make('configmaps', 'x', { metadata: { namespace: 'nope', finalizers: ['example.com/hold'] } });
    deleteResource(world, kindOf('namespaces'), undefined, 'nope');
    expect(
      message(createResource(world, kindOf('configmaps'), { ...other, metadata: { name: 'y', namespace: 'nope' } })),
    ).toBe(
      'Forbidden: configmaps "y" is forbidden: unable to create new content in namespace nope because it is being terminated',
    );
  });

  it('names every field it refuses', () => {
    const made = createResource(world, kindOf('services'), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x', namespace: 'default' },
      spec: { ports: [{ port: 0 }, { port: 80, name: 'b' }] },
    });
    expect(message(made)).toBe(
      'Invalid: Service "x" is invalid: [spec.ports[0].name: Required value, spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive]',
    );
  });

  it('leaves status to its subresource and counts generations by what is neither metadata nor status', () => {
    make('services', 'lb', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    const body = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
    const patch = (subresource?: 'status') =>
      patchResource(
        world,
        kindOf('services'),
        'default',
        'lb',
        { type: 'merge', body },
        subresource ? { subresource } : {},
      );
    patch();
    expect(getObject(world, 'services', 'default', 'lb')?.status).toEqual({ loadBalancer: {} });
    patch('status');
    expect(getObject(world, 'services', 'default', 'lb')).toMatchObject(body);
    const template = { metadata: { labels: { a: 'b' } }, spec: container };
    make('deployments', 'd', { spec: { selector: { matchLabels: { a: 'b' } }, template } });
    const change = (spec: object, subresource?: 'status') =>
      patchResource(
        world,
        kindOf('deployments'),
        'default',
        'd',
        { type: 'merge', body: spec },
        subresource ? { subresource } : {},
      );
    change({ metadata: { labels: { x: 'y' } } });
    change({ status: { replicas: 1 } }, 'status');
    expect(getObject(world, 'deployments', 'default', 'd')?.metadata.generation).toBe(1);
    change({ spec: { replicas: 3 } });
    expect(getObject(world, 'deployments', 'default', 'd')?.metadata.generation).toBe(2);
  });
});

describe('deleting', () => {
  it('marks a Pod that runs somewhere, and takes out one that does not', () => {
    make('pods', 'a', { spec: { ...container, nodeName: 'n1' } });
    make('pods', 'b', { spec: container });
    for (const name of ['a', 'b']) deleteResource(world, kindOf('pods'), 'default', name);
    expect(getObject(world, 'pods', 'default', 'a')?.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(getObject(world, 'pods', 'default', 'b')).toBeUndefined();
    deleteResource(world, kindOf('pods'), 'default', 'a', { gracePeriodSeconds: 0 });
    expect(getObject(world, 'pods', 'default', 'a')).toBeUndefined();
  });

  it('waits for finalizers, then for none', () => {
    make('configmaps', 'kept', { metadata: { finalizers: ['example.com/hold'] } });
    deleteResource(world, kindOf('configmaps'), 'default', 'kept');
    expect(getObject(world, 'configmaps', 'default', 'kept')?.metadata.deletionTimestamp).toBeDefined();
    patchResource(world, kindOf('configmaps'), 'default', 'kept', {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    });
    expect(getObject(world, 'configmaps', 'default', 'kept')).toBeUndefined();
  });

  it('collects what owners leave, lets orphans go, and empties namespaces', () => {
    const owned = (name: string, owner: KubeObject) =>
      make('configmaps', name, {
        metadata: {
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name: owner.metadata.name,
              uid: owner.metadata.uid,
              blockOwnerDeletion: true,
            },
          ],
        },
      });
    const owners = ['background', 'orphan', 'foreground'].map((name) => make('configmaps', name));
    for (const owner of owners) owned(`of-${owner.metadata.name}`, owner);
    const policies = ['Background', 'Orphan', 'Foreground'] as const;
    for (const [i, owner] of owners.entries())
      deleteResource(world, kindOf('configmaps'), 'default', owner.metadata.name, {
        propagationPolicy: policies[i] as 'Orphan',
      });
    const context = { world, memory: newMemory() };
    expect(settle(context, [garbage])).toBe(true);
    expect(listObjects(world, 'configmaps').map((o) => o.metadata.name)).toEqual(['of-orphan']);
    expect(getObject(world, 'configmaps', 'default', 'of-orphan')?.metadata.ownerReferences).toEqual([]);
    deleteResource(world, kindOf('namespaces'), undefined, 'default');
    expect(settle(context, [namespaces])).toBe(true);
    expect([...listObjects(world, 'configmaps'), ...listObjects(world, 'namespaces')]).toEqual([]);
  });
});

it('reports every change after a version, in order, and says when it cannot', () => {
  const from = world.cluster?.resourceVersion ?? 0;
  make('configmaps', 'x');
  patchResource(world, kindOf('configmaps'), 'default', 'x', { type: 'merge', body: { data: { a: '1' } } });
  removeObject(world, 'configmaps', 'default', 'x');
  expect(changesSince(world, from)?.map((c) => [c.version - from, c.type])).toEqual([
    [1, 'ADDED'],
    [2, 'MODIFIED'],
    [3, 'DELETED'],
  ]);
  expect(changesSince(world, 5)).toBeNull();
});

describe('decoding', () => {
  const port = struct('ServicePort', { port: 'int32', targetPort: 'intOrString' });
  const schema = struct('Service', {
    spec: struct('ServiceSpec', { ports: list(port, 'port'), selector: map('string') }),
  });

  it('finds unknown fields with their paths', () => {
    expect(decode({ metadata: { nam: 'x' }, spec: { ports: [{ port: 1, prt: 2 }], sel: {} } }, schema).unknown).toEqual(
      ['metadata.nam', 'spec.ports[0].prt', 'spec.sel'],
    );
  });

  it('words wrong types as the decoder does', () => {
    expect(decode({ spec: { ports: [{ port: 'http' }] } }, schema).mismatch).toBe(
      'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    );
  });
});

describe('patches', () => {
  const schema = struct('Spec', {
    containers: list(
      struct('Container', { name: 'string', env: list(struct('EnvVar', { name: 'string', value: 'string' }), 'name') }),
      'name',
    ),
    args: list('string'),
    finalizers: list('string', ''),
  });

  it('merge lists by their key, replace atomic ones, and follow directives', () => {
    const target = {
      containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }, { name: 'b' }],
      args: ['1'],
      finalizers: ['f', 'g'],
    };
    const patch = {
      containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }, { name: 'b', $patch: 'delete' }, { name: 'c' }],
      args: ['2'],
      '$deleteFromPrimitiveList/finalizers': ['f'],
      '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
    };
    expect(strategicPatch(target, patch, schema)).toEqual({
      containers: [
        { name: 'c' },
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
      ],
      args: ['2'],
      finalizers: ['g'],
    });
  });

  it('of JSON do all or nothing', () => {
    const target = { a: { b: [1, 2] }, 'x/y': 1 };
    expect(
      jsonPatch(target, [
        { op: 'test', path: '/a/b/0', value: 1 },
        { op: 'add', path: '/a/b/-', value: 3 },
        { op: 'move', from: '/x~1y', path: '/z' },
        { op: 'remove', path: '/a/b/0' },
      ]),
    ).toEqual({ ok: true, value: { a: { b: [2, 3] }, z: 1 } });
    expect(jsonPatch(target, [{ op: 'replace', path: '/nope', value: 1 }])).toMatchObject({ ok: false });
    expect(target).toEqual({ a: { b: [1, 2] }, 'x/y': 1 });
  });
});

it('selects by the fields that a kind offers', () => {
  const pod = make('pods', 'p', { spec: { ...container, nodeName: 'n1' } });
  const test = fieldSelector(kindOf('pods'), 'spec.nodeName=n1,status.phase!=Running');
  expect('error' in test ? test : test(pod)).toBe(true);
  expect(fieldSelector(kindOf('pods'), 'spec.foo=1')).toEqual({ error: 'field label not supported: spec.foo' });
});
