import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';
import { immutable, nonNegative, oneOf, required, unsupported } from '../shapes/check.ts';
import { validateTemplate } from '../shapes/validate.ts';

/** Complaints about a Job. Source: kubernetes/kubernetes pkg/apis/batch/validation/validation.go (1.34). */
export function validateJob(o: KubeObject, old: KubeObject | null): FieldError[] {
  const { spec } = o;
  const out: FieldError[] = [];
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
  ])
    out.push(...nonNegative(`spec.${field}`, spec[field]));
  out.push(...oneOf('spec.completionMode', spec.completionMode, ['NonIndexed', 'Indexed']));
  if (spec.completionMode === 'Indexed' && spec.completions === undefined)
    out.push(required('spec.completions', 'when completion mode is Indexed'));
  if (!spec.template) return [...out, required('spec.template')];
  out.push(...validateTemplate(spec.template, 'spec.template'));
  const policy = spec.template.spec?.restartPolicy;
  if (policy === 'Always')
    out.push({ ...unsupported('spec.template.spec.restartPolicy', 'Always', ['OnFailure', 'Never']) });
  if (!old) return out;
  if (spec.completionMode !== 'Indexed')
    out.push(...immutable('spec.completions', spec.completions, old.spec?.completions));
  out.push(...immutable('spec.selector', spec.selector, old.spec?.selector));
  out.push(...immutable('spec.template', spec.template, old.spec?.template));
  out.push(...immutable('spec.completionMode', spec.completionMode, old.spec?.completionMode));
  return out;
}
