/**
 * kubectl's JSONPath templates: text with `{expression}`. Modelled: `.field`, `['field']`, `[n]`, `[a:b]`, `[*]`, `.*`, `..field`, `[?(@.x==y)]`, quoted text,
 * `{range …}…{end}`. Source: k8s.io/client-go util/jsonpath.
 */
export type JsonPathResult = { ok: true; text: string } | { ok: false; error: string };

const MAX_VALUES = 10_000;

type Value = unknown;

const isRecord = (v: Value): v is Record<string, Value> => typeof v === 'object' && v !== null && !Array.isArray(v);

const children = (v: Value): Value[] => (Array.isArray(v) ? v : isRecord(v) ? Object.values(v) : []);

function descend(values: Value[], name: string): Value[] {
  const out: Value[] = [];
  const walk = (v: Value): void => {
    if (out.length > MAX_VALUES) return;
    if (isRecord(v) && Object.hasOwn(v, name)) out.push(v[name]);
    for (const child of children(v)) walk(child);
  };
  for (const v of values) walk(v);
  return out;
}

function literal(text: string): Value {
  const t = text.trim();
  if (/^"(.*)"$/s.test(t) || /^'(.*)'$/s.test(t)) return t.slice(1, -1);
  if (t === 'true' || t === 'false') return t === 'true';
  return /^-?\d+(\.\d+)?$/.test(t) ? Number(t) : t;
}

function filter(values: Value[], condition: string): Value[] {
  const m = /^@((?:\.[\w/\\.-]+)+)?\s*(?:(==|!=|<=|>=|<|>)\s*(.+))?$/.exec(condition.trim());
  if (!m) throw new Error(`unrecognized character in action: ${condition}`);
  const path = m[1] ?? '';
  return values.flatMap(children).filter((item) => {
    const [found] = path === '' ? [item] : select([item], path);
    if (m[2] === undefined) return found !== undefined;
    const want = literal(m[3] as string);
    switch (m[2]) {
      case '==':
        return found === want;
      case '!=':
        return found !== want;
      case '<':
        return (found as number) < (want as number);
      case '>':
        return (found as number) > (want as number);
      case '<=':
        return (found as number) <= (want as number);
      default:
        return (found as number) >= (want as number);
    }
  });
}

function bracket(values: Value[], inside: string): Value[] {
  if (inside === '*') return values.flatMap(children);
  if (inside.startsWith('?(') && inside.endsWith(')')) return filter(values, inside.slice(2, -1));
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(inside);
  if (quoted) return field(values, (quoted[1] ?? quoted[2]) as string);
  const slice = /^(-?\d*):(-?\d*)$/.exec(inside);
  if (slice)
    return values.flatMap((v) =>
      Array.isArray(v)
        ? v.slice(slice[1] === '' ? 0 : Number(slice[1]), slice[2] === '' ? undefined : Number(slice[2]))
        : [],
    );
  if (!/^-?\d+$/.test(inside)) throw new Error(`invalid array index ${inside}`);
  return values.flatMap((v) => {
    if (!Array.isArray(v)) return [];
    const at = Number(inside) < 0 ? v.length + Number(inside) : Number(inside);
    if (at < 0 || at >= v.length) throw new Error(`array index out of bounds: index ${inside}, length ${v.length}`);
    return [v[at]];
  });
}

const field = (values: Value[], name: string): Value[] =>
  values.flatMap((v) => (isRecord(v) && Object.hasOwn(v, name) && v[name] !== undefined ? [v[name]] : []));

/** The values that a path selects. Throws with the message of the real parser on a malformed path. */
export function select(from: Value[], path: string): Value[] {
  let values = from;
  let rest = path.startsWith('$') ? path.slice(1) : path;
  while (rest !== '') {
    const deep = /^\.\.([\w-]+)/.exec(rest);
    const named = /^\.((?:\\.|[\w/-])+)/.exec(rest);
    if (deep) {
      values = descend(values, deep[1] as string);
      rest = rest.slice(deep[0].length);
    } else if (rest.startsWith('.*')) {
      values = values.flatMap(children);
      rest = rest.slice(2);
    } else if (named) {
      values = field(values, (named[1] as string).replace(/\\(.)/g, '$1'));
      rest = rest.slice(named[0].length);
    } else if (rest.startsWith('[')) {
      const end = rest.startsWith('[?(') ? rest.indexOf(')]') + 1 : rest.indexOf(']');
      if (end <= 0) throw new Error('unterminated array');
      values = bracket(values, rest.slice(1, end));
      rest = rest.slice(end + 1);
    } else if (rest === '.') rest = '';
    else
      throw new Error(
        `unrecognized character in action: U+${(rest.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${rest[0]}'`,
      );
  }
  return values;
}

const show = (v: Value): string =>
  typeof v === 'object' && v !== null ? JSON.stringify(v) : v === null ? '' : String(v);

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c));

interface Piece {
  text?: string;
  action?: string;
}

function pieces(template: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) return [...out, { text: template.slice(at) }];
    if (open > at) out.push({ text: template.slice(at, open) });
    let end = open + 1;
    let quote = '';
    while (end < template.length && (quote !== '' || template[end] !== '}')) {
      const c = template[end] as string;
      if (quote !== '' && c === '\\') end++;
      else if (quote !== '' && c === quote) quote = '';
      else if (quote === '' && (c === '"' || c === "'")) quote = c;
      end++;
    }
    if (end >= template.length) throw new Error('unclosed action');
    out.push({ action: template.slice(open + 1, end).trim() });
    at = end + 1;
  }
  return out;
}

function run(list: Piece[], from: number, root: Value): { text: string; end: number } {
  let text = '';
  let i = from;
  for (; i < list.length; i++) {
    const { text: plain, action = '' } = list[i] as Piece;
    if (plain !== undefined) text += plain;
    else if (action === 'end') return { text, end: i };
    else if (action.startsWith('range ')) {
      const items = select([root], action.slice(6).trim().replace(/^@/, ''));
      let end = skip(list, i + 1);
      for (const item of items) {
        const inner = run(list, i + 1, item);
        text += inner.text;
        end = inner.end;
        if (text.length > 1_000_000) throw new Error('output too large');
      }
      i = end;
    } else if (/^"/.test(action) || /^'/.test(action)) text += unquote(action);
    else text += select([root], action.replace(/^@/, '')).map(show).join(' ');
  }
  return { text, end: i };
}

function skip(list: Piece[], from: number): number {
  let depth = 0;
  for (let i = from; i < list.length; i++) {
    const action = list[i]?.action ?? '';
    if (action.startsWith('range ')) depth++;
    else if (action === 'end' && depth-- === 0) return i;
  }
  return list.length;
}

/** Fills a template. A text without braces is taken as one path, as kubectl does. */
export function jsonPath(template: string, value: Value): JsonPathResult {
  const whole = template.includes('{')
    ? template
    : `{${template.startsWith('.') || template.startsWith('[') ? template : `.${template}`}}`;
  try {
    return { ok: true, text: run(pieces(whole), 0, value).text };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : 'bad template' };
  }
}
