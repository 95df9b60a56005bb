/**
 * The rules of whole chains as text, for listings of a hundred thousand lines: the same text as print.ts makes rule by rule
 * (print-bulk.test.ts), gathered in pieces that are joined once, with what many rules share taken from where it is kept. It says
 * again what print.ts says, for speed.
 */
import type { NatRange } from '../conntrack/nat.ts';
import { listAddress, maskLength, saveHead } from './head.ts';
import { MATCHES } from './match/registry.ts';
import { type ListFormat, listRule, saveTarget, targetName } from './print.ts';
import { TARGETS } from './target/registry.ts';
import { TEXTS } from './texts.ts';
import type { MatchSpec, NfChain, NfRule, RuleHead, TargetSpec } from './types.ts';

type Family = 'ip' | 'ip6';

/** Pieces kept before they become one string. */
const MOST = 8192;

/** A growing text. */
export class Text {
  private pieces: string[] = [];
  private readonly done: string[] = [];

  add(piece: string): void {
    this.pieces.push(piece);
  }

  /** The pieces of a row, to push to. */
  row(): string[] {
    if (this.pieces.length > MOST) {
      this.done.push(this.pieces.join(''));
      this.pieces = [];
    }
    return this.pieces;
  }

  toString(): string {
    this.done.push(this.pieces.join(''));
    this.pieces = [];
    return this.done.join('');
  }
}

/** The last comment's printed form: rules of one Service follow each other. */
class Comments {
  private last: MatchSpec | null = null;
  private text = '';

  constructor(private readonly print: (spec: MatchSpec) => string) {}

  of(spec: MatchSpec): string {
    if (spec !== this.last) {
      this.last = spec;
      this.text = this.print(spec);
    }
    return this.text;
  }
}

const OCTETS = Array.from({ length: 256 }, (_, n) => `${n}`);
const DOTTED = OCTETS.map((octet) => `${octet}.`);
const BLANKS = Array.from({ length: 20 }, (_, n) => `${' '.repeat(n)} `);

/** Pushes an IPv4 address; answers its length. */
function pushIp(out: string[], ip: number): number {
  const a = DOTTED[ip >>> 24] as string;
  const b = DOTTED[(ip >>> 16) & 255] as string;
  const c = DOTTED[(ip >>> 8) & 255] as string;
  const d = OCTETS[ip & 255] as string;
  out.push(a, b, c, d);
  return a.length + b.length + c.length + d.length;
}

const prefixes = new Map<number, string | null>();
/** `/24`, or null for a mask that is no prefix. */
function prefixText(mask: number): string | null {
  let text = prefixes.get(mask);
  if (text === undefined) {
    const bits = maskLength(mask);
    text = bits === null ? null : `/${bits}`;
    if (prefixes.size < 100) prefixes.set(mask, text);
  }
  return text;
}

/** The address and port of a DNAT without anything else; null for other targets. */
function plainDnat(target: TargetSpec): { ip: number; port: number } | null {
  if (target.name !== 'DNAT') return null;
  const r = target.args as unknown as NatRange;
  if (typeof r.minIp !== 'number' || r.minIp !== r.maxIp || r.minPort === null || r.minPort !== r.maxPort) return null;
  if (r.basePort !== null || r.random || r.fully || r.persistent) return null;
  return { ip: r.minIp, port: r.minPort };
}

/** Writes `-A CHAIN …` for every rule of a chain. */
export class SavePrinter {
  private readonly comments: Comments;

  constructor(
    private readonly text: Text,
    private readonly family: Family,
    private readonly counters: boolean,
  ) {
    this.comments = new Comments((m) => ` -m comment${MATCHES.get('comment')?.save(m.args, family) ?? ''}`);
  }

  chain(chain: NfChain): void {
    const { name } = chain;
    for (const rule of chain.rules) {
      const out = this.text.row();
      if (this.counters) out.push(`[${rule.packets}:${rule.bytes}] `);
      out.push('-A ', name);
      this.head(out, rule.head);
      for (const m of rule.matches) this.match(out, m);
      const { target } = rule;
      if (target?.name === 'jump') out.push(' -j ', target.chain as string, '\n');
      else {
        if (target) this.target(out, rule, target);
        out.push('\n');
      }
    }
  }

