/**
 * The plain form in which components write their configuration: `key: value`, one level of `section:` with indented keys, lists in
 * brackets. Read without the YAML parser, which a cluster needs only once a learner writes manifests: it is the largest part that a
 * prompt can do without.
 */
type Section = Record<string, unknown>;

const KEY = /^( *)([A-Za-z][\w.-]*):(?: +(.*))?$/;

function scalar(text: string): unknown {
  const t = text.trim();
  if (t === '' || t === 'null' || t === '~') return null;
  if (/^"[^"\\]*"$/.test(t) || /^'[^']*'$/.test(t)) return t.slice(1, -1);
  if (t === 'true' || t === 'false') return t === 'true';
  if (/^-?\d+$/.test(t)) return Number(t);
  if (/^\[.*\]$/.test(t)) {
    const inner = t.slice(1, -1).trim();
    const items = inner === '' ? [] : inner.split(',').map(scalar);
    return items.includes(undefined) ? undefined : items;
  }
  return /^[\w./:-]+$/.test(t) ? t : undefined;
}

/** The configuration as a record, or null when the text is anything but that plain form. */
export function readComponentConfig(text: string): Section | null {
  const root: Section = {};
  let section: Section | null = null;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const m = KEY.exec(line);
    if (!m) return null;
    const [, indent = '', key = '', rest] = m;
    const value = scalar(rest ?? '');
    if (value === undefined) return null;
    if (indent !== '') {
      if (!section || rest === undefined) return null;
      section[key] = value;
    } else if (rest === undefined) root[key] = section = {};
    else {
      root[key] = value;
      section = null;
    }
  }
  return root;
}
