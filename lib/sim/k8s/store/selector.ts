/** Label selectors. Source: k8s.io/apimachinery pkg/labels. */
interface Requirement {
  key: string;
  op: '=' | '!=' | 'in' | 'notin' | 'exists' | '!exists';
  values: string[];
}

/** Parses `a=b,c!=d,e in (f,g),h,!i`. Null when malformed. */
export function parseSelector(text: string): Requirement[] | null {
  const parts = text.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  const out: Requirement[] = [];
  for (const raw of parts) {
    const part = raw.trim();
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
    const equal = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(part);
    if (set)
      out.push({
        key: set[1] as string,
        op: set[2] as 'in',
        values: (set[3] as string).split(',').map((v) => v.trim()),
      });
    else if (equal)
      out.push({ key: equal[1] as string, op: equal[2] === '!=' ? '!=' : '=', values: [equal[3] as string] });
    else if (/^![^=!\s,]+$/.test(part)) out.push({ key: part.slice(1), op: '!exists', values: [] });
    else if (/^[^=!\s,]+$/.test(part)) out.push({ key: part, op: 'exists', values: [] });
    else return null;
  }
  return out;
}

/** Whether labels satisfy a selector text; a malformed one matches nothing. */
export function matchesSelector(labels: Record<string, string>, text: string): boolean {
  return (
    parseSelector(text)?.every(({ key, op, values }) => {
      const value = labels[key];
      if (op === 'exists') return value !== undefined;
      if (op === '!exists') return value === undefined;
      if (op === '=' || op === 'in') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    }) ?? false
  );
}

/** Whether labels carry every pair of a Service's selector (an empty one selects nothing). */
export const matchesLabels = (labels: Record<string, string>, wanted: Record<string, string>): boolean => {
  const pairs = Object.entries(wanted);
  return pairs.length > 0 && pairs.every(([k, v]) => labels[k] === v);
};

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Whether labels satisfy a LabelSelector; an empty one selects everything, none at all nothing. */
export function matchesLabelSelector(labels: Record<string, string>, selector: LabelSelector | undefined): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    if (operator === 'In') return value !== undefined && values.includes(value);
    return value === undefined || !values.includes(value);
  });
}
