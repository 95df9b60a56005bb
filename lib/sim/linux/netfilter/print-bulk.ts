/**
 * The rules of whole chains as text, for listings of a hundred thousand lines: the same text as print.ts makes rule by rule
 * (print-bulk.test.ts), gathered in pieces that are joined once, with what many rules share taken from where it is kept. It says
 * again what print.ts says, for speed.
 */
import type { NatRange } from '../conntrack/nat.ts';
import { cacheOf } from './chain-cache.ts';
import { listAddress, maskLength, saveHead } from './head.ts';
import { MATCHES } from './match/registry.ts';
import { type ListFormat, listRule, saveTarget, targetName } from './print.ts';
import { TARGETS } from './target/registry.ts';
import { TEXTS } from './texts.ts';
import type { MatchSpec, Netfilter, NfChain, NfRule, NfTable, RuleHead, TargetSpec } from './types.ts';
import { saveString } from './values.ts';

type Family = 'ip' | 'ip6';

/** Pieces kept before they become one string, and room for those of one more row. */
const MOST = 8192;
const ROOM = 64;

/** A growing text, put together from pieces. */
export class Text {
  private readonly pieces: string[] = [];
  private count = 0;
  private readonly done: string[] = [];

  put(piece: string): void {
    this.pieces[this.count++] = piece;
  }

  /** Call before each row. */
  row(): void {
    if (this.count < MOST - ROOM) return;
    this.done.push(
      this.count === this.pieces.length ? this.pieces.join('') : this.pieces.slice(0, this.count).join(''),
    );
    this.count = 0;
  }

  /** All of it; the text is empty again afterwards. */
  take(): string {
    const rest = this.pieces.slice(0, this.count).join('');
    this.count = 0;
    return this.done.length === 0 ? rest : [...this.done.splice(0), rest].join('');
  }
}

/** The last comment's printed form in three parts: rules of one Service follow each other. */
class Comments {
  private last: MatchSpec | null = null;
  private open = '';
  private body = '';
  private close = '';

  constructor(
    private readonly begin: string,
    private readonly end: string,
    /** The text between quotes, or as it is. */
    private readonly quote: ((text: string) => string) | null,
  ) {}

  put(out: Text, spec: MatchSpec): void {
    if (spec !== this.last) {
      this.last = spec;
      const text = spec.args.text as string;
      const shown = this.quote ? this.quote(text) : text;
      // A long text in quotes is taken in parts, so that none has to be copied.
      const plain = this.quote !== null && shown.length === text.length + 3;
      this.open = plain ? `${this.begin} "` : this.begin;
      this.body = plain ? text : shown;
      this.close = plain ? '"' : this.end;
    }
    out.put(this.open);
    out.put(this.body);
    out.put(this.close);
  }
}

const BLANKS = Array.from({ length: 20 }, (_, n) => `${' '.repeat(n)} `);

/** The two halves of addresses as they were printed last, `10.96.` and `0.10`: half as many pieces as there are octets. */
const highHalves = new Map<number, string>();
const lowHalves: (string | undefined)[] = new Array<undefined>(65_536).fill(undefined);

function highHalf(ip: number): string {
  const half = ip >>> 16;
  let text = highHalves.get(half);
  if (text === undefined) {
    text = `${half >>> 8}.${half & 255}.`;
    if (highHalves.size >= 1000) highHalves.clear();
    highHalves.set(half, text);
  }
  return text;
}

