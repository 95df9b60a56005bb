import { beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { buildScene } from '../../scene/build.ts';
import type { RestAnswer, RestRequest } from './contract.ts';
import { handle } from './handle.ts';

let machine: Machine;
beforeAll(() => {
  machine = buildScene('flannel-vxlan', 1);
});

function ask(
  method: string,
  url: string,
  more: Partial<RestRequest> = {},
): { status: number; value: Record<string, unknown> } {
  const [path = '', query = ''] = url.split('?');
  const pairs = query.split('&').filter((p) => p !== '');
  const answer = handle(machine.world, {
    method,
    path,
    query: new Map(
      pairs.map((p) => p.split('=') as [string, string]).map(([k, v]) => [k, [decodeURIComponent(v ?? '')]]),
    ),
    accept: 'application/json',
    contentType: 'application/json',
    body: '',
    ...more,
  }) as RestAnswer;
  return { status: answer.status, value: JSON.parse(answer.body) as Record<string, unknown> };
}

const pods = '/api/v1/namespaces/default/pods';

describe('the API over HTTP', () => {
  it('discovers groups in both forms', () => {
    expect(ask('GET', '/apis').value.kind).toBe('APIGroupList');
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    expect(ask('GET', '/apis', { accept }).value.kind).toBe('APIGroupDiscoveryList');
    expect(ask('GET', '/apis/nope').status).toBe(404);
  });

  it('lists by labels and fields, sorted, as objects and as a table', () => {
    const url = `${pods}?labelSelector=${encodeURIComponent('app in (pod-b,pod-a)')}&fieldSelector=${encodeURIComponent('spec.nodeName=node1')}`;
    const items = ask('GET', url).value.items as { metadata: { name: string } }[];
    expect(items.map((i) => i.metadata.name)).toEqual(['pod-a', 'pod-b']);
    const table = ask('GET', url, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }).value;
    expect((table.rows as { cells: string[] }[]).map((r) => r.cells.slice(0, 3))).toEqual([
      ['pod-a', '1/1', 'Running'],
      ['pod-b', '1/1', 'Running'],
    ]);
  });

  it('refuses with a Status that says of what', () => {
    expect(ask('GET', `${pods}/nope`)).toMatchObject({
      status: 404,
      value: {
        kind: 'Status',
        reason: 'NotFound',
        message: 'pods "nope" not found',
        details: { name: 'nope', kind: 'pods' },
      },
    });
    expect(ask('POST', pods, { body: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}' })).toMatchObject({
      status: 422,
      value: { reason: 'Invalid', details: { causes: [{ reason: 'FieldValueRequired', field: 'spec.containers' }] } },
    });
    expect(ask('POST', pods, { body: '[[[' }).status).toBe(400);
    expect(ask('PATCH', `${pods}/pod-a`, { body: '{}', contentType: 'text/plain' }).status).toBe(415);
    expect(ask('GET', `${pods}?fieldSelector=spec.nope%3D1`).status).toBe(400);
  });

  it('scales by the subresource', () => {
    const scale = '/apis/apps/v1/namespaces/default/deployments/web/scale';
    const contentType = 'application/merge-patch+json';
    expect(ask('PATCH', scale, { contentType, body: '{"spec":{"replicas":3}}' }).value.spec).toEqual({ replicas: 3 });
    expect(
      (ask('GET', '/apis/apps/v1/namespaces/default/deployments/web').value.spec as { replicas: number }).replicas,
    ).toBe(3);
  });

  it('creates nothing on a dry run', () => {
    const body = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"dry"}}';
    const url = '/api/v1/namespaces/default/configmaps';
    expect(ask('POST', `${url}?dryRun=All`, { body }).status).toBe(201);
    expect(ask('GET', `${url}/dry`).status).toBe(404);
  });
});
