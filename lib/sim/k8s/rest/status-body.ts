/** metav1.Status: how failures and deletions are answered. Source: k8s.io/apimachinery pkg/apis/meta/v1/types.go. */
import { type ApiError, type FieldError, fieldErrorText } from '../api/status.ts';
import { groupOf, type Kind } from '../kinds/resources.ts';
import { jsonAnswer, type RestAnswer } from './contract.ts';

const REASON: Record<FieldError['type'], string> = {
  'Required value': 'FieldValueRequired',
  'Invalid value': 'FieldValueInvalid',
  'Unsupported value': 'FieldValueNotSupported',
  'Duplicate value': 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  'Not found': 'FieldValueNotFound',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
};

/** A refusal. `of` and `named` say of what. */
export function failure(error: ApiError, of?: Kind, named?: string): RestAnswer {
  // What was no object of the kind yet has no details.
  const anonymous = error.reason === 'Invalid' && !error.causes;
  const [kind, name] = anonymous ? [undefined, undefined] : [of, named];
  const group = kind ? groupOf(kind) : '';
  return jsonAnswer(error.code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    details: {
      ...(name === undefined ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(kind ? { kind: error.reason === 'Invalid' ? kind.kind : kind.name } : {}),
      ...(error.causes
        ? {
            causes: error.causes.map((cause) => ({
              reason: REASON[cause.type],
              message: fieldErrorText(cause).slice(cause.field.length + 2),
              field: cause.field,
            })),
          }
        : {}),
    },
    code: error.code,
  });
}

/** A path that leads nowhere. */
export const nowhere = (): RestAnswer =>
  failure({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });

/** A method that a path does not take. */
export const notAllowed = (): RestAnswer =>
  failure({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  });

/** What is answered to the deletion of an object that is gone. */
export const gone = (kind: Kind, name: string, uid: string | undefined): RestAnswer =>
  jsonAnswer(200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(groupOf(kind) === '' ? {} : { group: groupOf(kind) }),
      kind: kind.name,
      ...(uid ? { uid } : {}),
    },
  });
