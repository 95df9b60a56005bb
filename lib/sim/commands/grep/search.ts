export interface GrepOptions {
  /** The leftmost, longest match from `from` on. */
  find(line: string, from: number): { start: number; end: number } | null;
  invert: boolean;
  only: boolean;
  count: boolean;
  number: boolean;
  list: 'l' | 'L' | null;
  quiet: boolean;
  max: number;
  after: number;
  before: number;
  named: boolean;
  contexts: boolean;
  text: boolean;
  colour: boolean;
}

/** What grep prints for one file, and whether a line was selected. */
export function grepText(text: string, name: string, o: GrepOptions): { out: string; matched: boolean } {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const paint = (s: string, code: string) => (o.colour && s !== '' ? `\x1b[${code}m\x1b[K${s}\x1b[m\x1b[K` : s);
  const lead = (i: number, mark: string) =>
    (o.named ? paint(name, '35') + paint(mark, '36') : '') +
    (o.number ? paint(String(i + 1), '32') + paint(mark, '36') : '');
  const binary = !o.text && text.includes('\0');
  let out = '';
  let count = 0;
  let printed = -1;
  let afterUntil = -1;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const hit = count < o.max && (o.find(line, 0) !== null) !== o.invert;
    if (hit) {
      count++;
      if (o.quiet || o.list) break;
      if (o.count) {
        if (count >= o.max) break;
        continue;
      }
      if (binary) return { out: `Binary file ${name} matches\n`, matched: true };
      if (o.contexts) {
        const from = Math.max(printed + 1, i - o.before);
        if (printed >= 0 && from > printed + 1) out += `${paint('--', '36')}\n`;
        for (let k = from; k < i; k++) if (!o.only) out += `${lead(k, '-')}${lines[k]}\n`;
      }
      out += o.only
        ? onlyParts(line, i, o, lead, paint)
        : `${lead(i, ':')}${o.invert ? line : painted(line, o, paint)}\n`;
      printed = i;
      afterUntil = i + o.after;
    } else if (i <= afterUntil && !o.count) {
      if (!o.only) out += `${lead(i, '-')}${line}\n`;
      printed = i;
    }
    if (count >= o.max && i >= afterUntil) break;
  }
  const matched = count > 0;
  if (o.quiet) return { out: '', matched };
  if (o.list)
    return { out: matched === (o.list === 'l') ? `${name}\n` : '', matched: o.list === 'l' ? matched : !matched };
  if (o.count) return { out: `${o.named ? `${name}:` : ''}${count}\n`, matched };
  return { out, matched };
}

type Paint = (s: string, code: string) => string;

function onlyParts(
  line: string,
  i: number,
  o: GrepOptions,
  lead: (i: number, mark: string) => string,
  paint: Paint,
): string {
  if (o.invert) return '';
  let out = '';
  for (let at = 0; at <= line.length; ) {
    const m = o.find(line, at);
    if (!m) break;
    if (m.end > m.start) out += `${lead(i, ':')}${paint(line.slice(m.start, m.end), '01;31')}\n`;
    at = m.end > m.start ? m.end : m.end + 1;
  }
  return out;
}

function painted(line: string, o: GrepOptions, paint: Paint): string {
  if (!o.colour) return line;
  let out = '';
  let at = 0;
  for (let from = 0; from <= line.length; ) {
    const m = o.find(line, from);
    if (!m) break;
    out += line.slice(at, m.start) + paint(line.slice(m.start, m.end), '01;31');
    at = m.end;
    from = m.end > m.start ? m.end : m.end + 1;
  }
  return out + line.slice(at);
}
