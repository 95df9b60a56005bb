/**
 * The short way for the lines that fill large rule sets (`-A CHAIN …` as kube-proxy and iptables-save write them): one pass over
 * the text, without a list of words, and one object for equal matches and targets of all rules. It is ugly for speed: the full
 * parser takes ten times as long. Whatever is in any way unusual is left to that parser, and what both read must be equal
 * (fast-rules.test.ts).
 */
import type { ParseContext, XtOption } from './ext.ts';
import { emptyHead } from './head.ts';
import { MATCHES } from './match/registry.ts';
import { checkUse } from './parse-checks.ts';
import { type Ext, type Given, saidBy } from './said.ts';
import { TARGETS, TARGETS_NOT_MODELLED } from './target/registry.ts';
import { TEXTS } from './texts.ts';
import type { MatchSpec, NfRule, RuleHead, TargetSpec } from './types.ts';

/** Matches and targets whose arguments follow from their own options and the protocol, and never change while packets pass; comments besides. */
const PLAIN = new Set(['tcp', 'udp', 'mark', 'statistic', 'addrtype', 'conntrack']);
const PLAIN_TARGETS = new Set(['ACCEPT', 'DROP', 'RETURN', 'MASQUERADE', 'MARK', 'DNAT', 'REJECT']);
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1 };
const MAX_NAME = 28;

const SPACE = 32;
const QUOTE = 34;
const DASH = 45;
const BANG = 33;

const NO_ARGS = Object.freeze({});
const PROTO = new Map(
  Object.values(PROTOCOLS).map((number) => [number, Object.freeze({ number, not: false })] as const),
);
const HEADS = new Map<number, RuleHead>([
  [0, Object.freeze(emptyHead())],
  ...[...PROTO].map(([number, proto]): [number, RuleHead] => [number, Object.freeze({ ...emptyHead(), proto })]),
]);

type Address = NonNullable<RuleHead['src']>;

/** An extension of the line being read, with its options so far. */
interface Part {
  /** Null for a comment, which is read at once. */
  def: Ext | null;
  spec: MatchSpec | null;
  /** The first `count` are this line's; the records are used again for every line. */
  options: Given[];
  count: number;
}

const optionsOf = new Map<Ext, ReadonlyMap<string, XtOption>>();
function optionOf(def: Ext, name: string): XtOption | undefined {
  let known = optionsOf.get(def);
  if (!known) optionsOf.set(def, (known = new Map(def.options.map((o) => [o.name, o]))));
  return known.get(name);
}

export class FastRules {
  private readonly seen = new Set<string>();
  private readonly parts: Part[] = [];
  private used = 0;
  private text = '';
  private at = 0;
  private end = 0;
  private quoted = false;
  private comment: MatchSpec | null = null;
  private jump: TargetSpec | null = null;
  private address: { text: string; not: boolean; value: Address } | null = null;
  /** The chain of the last line read. */
  chain = '';

  constructor(private readonly ctx: Omit<ParseContext, 'head' | 'warnings'>) {}

  /** Reads `text` from `from` to `to`, a line that begins with `-A `; null when it needs the full parser. Sets {@link chain}. */
  read(text: string, from: number, to: number): NfRule | null {
    this.text = text;
    this.at = from + 3;
    this.end = to;
    const known = this.at + this.chain.length;
    if (this.chain !== '' && text.startsWith(this.chain, this.at) && text.charCodeAt(known) === SPACE && known < to) {
      this.at = known;
      return this.rule();
    }
    const chain = this.word();
    if (chain === null || chain === '' || this.quoted || chain.length > MAX_NAME) return null;
    const first = chain.charCodeAt(0);
    if (first === DASH || first === BANG) return null;
    this.chain = chain;
    return this.rule();
  }

  /** The next word: '' at the end of the line, null when it is written in an unusual way. */
  private word(): string | null {
    const { text, end } = this;
    let i = this.at;
    while (i < end && text.charCodeAt(i) === SPACE) i++;
    this.quoted = false;
    if (i >= end) return '';
    if (text.charCodeAt(i) === QUOTE) {
      const close = text.indexOf('"', i + 1);
      if (close <= i + 1 || close >= end) return null;
      if (close + 1 < end && text.charCodeAt(close + 1) !== SPACE) return null;
      this.at = close + 1;
      this.quoted = true;
      const word = text.slice(i + 1, close);
      return word.includes('\\') ? null : word;
    }
    let j = i;
    for (; j < end; j++) {
      const c = text.charCodeAt(j);
      if (c === SPACE) break;
      if (c < SPACE || c === QUOTE) return null;
    }
    this.at = j;
    return text.slice(i, j);
  }