  private target(out: string[], rule: NfRule, target: TargetSpec): void {
    const dnat = plainDnat(target);
    if (dnat) {
      out.push(' -j DNAT --to-destination ');
      pushIp(out, dnat.ip);
      out.push(':', String(dnat.port));
    } else out.push(saveTarget(rule, this.family));
  }

  private head(out: string[], head: RuleHead): void {
    const { src, dst, proto } = head;
    const source = src && typeof src.mask === 'number' ? prefixText(src.mask) : null;
    const dest = dst && typeof dst.mask === 'number' ? prefixText(dst.mask) : null;
    if ((src && source === null) || (dst && dest === null) || head.iif || head.oif || head.frag || proto?.not) {
      out.push(saveHead(head));
      return;
    }
    if (src && source !== null) {
      out.push(src.not ? ' ! -s ' : ' -s ');
      pushIp(out, src.ip as number);
      out.push(source);
    }
    if (dst && dest !== null) {
      out.push(dst.not ? ' ! -d ' : ' -d ');
      pushIp(out, dst.ip as number);
      out.push(dest);
    }
    if (proto)
      out.push(proto.number === 6 ? ' -p tcp' : proto.number === 17 ? ' -p udp' : saveHead({ ...EMPTY, proto }));
  }

  private match(out: string[], m: MatchSpec): void {
    if (m.name === 'comment') {
      out.push(this.comments.of(m));
      return;
    }
    const kept = m[TEXTS];
    out.push(kept ? kept.saved : ` -m ${m.name}${MATCHES.get(m.name)?.save(m.args, this.family) ?? ''}`);
  }
}

const ANYWHERE = ` ${'0.0.0.0/0'.padEnd(19)} `;

/** Writes the rows of -L for every rule of a chain. */
export class ListPrinter {
  private readonly comments: Comments;
  private readonly short: boolean;

  constructor(
    private readonly text: Text,
    private readonly family: Family,
    private readonly format: ListFormat,
  ) {
    this.comments = new Comments((m) => ` ${MATCHES.get('comment')?.list(m.args, true, EMPTY, family)}`);
    this.short = format.numeric && !format.verbose && !format.lineNumbers && family === 'ip';
  }

  chain(chain: NfChain): void {
    for (let i = 0; i < chain.rules.length; i++) {
      const rule = chain.rules[i] as NfRule;
      const out = this.text.row();
      if (this.short && !rule.head.frag && rule.target?.name !== 'goto') this.row(out, rule);
      else out.push(listRule(rule, i + 1, this.family, this.format));
    }
  }

  private row(out: string[], rule: NfRule): void {
    const { head, target } = rule;
    const name = targetName(rule);
    out.push(name.length < 9 ? name.padEnd(9) : name, this.protocol(head));
    this.address(out, head.src);
    this.address(out, head.dst);
    for (const m of rule.matches) {
      if (m.name === 'comment') out.push(this.comments.of(m));
      else this.extension(out, m[TEXTS]?.list ?? MATCHES.get(m.name)?.list(m.args, true, head, this.family));
    }
    if (target && target.chain === undefined) this.target(out, rule, target);
    out.push('\n');
  }

  private extension(out: string[], shown: string | null | undefined): void {
    if (shown !== null && shown !== undefined) out.push(' ', shown);
  }

  private protocol({ proto }: RuleHead): string {
    if (!proto) return '  0    -- ';
    if (proto.number === 6 && !proto.not) return '  6    -- ';
    return ` ${proto.not ? '!' : ' '}${String(proto.number).padEnd(4)} -- `;
  }

  private target(out: string[], { head }: NfRule, target: TargetSpec): void {
    const dnat = plainDnat(target);
    if (dnat) {
      out.push(' to:');
      pushIp(out, dnat.ip);
      out.push(':', String(dnat.port));
      return;
    }
    this.extension(out, target[TEXTS]?.list ?? TARGETS.get(target.name)?.list(target.args, true, head, this.family));
  }

  private address(out: string[], a: RuleHead['src']): void {
    if (!a) {
      out.push(ANYWHERE);
      return;
    }
    out.push(a.not ? '!' : ' ');
    if (a.mask === 0xffffffff) out.push(BLANKS[19 - pushIp(out, a.ip as number)] as string);
    else out.push(listAddress(a, 'ip', true, undefined).padEnd(19), ' ');
  }
}

const EMPTY: RuleHead = { src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 };