/** Puts an IPv4 address; answers its length. */
function putIp(out: Text, ip: number): number {
  const half = ip & 0xffff;
  const high = highHalf(ip);
  const low = (lowHalves[half] ??= `${half >>> 8}.${half & 255}`);
  out.put(high);
  out.put(low);
  return high.length + low.length;
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

/** Whether nothing but a change of its rules changes what a chain prints: all that its rules hold is fixed. */
function isSteady(chain: NfChain): boolean {
  for (const { matches, target } of chain.rules) {
    for (const m of matches) if (m.name !== 'comment' && !m[TEXTS]) return false;
    if (target && target.chain === undefined && !target[TEXTS] && target.name !== 'DNAT') return false;
  }
  return true;
}

/** Writes `-A CHAIN …` for every rule of a chain. */
export class SavePrinter {
  private readonly comments: Comments;
  private readonly text = new Text();

  constructor(
    private readonly nf: Netfilter,
    private readonly family: Family,
    private readonly counters: boolean,
  ) {
    this.comments = new Comments(' -m comment --comment', '', saveString);
  }

  /** Prints all chains in the order in which they and their rules were made, as they stand in memory. */
  warm(table: NfTable): void {
    if (!this.counters) for (const chain of table.chains.values()) if (isSteady(chain)) this.chain(chain);
  }

  chain(chain: NfChain): string {
    if (this.counters) return this.print(chain);
    const cache = cacheOf(this.nf, chain);
    if (cache.saved !== undefined) return cache.saved;
    const text = this.print(chain);
    if (isSteady(chain)) cache.saved = text;
    return text;
  }

  private print(chain: NfChain): string {
    const start = `-A ${chain.name}`;
    for (const rule of chain.rules) {
      const out = this.text;
      out.row();
      if (this.counters) out.put(`[${rule.packets}:${rule.bytes}] `);
      out.put(start);
      this.head(out, rule.head);
      for (const m of rule.matches) this.match(out, m);
      const { target } = rule;
      if (target?.name === 'jump') {
        out.put(' -j ');
        out.put(target.chain as string);
        out.put('\n');
      } else {
        if (target) this.target(out, rule, target);
        out.put('\n');
      }
    }
    return this.text.take();
  }

  private target(out: Text, rule: NfRule, target: TargetSpec): void {
    const dnat = plainDnat(target);
    if (dnat) {
      out.put(' -j DNAT --to-destination ');
      putIp(out, dnat.ip);
      out.put(':');
      out.put(String(dnat.port));
    } else out.put(saveTarget(rule, this.family));
  }

  private head(out: Text, head: RuleHead): void {
    const { src, dst, proto } = head;
    const source = src && typeof src.mask === 'number' ? prefixText(src.mask) : null;
    const dest = dst && typeof dst.mask === 'number' ? prefixText(dst.mask) : null;
    if ((src && source === null) || (dst && dest === null) || head.iif || head.oif || head.frag || proto?.not) {
      out.put(saveHead(head));
      return;
    }
    if (src && source !== null) {
      out.put(src.not ? ' ! -s ' : ' -s ');
      putIp(out, src.ip as number);
      out.put(source);
    }
    if (dst && dest !== null) {
      out.put(dst.not ? ' ! -d ' : ' -d ');
      putIp(out, dst.ip as number);
      out.put(dest);
    }
    if (proto)
      out.put(proto.number === 6 ? ' -p tcp' : proto.number === 17 ? ' -p udp' : saveHead({ ...EMPTY, proto }));
  }

  private match(out: Text, m: MatchSpec): void {
    if (m.name === 'comment') {
      this.comments.put(out, m);
      return;
    }
    const kept = m[TEXTS];
    out.put(kept ? kept.saved : ` -m ${m.name}${MATCHES.get(m.name)?.save(m.args, this.family) ?? ''}`);
  }
}

const ANYWHERE = ` ${'0.0.0.0/0'.padEnd(19)} `;

/** Writes the rows of -L for every rule of a chain. */
export class ListPrinter {
  private readonly comments: Comments;
  private readonly short: boolean;
  private readonly text = new Text();

  constructor(
    private readonly nf: Netfilter,
    private readonly family: Family,
    private readonly format: ListFormat,
  ) {
    this.comments = new Comments(' /* ', ' */', null);
    this.short = format.numeric && !format.verbose && !format.lineNumbers && family === 'ip';
  }

  /** As {@link SavePrinter.warm}. */
  warm(table: NfTable): void {
    if (this.short) for (const chain of table.chains.values()) if (isSteady(chain)) this.chain(chain);
  }

  chain(chain: NfChain): string {
    if (!this.short) return this.print(chain);
    const cache = cacheOf(this.nf, chain);
    if (cache.listed !== undefined) return cache.listed;
    const text = this.print(chain);
    if (isSteady(chain)) cache.listed = text;
    return text;
  }

  private print(chain: NfChain): string {
    for (let i = 0; i < chain.rules.length; i++) {
      const rule = chain.rules[i] as NfRule;
      const out = this.text;
      out.row();
      if (this.short && !rule.head.frag && rule.target?.name !== 'goto') this.row(out, rule);
      else out.put(listRule(rule, i + 1, this.family, this.format));
    }
    return this.text.take();
  }

  private row(out: Text, rule: NfRule): void {
    const { head, target } = rule;
    const name = targetName(rule);
    out.put(name.length < 9 ? name.padEnd(9) : name);
    out.put(this.protocol(head));
    this.address(out, head.src);
    this.address(out, head.dst);
    for (const m of rule.matches) {
      if (m.name === 'comment') this.comments.put(out, m);
      else this.extension(out, m[TEXTS]?.list ?? MATCHES.get(m.name)?.list(m.args, true, head, this.family));
    }
    if (target && target.chain === undefined) this.target(out, rule, target);
    out.put('\n');
  }

  private extension(out: Text, shown: string | null | undefined): void {
    if (shown === null || shown === undefined) return;
    out.put(' ');
    out.put(shown);
  }

  private protocol({ proto }: RuleHead): string {
    if (!proto) return '  0    -- ';
    if (proto.number === 6 && !proto.not) return '  6    -- ';
    return ` ${proto.not ? '!' : ' '}${String(proto.number).padEnd(4)} -- `;
  }

  private target(out: Text, { head }: NfRule, target: TargetSpec): void {
    const dnat = plainDnat(target);
    if (dnat) {
      out.put(' to:');
      putIp(out, dnat.ip);
      out.put(':');
      out.put(String(dnat.port));
      return;
    }
    this.extension(out, target[TEXTS]?.list ?? TARGETS.get(target.name)?.list(target.args, true, head, this.family));
  }

  private address(out: Text, a: RuleHead['src']): void {
    if (!a) {
      out.put(ANYWHERE);
      return;
    }
    out.put(a.not ? '!' : ' ');
    if (a.mask === 0xffffffff) out.put(BLANKS[19 - putIp(out, a.ip as number)] as string);
    else {
      out.put(listAddress(a, 'ip', true, undefined).padEnd(19));
      out.put(' ');
    }
  }
}

const EMPTY: RuleHead = { src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 };
