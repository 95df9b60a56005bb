/** Statements and rules as nft writes them. */
import type { NftExpr, NftNat, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Family, NfRule } from '../../linux/netfilter/types.ts';
import { formatValue } from './datatypes.ts';
import { typesOf } from './eval-expr.ts';
import {
  elemText,
  exprText,
  flagsText,
  type PrintOptions,
  refText,
  rightText,
  valueText,
  verdictText,
} from './print-expr.ts';
import { stateText } from './print-state.ts';
import { timeText } from './time.ts';
import { visibleStmts } from './visible.ts';

export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

function logText(s: Extract<NftStmt, { kind: 'log' }>): string {
  let text = 'log';
  if (s.prefix !== null) text += ` prefix "${s.prefix}"`;
  if (s.group !== null) text += ` group ${s.group}`;
  if (s.snaplen !== null) text += ` snaplen ${s.snaplen}`;
  if (s.threshold) text += ` queue-threshold ${s.threshold}`;
  if (s.level !== 4) text += ` level ${LOG_LEVELS[s.level]}`;
  return text + logFlagsText(s.flags);
}

export function logFlagsText(flags: number): string {
  if ((flags & 0x2f) === 0x2f) return ' flags all';
  let text = '';
  if (flags & 3) text += ` flags tcp ${[flags & 1 && 'sequence', flags & 2 && 'options'].filter(Boolean).join(',')}`;
  if (flags & 4) text += ' flags ip options';
  if (flags & 8) text += ' flags skuid';
  return flags & 32 ? `${text} flags ether` : text;
}

function rejectText(s: Extract<NftStmt, { kind: 'reject' }>, o: PrintOptions): string {
  if (s.type === 'tcp') return 'reject with tcp reset';
  const usual = s.type === 'icmp' ? 3 : s.type === 'icmpv6' ? 4 : 1;
  if (s.code === usual && !(s.verbose && s.type !== 'icmpx')) return 'reject';
  return `reject with ${s.type} ${formatValue(s.code, `${s.type}_code`, o)}`;
}

const braces = (text: string, v6: boolean): string => (v6 ? `[${text}]` : text);

function addressText(e: NftExpr, o: PrintOptions, port: boolean): string {
  if (e.kind !== 'value') return exprText(e, o);
  const v6 = port && typeof e.value.lo === 'bigint';
  if (e.value.lo === e.value.hi || e.value.len !== undefined) return braces(exprText(e, o), v6);
  return `${braces(formatValue(e.value.lo, e.type, o), v6)}-${braces(formatValue(e.value.hi, e.type, o), v6)}`;
}

/** Data of a translation's map: an address, with a port behind it where there are two. */
function natAddress(s: NftNat, o: PrintOptions): string {
  const { addr } = s;
  if (addr?.kind !== 'map') return addr ? addressText(addr, o, s.port !== null) : '';
  return exprText(addr, o);
}

function natText(s: NftNat, o: PrintOptions): string {
  const flags = s.flags.length ? ` ${s.flags.join(',')}` : '';
  const port = s.port ? `:${exprText(s.port, o)}` : '';
  if (!s.addr && !port) return `${s.what}${flags}`;
  const family = s.shown && s.family ? ` ${s.family}` : '';
  return `${s.what}${family}${s.prefix ? ' prefix' : ''} to ${natAddress(s, o)}${port}${flags}`;
}

/** A value to be set, of the type of what it is set to. */
function assigned(e: NftExpr, o: PrintOptions, type: string): string {
  if (e.kind === 'value' && typeof e.value.lo === 'number' && type === 'ct_event')
    return flagsText(type, e.value.lo, o, ',');
  if (e.kind === 'value' && (type === 'tcp_flag' || type === 'ct_state'))
    return flagsText(type, Number(e.value.lo), o, ' | ');
  return exprText(e, o);
}

