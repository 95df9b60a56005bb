/** The annotation in which apply keeps what it was given. Source: k8s.io/kubectl pkg/util/apply.go. */

import type { KubeObject } from '../../../k8s/types.ts';
import { sortKeys } from '../../../text/record.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The text kept for an object: without the annotation itself, keys sorted, a line end at its end. `{"annotations":{}}` is there even when it is empty. */
export function lastAppliedText(object: KubeObject): string {
  const annotations = { ...object.metadata.annotations };
  delete annotations[LAST_APPLIED];
  return `${goJson(sortKeys({ ...object, metadata: { ...object.metadata, annotations } }))}\n`;
}

/** JSON as Go's encoder writes it: <, > and & escaped. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A copy that carries its own text. */
export function withLastApplied(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED]: lastAppliedText(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