  private rule(): NfRule | null {
    this.used = 0;
    let src: Address | null = null;
    let dst: Address | null = null;
    let hasSrc = false;
    let hasDst = false;
    let proto = 0;
    let target: TargetSpec | null = null;
    let targetPart: Part | null = null;
    let not = false;
    for (;;) {
      const word = this.word();
      if (word === '') break;
      if (word === null || this.quoted) return null;
      if (word === '!') {
        if (not) return null;
        not = true;
        continue;
      }
      if (word.charCodeAt(0) !== DASH) return null;
      if (word.charCodeAt(1) === DASH) {
        if (!this.option(word.slice(2), not)) return null;
        not = false;
        continue;
      }
      if (word.length !== 2) return null;
      const value = this.word();
      if (value === null || value === '') return null;
      switch (word) {
        case '-m': {
          if (value === 'comment') {
            const spec = not ? null : this.commentOf();
            if (!spec) return null;
            this.part(null, spec);
            break;
          }
          const def = PLAIN.has(value) ? MATCHES.get(value) : undefined;
          if (not || !def || (def.families && !def.families.includes(this.ctx.family))) return null;
          this.part(def, null);
          break;
        }
        case '-p':
          if (not || proto !== 0) return null;
          proto = PROTOCOLS[value] ?? 0;
          if (proto === 0) return null;
          break;
        case '-s':
          if (hasSrc || !(src = this.addressOf(value, not))) return null;
          hasSrc = true;
          break;
        case '-d':
          if (hasDst || !(dst = this.addressOf(value, not))) return null;
          hasDst = true;
          break;
        case '-j': {
          if (not || target || targetPart || this.quoted || value.length > MAX_NAME || TARGETS_NOT_MODELLED.has(value))
            return null;
          const def = TARGETS.get(value);
          if (!def) target = this.jumpTo(value);
          else if (!PLAIN_TARGETS.has(value) || (value === 'DROP' && this.ctx.table === 'nat')) return null;
          else targetPart = this.part(def, null);
          break;
        }
        default:
          return null;
      }
      not = false;
    }
    if (not) return null;
    if (src && src.mask === 0) src = src.not ? src : null;
    if (dst && dst.mask === 0) dst = dst.not ? dst : null;
    const shared = HEADS.get(proto) as RuleHead;
    const head: RuleHead =
      src === null && dst === null ? shared : { src, dst, iif: null, oif: null, proto: shared.proto, frag: 0 };
    let matches: MatchSpec[] = [];
    for (let i = 0; i < this.used; i++) {
      const part = this.parts[i] as Part;
      const spec = part.spec ?? this.spec(part, head, proto);
      if (spec === null) return null;
      if (part === targetPart) target = spec;
      // Arrays that are written out have no room to spare: there are as many of them as there are rules.
      else if (matches.length === 0) matches = [spec];
      else if (matches.length === 1) matches = [matches[0] as MatchSpec, spec];
      else matches = [...matches, spec];
    }
    return { handle: 0, head, matches, target, packets: 0, bytes: 0 };
  }

  private part(def: Ext | null, spec: MatchSpec | null): Part {
    let part = this.parts[this.used];
    if (!part) this.parts.push((part = { def, spec, options: [], count: 0 }));
    part.def = def;
    part.spec = spec;
    part.count = 0;
    this.used++;
    return part;
  }

  /** Notes an option for the extension that has one of exactly this name, the last loaded first. */
  private option(name: string, not: boolean): boolean {
    for (let i = this.used - 1; i >= 0; i--) {
      const part = this.parts[i] as Part;
      if (part.def === null) {
        if (name === 'comment') return false;
        continue;
      }
      const option = optionOf(part.def, name);
      if (!option) continue;
      let value = '';
      if (option.arg) {
        const word = this.word();
        if (word === null || word === '') return false;
        value = word;
      }
      const given = part.options[part.count++];
      if (!given) part.options.push({ option, value, not });
      else {
        given.option = option;
        given.value = value;
        given.not = not;
      }
      return true;
    }
    return false;
  }