function dynsetText(s: Extract<NftStmt, { kind: 'dynset' }>, o: PrintOptions): string {
  let elem = exprText(s.key, o);
  if (s.timeout) elem += ` timeout ${timeText(s.timeout)}`;
  for (const x of s.stmts) elem += ` ${stateText(x, { stateless: true })}`;
  if (s.data) elem += ` : ${exprText(s.data, o)}`;
  if (s.meter) return `meter ${s.set} size ${s.size ?? 65535} { ${elem} }`;
  return `${s.op} @${s.set} { ${elem} }`;
}

function objectText(s: Extract<NftStmt, { kind: 'objref' }>, o: PrintOptions): string {
  const name = typeof s.name === 'string' ? `"${s.name}"` : exprText(s.name, o);
  return s.object.startsWith('ct ') ? `${s.object} set ${name}` : `${s.object} name ${name}`;
}

export function stmtText(s: NftStmt, o: PrintOptions): string {
  switch (s.kind) {
    case 'match': {
      const single = s.right.lo === s.right.hi;
      const type = typesOf(s.left)[0]?.type ?? 'integer';
      const flags = ['tcp_flag', 'ct_state', 'ct_status', 'ct_event'].includes(type);
      const one =
        flags &&
        single &&
        (s.left.kind === 'field' && s.left.field.name.startsWith('tcp')
          ? true
          : (Number(s.right.lo) & (Number(s.right.lo) - 1)) === 0);
      const op = s.op === '==' ? (s.left.kind === 'bin' || one ? '== ' : '') : `${s.op} `;
      return `${exprText(s.left, o)} ${op}${rightText(s.left, s.right, o)}`;
    }
    case 'flags':
      return `${exprText(s.left, o)} ${s.not ? '! ' : ''}${flagsText(typesOf(s.left)[0]?.type ?? '', s.bits, o, ',')}`;
    case 'flagcmp': {
      const type = typesOf(s.left)[0]?.type ?? '';
      return `${exprText(s.left, o)} ${s.not ? '!= ' : ''}${flagsText(type, s.value, o, ',')} / ${flagsText(type, s.mask, o, ',')}`;
    }
    case 'lookup':
      return `${exprText(s.left, o)} ${s.not ? '!= ' : s.left.kind === 'bin' ? '== ' : ''}${refText(s.set, o)}`;
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
      return stateText(s, o);
    case 'log':
      return logText(s);
    case 'reject':
      return rejectText(s, o);
    case 'nat':
      return natText(s, o);
    case 'set':
      return `${s.target.name} set ${assigned(s.value, o, s.target.type)}`;
    case 'notrack':
      return 'notrack';
    case 'queue':
      return `queue${s.flags.length ? ` flags ${s.flags.join(',')}` : ''} to ${exprText(s.from, o)}`;
    case 'dup':
    case 'fwd':
      return `${s.kind} to ${s.to ? exprText(s.to, o) : s.dev ? exprText(s.dev, o) : ''}${s.to && s.dev ? ` device ${exprText(s.dev, o)}` : ''}`;
    case 'tproxy': {
      const port = s.port ? `:${exprText(s.port, o)}` : '';
      return `tproxy${s.family && s.addr ? ` ${s.family}` : ''} to ${s.addr ? addressText(s.addr, o, s.port !== null) : ''}${port}`;
    }
    case 'synproxy':
      return `synproxy${s.mss === null ? '' : ` mss ${s.mss}`}${s.wscale === null ? '' : ` wscale ${s.wscale}`}${s.timestamp ? ' timestamp' : ''}${s.sack ? ' sack-perm' : ''}`;
    case 'objref':
      return objectText(s, o);
    case 'dynset':
      return dynsetText(s, o);
    case 'flow':
      return `flow add @${s.name}`;
    case 'verdict':
      return verdictText(s.verdict);
    case 'vmap':
      return `${exprText(s.key, o)} vmap ${refText(s.set, o)}`;
  }
}

/** A rule that nft made, on one line. */
export const nftRuleText = (rule: NfRule, o: PrintOptions): string =>
  visibleStmts(rule.nft ?? [], o.family as Family)
    .map((s) => stmtText(s, o))
    .join(' ') + (rule.comment === undefined ? '' : ` comment "${rule.comment}"`);

export { elemText, valueText };
