/** The Pod that `POD` or `TYPE/NAME` means for logs and exec. Source: k8s.io/kubectl pkg/polymorphichelpers. */

import { notFound } from '../../k8s/api/status.ts';
import { findResource } from '../../k8s/kinds/resources.ts';
import { matchesLabels } from '../../k8s/store/selector.ts';
import { getObject, listObjects } from '../../k8s/store/store.ts';
import type { World } from '../../kernel/world.ts';

export type PodTarget = { ok: true; name: string; candidates: number } | { ok: false; error: string };

/** Resolves it; `doing` is what complaints say of the intent. A plain name stays what it is, whether the Pod exists or not. */
export function podTarget(world: World, namespace: string, text: string, doing = 'attach to'): PodTarget {
  if (!text.includes('/')) return { ok: true, name: text, candidates: 1 };
  const [type = '', name = ''] = text.split('/', 2);
  const resource = findResource(type);
  if (!resource) return { ok: false, error: `error: the server doesn't have a resource type "${type}"` };
  if (resource.name === 'pods') return { ok: true, name, candidates: 1 };
  const object = getObject(world, resource.name, namespace, name);
  if (!object) return { ok: false, error: `Error from server (NotFound): ${notFound(resource, name).message}` };
  const { selector } = object.spec ?? {};
  const labels = resource.name === 'services' ? selector : selector?.matchLabels;
  if (!labels) {
    const why =
      resource.name === 'services'
        ? `invalid service '${name}': Service is defined without a selector`
        : 'selector is empty';
    return {
      ok: false,
      error: `error: cannot ${doing} *${resource.apiVersion.replace(/.*\//, '')}.${resource.kind}: ${why}`,
    };
  }
  const pods = listObjects(world, 'pods', { namespace }).filter((p) => matchesLabels(p.metadata.labels ?? {}, labels));
  const first = pods.map((p) => p.metadata.name).sort()[0];
  if (first === undefined) return { ok: false, error: 'error: timed out waiting for the condition' };
  return { ok: true, name: first, candidates: pods.length };
}
