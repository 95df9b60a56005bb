/** Slices for Endpoints that people write by hand. Source: kubernetes/kubernetes pkg/controller/endpointslicemirroring (1.34). */
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context, having } from '../follow/memory.ts';
import type { AddressType, Endpoint, EndpointPort } from './endpoints.ts';
import { hasSelector } from './index.ts';
import { type Group, MANAGED_BY, pack, sliceLabels } from './slices.ts';

const NAME = 'endpointslicemirroring';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
/** Addresses of one subset that are mirrored. */
const MOST = 1000;

interface Address {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: Endpoint['targetRef'];
}

interface Subset {
  addresses?: Address[];
  notReadyAddresses?: Address[];
  ports?: Partial<EndpointPort>[];
}

function groupsOf(endpoints: KubeObject, type: AddressType): Group[] {
  return ((endpoints.subsets ?? []) as Subset[]).flatMap((subset) => {
    const all = [
      ...(subset.addresses ?? []).map((a) => ({ a, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((a) => ({ a, ready: false })),
    ];
    const mine = all.filter(({ a }) => a.ip.includes(':') === (type === 'IPv6')).slice(0, MOST);
    if (mine.length === 0) return [];
    const ports = (subset.ports ?? []).map((p) => ({ ...p, name: p.name ?? '', protocol: p.protocol ?? 'TCP' }));
    return [
      {
        ports: ports as EndpointPort[],
        endpoints: mine.map(
          ({ a, ready }) =>
            ({
              addresses: [a.ip],
              conditions: { ready },
              ...(a.hostname ? { hostname: a.hostname } : {}),
              ...(a.nodeName ? { nodeName: a.nodeName } : {}),
              ...(a.targetRef ? { targetRef: a.targetRef } : {}),
            }) as Endpoint,
        ),
      },
    ];
  });
}

function sync(context: Context, key: string): undefined {
  const { world, memory } = context;
  const endpoints = byKey(world, 'endpoints', key);
  const service = byKey(world, 'services', key);
  const slices = having(context, memory.labels, `slices ${key}`).filter(
    (s) => s.metadata.labels?.[MANAGED_BY] === MANAGER && s.metadata.deletionTimestamp === undefined,
  );
  const mirrored =
    service && endpoints && !hasSelector(service) && endpoints.metadata.labels?.[SKIP] !== 'true' ? endpoints : null;
  for (const type of ['IPv4', 'IPv6'] as const) {
    const own = slices.filter((s) => s.addressType === type);
    const groups = mirrored ? groupsOf(mirrored, type) : [];
    if (!mirrored || groups.length === 0) {
      for (const slice of own)
        deleteResource(world, kindOf('endpointslices'), slice.metadata.namespace, slice.metadata.name);
      continue;
    }
    const { name } = mirrored.metadata;
    const source = { owner: mirrored, name, manager: MANAGER, labels: sliceLabels(mirrored, name, MANAGER) };
    pack(context, source, type, own, groups);
  }
}

export const endpointSliceMirroring: Loop = {
  name: NAME,
  follow({ memory }, change) {
    if (change.resource === 'services' || change.resource === 'endpoints') enqueue(memory, NAME, change.key);
    if (change.resource === 'endpointslices')
      for (const term of change.terms) enqueue(memory, NAME, term.slice('slices '.length));
  },
  sync,
};
