import type { FieldError } from '../api/status.ts';
import type { KubeObject } from '../types.ts';

/** Complaints that all objects with a selector and a Pod template share. */
export function workloadErrors(o: KubeObject): FieldError[] {
  if (!o.spec?.selector) return [{ type: 'Required value', field: 'spec.selector' }];
  if (!o.spec.template) return [{ type: 'Required value', field: 'spec.template' }];
  return [];
}
