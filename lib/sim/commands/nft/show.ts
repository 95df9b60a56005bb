/** nf_tables' expressions, sets and chains as nft 1.0.6 lists them. */
import type { NftElem, NftExpr, NftSet, NftSetRef, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { NfRule } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { typesOf } from './expr.ts';
import { formatRange, formatValue } from './types.ts';

export interface ShowOptions {
  ns: NetNs;
  now: number;
  family: string;
  numeric: boolean;
  stateless: boolean;
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

/** `1h30m` of seconds; -nn keeps seconds. */
export function timeText(us: number, numeric: boolean): string {
  const s = Math.floor(us / 1_000_000);
  if (numeric) return `${s}s`;
  const ms = Math.floor((us % 1_000_000) / 1000);
  const parts = [
    [Math.floor(s / 86400), 'd'],
    [Math.floor(s / 3600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'm'],
    [s % 60, 's'],
    [ms, 'ms'],
  ];
  return parts.map(([n, unit]) => (n ? `${n}${unit}` : '')).join('') || '0s';
}

export function elemText(e: NftElem, types: readonly string[], data: readonly string[] | null, o: ShowOptions): string {
  let text = e.key.map((r, i) => formatRange(r, types[i] as string, o.ns, o.numeric)).join(' . ');
  if (e.timeout !== undefined) text += ` timeout ${timeText(e.timeout * 1e6, o.numeric)}`;
  if (e.expires !== undefined) text += ` expires ${timeText(Math.max(0, e.expires - o.now), o.numeric)}`;
  if (e.comment) text += ` comment "${e.comment}"`;
  if (!data || e.data === undefined) return text;
  if (!Array.isArray(e.data)) return `${text} : ${e.data.code}${e.data.chain ? ` ${e.data.chain}` : ''}`;
  return `${text} : ${e.data.map((v, i) => formatValue(v, data[i] as string, o.ns, o.numeric)).join(' . ')}`;
}

const refText = (set: NftSetRef, data: readonly string[] | null, o: ShowOptions): string =>
  'name' in set ? `@${set.name}` : `{ ${set.elems.map((e) => elemText(e, set.types, data, o)).join(', ')} }`;

function exprText(e: NftExpr, o: ShowOptions, data: readonly string[] = []): string {
  switch (e.kind) {
    case 'field':
      return e.field.name;
    case 'numgen':
      return `numgen ${e.mode} mod ${e.mod}${e.offset ? ` offset ${e.offset}` : ''}`;
    case 'bin':
      return `${exprText(e.left, o)} ${e.op} ${formatValue(e.right, typesOf(e)[0] as string, o.ns, o.numeric)}`;
    case 'concat':
      return e.parts.map((p) => exprText(p, o)).join(' . ');
    case 'value':
      return formatValue(e.value, e.type, o.ns, o.numeric);
    case 'map':
      return `${exprText(e.key, o)} map ${refText(e.set, data, o)}`;
  }
}

function natText(s: Extract<NftStmt, { kind: 'nat' }>, o: ShowOptions): string {
  const port = s.port ? formatRange(s.port, 'inet_service', o.ns, o.numeric) : '';
  const flags = s.flags.length ? ` ${s.flags.join(',')}` : '';
  if (!s.addr) return `${s.what}${port ? ` to :${port}` : ''}${flags}`;
  const set = s.addr.kind === 'map' && 'elems' in s.addr.set ? s.addr.set : null;
  const first = set?.elems[0]?.data;
  const v = s.addr.kind === 'value' ? s.addr.value : Array.isArray(first) ? first[0] : undefined;
  const family = typeof v === 'bigint' || o.family === 'ip6' ? 'ip6' : 'ip';
  const pair = Array.isArray(first) && first.length > 1;
  const head = pair ? ` ${family} addr . port` : o.family === 'inet' ? ` ${family}` : '';
  const data = [family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr', 'inet_service'];
  let to = exprText(s.addr, o, data);
  if (port && typeof v === 'bigint' && s.addr.kind === 'value') to = `[${to}]`;
  return `${s.what}${head} to ${to}${port ? `:${port}` : ''}${flags}`;
}

export function stmtText(s: NftStmt, o: ShowOptions): string {
  switch (s.kind) {
    case 'match': {
      const type = typesOf(s.left)[0] as string;
      if (s.left.kind === 'bin' && type === 'tcp_flag') {
        const names = (bits: number) => formatValue(bits, type, o.ns, o.numeric);
        return `tcp flags ${s.op === '!=' ? '!= ' : ''}${names(Number(s.right.lo))} / ${names(s.left.right)}`;
      }
      const op = s.op === '==' ? (s.left.kind === 'bin' ? '== ' : '') : `${s.op} `;
      return `${exprText(s.left, o)} ${op}${formatRange(s.right, type, o.ns, o.numeric)}`;
    }
    case 'flags':
      return `${exprText(s.left, o)} ${s.not ? '!= ' : ''}${formatValue(s.bits, typesOf(s.left)[0] as string, o.ns, o.numeric)}`;
    case 'lookup':
      return `${exprText(s.left, o)} ${s.not ? '!= ' : ''}${refText(s.set, null, o)}`;
    case 'counter':
      return o.stateless ? 'counter' : `counter packets ${s.packets} bytes ${s.bytes}`;
    case 'limit':
      return `limit rate ${s.over ? 'over ' : ''}${s.rate}/${s.unit}${s.burst === 5 ? '' : ` burst ${s.burst} packets`}`;
    case 'log':
      return `log${s.prefix ? ` prefix "${s.prefix}"` : ''}${s.level === 4 ? '' : ` level ${LEVELS[s.level]}`}`;
    case 'reject':
      return o.numeric ? s.text.replace(/(icmp(?:v6)?) [a-z-]+$/, `$1 ${s.code}`) : s.text;
    case 'nat':
      return natText(s, o);
    case 'set':
      return `${s.target} set ${exprText(s.value, o)}`;
    case 'verdict':
      return `${s.verdict.code}${s.verdict.chain ? ` ${s.verdict.chain}` : ''}`;
    case 'vmap':
      return `${exprText(s.key, o)} vmap ${refText(s.set, ['verdict'], o)}`;
  }
}

/** A rule that nft made, on one line. */
export const nftRuleText = (rule: NfRule, o: ShowOptions): string =>
  (rule.nft ?? []).map((s) => stmtText(s, o)).join(' ') + (rule.comment ? ` comment "${rule.comment}"` : '');

/** Elements, so many on a line as nft puts there for the key's type. */
function elementsText(set: NftSet, elems: readonly NftElem[], o: ShowOptions): string {
  const texts = elems.map((e) => elemText(e, set.types, set.data, o));
  const limit = set.types.length > 1 ? 1 : ['inet_service', 'inet_proto'].includes(set.types[0] as string) ? 5 : 2;
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += limit) lines.push(texts.slice(i, i + limit).join(', '));
  return lines.join(',\n\t\t\t     ');
}

/** A named set or map. */
export function setText(set: NftSet, o: ShowOptions, handles: boolean, withElems = true, elems = set.elems): string {
  const lines = [`\t${set.data ? 'map' : 'set'} ${set.name} {${handles ? ` # handle ${set.handle}` : ''}`];
  lines.push(`\t\ttype ${set.types.join(' . ')}${set.data ? ` : ${set.data.join(' . ')}` : ''}`);
  if (set.size) lines.push(`\t\tsize ${set.size}`);
  const flags = [set.constant && 'constant', set.interval && 'interval', set.timed && 'timeout'].filter(Boolean);
  if (flags.length) lines.push(`\t\tflags ${flags.join(',')}`);
  if (set.autoMerge) lines.push('\t\tauto-merge');
  if (set.timeout) lines.push(`\t\ttimeout ${timeText(set.timeout * 1e6, o.numeric)}`);
  if (set.comment) lines.push(`\t\tcomment "${set.comment}"`);
  const alive = elems.filter((e) => e.expires === undefined || e.expires > o.now);
  if (withElems && alive.length) lines.push(`\t\telements = { ${elementsText(set, alive, o)} }`);
  return `${lines.join('\n')}\n\t}\n`;
}