  /** `A.B.C.D` or `A.B.C.D/LEN` in decimal. */
  private addressOf(text: string, not: boolean): Address | null {
    if (this.ctx.family !== 'ip') return null;
    if (this.address && this.address.not === not && this.address.text === text) return this.address.value;
    let ip = 0;
    let part = -1;
    let dots = 0;
    let i = 0;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 48 && c <= 57) {
        if (part === 0) return null;
        part = part < 0 ? c - 48 : part * 10 + c - 48;
        if (part > 255) return null;
      } else if (c === 46 && part >= 0 && dots < 3) {
        ip = ip * 256 + part;
        part = -1;
        dots++;
      } else break;
    }
    if (dots !== 3 || part < 0) return null;
    ip = ip * 256 + part;
    let len = 32;
    if (i < text.length) {
      const rest = text.slice(i);
      if (!/^\/(\d|[12]\d|3[0-2])$/.test(rest)) return null;
      len = Number(rest.slice(1));
    }
    const mask = len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0;
    const value = { ip: (ip & mask) >>> 0, mask, not };
    this.address = { text, not, value };
    return value;
  }

  /** `--comment TEXT` right behind `-m comment`. */
  private commentOf(): MatchSpec | null {
    if (this.word() !== '--comment' || this.quoted) return null;
    const text = this.word();
    if (text === null || text === '' || text.length > 255) return null;
    // A copy of its own: otherwise the whole file would be kept with it.
    if (this.comment?.args.text !== text) this.comment = { name: 'comment', args: { text: ['', text].join('') } };
    return this.comment;
  }

  private jumpTo(chain: string): TargetSpec {
    if (this.jump?.chain !== chain) this.jump = { name: 'jump', chain, args: NO_ARGS };
    return this.jump;
  }

  private spec(part: Part, head: RuleHead, proto: number): MatchSpec | null {
    const { def, options, count } = part;
    if (def === null) return null;
    const [first] = options;
    if (def.name === 'DNAT' && count === 1 && first && proto !== 0) {
      const args = dnatArgs(first.value, this.ctx.family);
      if (args && !first.not) return { name: 'DNAT', args };
    }
    // nth counts packets.
    if (def.name === 'statistic') {
      for (let i = 0; i < count; i++) if ((options[i] as Given).value === 'nth') return this.build(part, head);
    }
    const shared = saidBy(def, options, count, this.ctx.family);
    const known = shared?.get(proto);
    if (known) return known;
    const built = this.build(part, head);
    if (built === null) return null;
    const spec = keepTexts(built, def, head, this.ctx.family);
    shared?.set(proto, spec);
    return spec;
  }

  /** Hands the options to the extension, as the full parser does; null when it says anything to them. */
  private build({ def, options, count }: Part, head: RuleHead): MatchSpec | null {
    if (def === null) return null;
    const ctx: ParseContext = { ...this.ctx, head, warnings: [] };
    const { seen } = this;
    seen.clear();
    try {
      const args = def.init(ctx);
      for (let i = 0; i < count; i++) {
        const { option, value, not } = options[i] as Given;
        const id = option.id ?? option.name;
        const first = def.options.find((o) => o.name === id);
        if (!def.oldStyle && first && ((seen.has(id) && !first.multi) || (not && !first.invert))) return null;
        def.option(args, id, value, not, ctx, () => {
          throw new Unusual();
        });
        seen.add(id);
      }
      const spec = { name: def.name, args };
      checkUse({ def, spec, seen }, ctx, head);
      return ctx.warnings.length > 0 ? null : spec;
    } catch {
      return null;
    }
  }
}

class Unusual extends Error {}

/** Freezes what many rules share, with its text. */
function keepTexts(spec: MatchSpec, def: Ext, head: RuleHead, family: 'ip' | 'ip6'): MatchSpec {
  const save = def.save(spec.args, family);
  const saved = ` -${MATCHES.get(spec.name) === def ? 'm' : 'j'} ${spec.name}${save}`;
  const value = { save, saved, list: def.list(spec.args, true, head, family) };
  Object.defineProperty(spec, TEXTS, { value });
  for (const part of Object.values(spec.args)) Object.freeze(part);
  Object.freeze(spec.args);
  return Object.freeze(spec);
}

/** `A.B.C.D:PORT`, by far the most frequent destination. */
function dnatArgs(text: string, family: 'ip' | 'ip6'): Record<string, unknown> | null {
  if (family !== 'ip') return null;
  let ip = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      if (part === 0) return null;
      part = part < 0 ? c - 48 : part * 10 + c - 48;
      if (part > (dots < 4 ? 255 : 65535)) return null;
    } else if (part >= 0 && ((c === 46 && dots < 3) || (c === 58 && dots === 3))) {
      ip = ip * 256 + part;
      part = -1;
      dots++;
    } else return null;
  }
  if (dots !== 4 || part < 0) return null;
  return {
    minIp: ip,
    maxIp: ip,
    minPort: part,
    maxPort: part,
    basePort: null,
    random: false,
    fully: false,
    persistent: false,
  };
}
