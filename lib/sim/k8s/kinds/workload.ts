/** What is wrong with what makes Pods. Source: kubernetes/kubernetes pkg/apis/apps/validation/validation.go (1.34). */
import type { FieldError } from '../api/status.ts';
import { same } from '../store/clone.ts';
import { matchesLabels } from '../store/selector.ts';
import type { KubeObject } from '../types.ts';
import {
  forbiddenField,
  immutable,
  invalidValue,
  labelSelector,
  nonNegative,
  oneOf,
  required,
  unsupported,
} from './shapes/check.ts';
import { validateTemplate } from './shapes/validate.ts';

/** How the complaint about an empty selector names the kind. */
const EMPTY: Record<string, string> = { StatefulSet: 'statefulset', DaemonSet: 'daemonset' };

/** Complaints that all objects with a selector and a Pod template share. */
export function workloadErrors(o: KubeObject, old: KubeObject | null): FieldError[] {
  const { spec } = o;
  const out: FieldError[] = [];
  if (o.kind !== 'DaemonSet') out.push(...nonNegative('spec.replicas', spec.replicas));
  const { selector } = spec;
  const empty =
    selector !== undefined &&
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0;
  if (selector === undefined) out.push(required('spec.selector'));
  else {
    out.push(...labelSelector(selector, 'spec.selector'));
    if (empty)
      out.push(
        invalidValue('spec.selector', selector, `empty selector is invalid for ${EMPTY[o.kind] ?? 'deployment'}`),
      );
  }
  out.push(...templateErrors(o, empty));
  out.push(...strategyErrors(o));
  for (const field of ['minReadySeconds', 'revisionHistoryLimit'])
    out.push(...nonNegative(`spec.${field}`, spec[field]));
  if (o.kind === 'Deployment' && spec.progressDeadlineSeconds !== undefined) {
    out.push(...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds));
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
      out.push(
        invalidValue(
          'spec.progressDeadlineSeconds',
          spec.progressDeadlineSeconds,
          'must be greater than minReadySeconds',
        ),
      );
  }
  if (old) out.push(...changes(o, old));
  return out;
}

function templateErrors(o: KubeObject, emptySelector: boolean): FieldError[] {
  const { selector, template } = o.spec;
  if (!template) return [required('spec.template')];
  const out: FieldError[] = [];
  const labels = template.metadata?.labels ?? {};
  if (selector?.matchLabels && !emptySelector && !matchesLabels(labels, selector.matchLabels))
    out.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  out.push(...validateTemplate(template, 'spec.template'));
  const policy = template.spec?.restartPolicy;
  if (policy !== undefined && policy !== 'Always')
    out.push(unsupported('spec.template.spec.restartPolicy', policy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined)
    out.push(
      forbiddenField('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${o.kind} is not Supported`),
    );
  return out;
}

const isPercent = (value: unknown): boolean => /^\d+%$/.test(String(value));

function amount(field: string, value: unknown): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'string' && !isPercent(value))
    return [
      invalidValue(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  return typeof value === 'number' ? nonNegative(field, value) : [];
}

function strategyErrors(o: KubeObject): FieldError[] {
  const name = o.kind === 'Deployment' ? 'strategy' : 'updateStrategy';
  const strategy = o.spec[name];
  if (!strategy || o.kind === 'ReplicaSet') return [];
  const field = `spec.${name}`;
  const valid = o.kind === 'Deployment' ? ['Recreate', 'RollingUpdate'] : ['RollingUpdate', 'OnDelete'];
  const out = oneOf(`${field}.type`, strategy.type, valid);
  if (strategy.type !== 'RollingUpdate' && strategy.rollingUpdate)
    out.push(
      o.kind === 'Deployment'
        ? forbiddenField(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")
        : invalidValue(
            `${field}.rollingUpdate`,
            strategy.rollingUpdate,
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
    );
  const rolling = strategy.type === 'RollingUpdate' ? (strategy.rollingUpdate ?? {}) : {};
  out.push(...amount(`${field}.rollingUpdate.maxUnavailable`, rolling.maxUnavailable));
  out.push(...amount(`${field}.rollingUpdate.maxSurge`, rolling.maxSurge));
  const none = (value: unknown): boolean => value === 0 || value === '0%';
  if (o.kind === 'Deployment' && none(rolling.maxUnavailable) && none(rolling.maxSurge))
    out.push(
      invalidValue(
        `${field}.rollingUpdate.maxUnavailable`,
        rolling.maxUnavailable,
        'may not be 0 when `maxSurge` is 0',
      ),
    );
  return out;
}

const STATEFUL_SET_MAY = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function changes(o: KubeObject, old: KubeObject): FieldError[] {
  if (o.kind !== 'StatefulSet') return immutable('spec.selector', o.spec.selector, old.spec?.selector);
  const fixed = (spec: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(spec).filter(([k]) => !STATEFUL_SET_MAY.includes(k)));
  return same(fixed(o.spec), fixed(old.spec ?? {}))
    ? []
    : [
        forbiddenField(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ];
}
