/** What validations are written with. Source: k8s.io/apimachinery pkg/util/validation, pkg/apis/meta/v1/validation. */
import * as names from '../../api/names.ts';
import type { FieldError } from '../../api/status.ts';
import { same } from '../../store/clone.ts';

export const required = (field: string, detail = ''): FieldError => ({ type: 'Required value', field, detail });
export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid value',
  field,
  value,
  detail,
});
export const forbiddenField = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail });
export const duplicate = (field: string, value: unknown): FieldError => ({ type: 'Duplicate value', field, value });
export const unsupported = (field: string, value: unknown, valid: readonly string[]): FieldError => ({
  type: 'Unsupported value',
  field,
  value,
  detail: `supported values: ${[...valid]
    .sort()
    .map((v) => JSON.stringify(v))
    .join(', ')}`,
});

/** Each complaint about one value. */
export const invalids = (field: string, value: unknown, details: readonly string[]): FieldError[] =>
  details.map((detail) => invalidValue(field, value, detail));

/** Nothing, or what is said of a value that is not one of those. */
export const oneOf = (field: string, value: unknown, valid: readonly string[]): FieldError[] =>
  value === undefined || valid.includes(String(value)) ? [] : [unsupported(field, value, valid)];

export const RANGE = 'must be between 1 and 65535, inclusive';
export const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535;

export const nonNegative = (field: string, value: unknown): FieldError[] =>
  typeof value === 'number' && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];

export const immutable = (field: string, value: unknown, old: unknown): FieldError[] =>
  same(value, old) ? [] : [invalidValue(field, value ?? null, 'field is immutable')];

/** Complaints about the name of a port. Source: IsValidPortName (IANA_SVC_NAME). */
export function portName(name: string): string[] {
  const out: string[] = [];
  if (name.length > 15) out.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]*$/.test(name)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) out.push('must contain at least one letter (a-z)');
  if (name.includes('--')) out.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(name)) out.push('must not begin or end with a hyphen');
  return out;
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

/** Complaints about a LabelSelector. */
export function labelSelector(selector: Selector | undefined, field: string): FieldError[] {
  if (!selector) return [];
  const out = names.labels(selector.matchLabels, `${field}.matchLabels`);
  for (const [i, { key = '', operator = '', values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        out.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        out.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else out.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    out.push(...names.labels({ [key]: '' }, `${at}.key`));
  }
  return out;
}

/** A quantity's complaint, or none. Source: k8s.io/apimachinery pkg/api/resource. */
export const isQuantity = (value: unknown): boolean =>
  /^[+-]?(\d+\.?\d*|\.\d+)(([KMGTPE]i)|[numkMGTPE]|([eE][+-]?\d+))?$/.test(String(value));
