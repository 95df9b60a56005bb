/** The API server's refusals, worded as it words them. Source: k8s.io/apimachinery pkg/api/errors, pkg/util/validation/field. */
import { groupOf } from '../kinds/group.ts';
import type { Resource } from '../kinds/kind.ts';

/** What metav1.Status carries of a failure. */
export interface ApiError {
  code: number;
  reason: string;
  message: string;
  /** Causes of an invalid object: one for each field. */
  causes?: FieldError[];
}

export type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Unsupported value'
  | 'Duplicate value'
  | 'Forbidden'
  | 'Not found'
  | 'Too long'
  | 'Too many';

export interface FieldError {
  type: FieldErrorType;
  field: string;
  detail?: string;
  /** The offending value, as JSON prints it. */
  value?: unknown;
}

export const isApiError = (value: unknown): value is ApiError =>
  typeof value === 'object' && value !== null && 'code' in value && 'reason' in value && 'message' in value;

/** `deployments.apps`, `pods`. */
export const qualified = (resource: Pick<Resource, 'name' | 'apiVersion'>): string =>
  groupOf(resource) ? `${resource.name}.${groupOf(resource)}` : resource.name;

/** `Deployment.apps`, `Pod`. */
const qualifiedKind = (resource: Pick<Resource, 'kind' | 'apiVersion'>): string =>
  groupOf(resource) ? `${resource.kind}.${groupOf(resource)}` : resource.kind;

export const notFound = (resource: Pick<Resource, 'name' | 'apiVersion'>, name: string): ApiError => ({
  code: 404,
  reason: 'NotFound',
  message: `${qualified(resource)} "${name}" not found`,
});

export const alreadyExists = (resource: Pick<Resource, 'name' | 'apiVersion'>, name: string): ApiError => ({
  code: 409,
  reason: 'AlreadyExists',
  message: `${qualified(resource)} "${name}" already exists`,
});

export const conflict = (resource: Pick<Resource, 'name' | 'apiVersion'>, name: string, why: string): ApiError => ({
  code: 409,
  reason: 'Conflict',
  message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
});

/** The complaint of a client that wrote over a version it had not seen. */
export const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (resource: Pick<Resource, 'name' | 'apiVersion'>, name: string, why: string): ApiError => ({
  code: 403,
  reason: 'Forbidden',
  message: `${qualified(resource)} "${name}" is forbidden: ${why}`,
});

export const badRequest = (message: string): ApiError => ({ code: 400, reason: 'BadRequest', message });

const REQUIRED_SHOWS_NO_VALUE = new Set<FieldErrorType>(['Required value', 'Forbidden', 'Too long', 'Too many']);

/** One field's complaint: `spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`. */
export function fieldErrorText({ type, field, detail, value }: FieldError): string {
  const shown = REQUIRED_SHOWS_NO_VALUE.has(type) || value === undefined ? '' : `: ${JSON.stringify(value)}`;
  return `${field}: ${type}${shown}${detail === undefined || detail === '' ? '' : `: ${detail}`}`;
}

/** An object whose fields are refused; several complaints stand in brackets. */
export function invalid(
  resource: Pick<Resource, 'kind' | 'apiVersion'>,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = [...new Set(errors.map(fieldErrorText))];
  return {
    code: 422,
    reason: 'Invalid',
    message: `${qualifiedKind(resource)} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    causes: [...errors],
  };
}
