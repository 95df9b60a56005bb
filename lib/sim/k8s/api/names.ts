/** What names, labels and annotations may look like. Source: k8s.io/apimachinery pkg/util/validation. */
import type { FieldError } from './status.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const longer = (n: number): string => `must be no more than ${n} characters`;

/** Complaints about a name that has to be a DNS subdomain (most objects). */
export function subdomain(name: string): string[] {
  const out = name.length > 253 ? [longer(253)] : [];
  if (!new RegExp(`^${LABEL}(\\.${LABEL})*$`).test(name)) out.push(SUBDOMAIN_TEXT);
  return out;
}

/** … a DNS label (namespaces, port names of containers aside). */
export function label(name: string): string[] {
  const out = name.length > 63 ? [longer(63)] : [];
  if (!new RegExp(`^${LABEL}$`).test(name)) out.push(LABEL_TEXT);
  return out;
}

/** … a label that begins with a letter (Services). */
export function label1035(name: string): string[] {
  const out = name.length > 63 ? [longer(63)] : [];
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) out.push(DNS1035_TEXT);
  return out;
}

function qualifiedName(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2)
    return [
      `a qualified name ${NAME_PART_TEXT.replace('name part ', '')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const out: string[] = [];
  const name = parts.at(-1) as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') out.push('prefix part must be non-empty');
    else out.push(...subdomain(prefix).map((e) => `prefix part ${e}`));
  }
  if (name === '') out.push('name part must be non-empty');
  else if (name.length > 63) out.push(`name part ${longer(63)}`);
  if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) out.push(NAME_PART_TEXT);
  return out;
}

/** Complaints about labels. */
export function labels(found: Record<string, string> | undefined, field: string): FieldError[] {
  return Object.entries(found ?? {}).flatMap(([k, v]) => [
    ...qualifiedName(k).map((detail): FieldError => ({ type: 'Invalid value', field, value: k, detail })),
    ...(v.length > 63 ? [{ type: 'Invalid value', field, value: v, detail: longer(63) } satisfies FieldError] : []),
    ...(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(v)
      ? []
      : [{ type: 'Invalid value', field, value: v, detail: VALUE_TEXT } satisfies FieldError]),
  ]);
}

/** Complaints about annotations. */
export function annotations(found: Record<string, string> | undefined, field: string): FieldError[] {
  return Object.keys(found ?? {}).flatMap((k) =>
    qualifiedName(k.toLowerCase()).map((detail): FieldError => ({ type: 'Invalid value', field, value: k, detail })),
  );
}
