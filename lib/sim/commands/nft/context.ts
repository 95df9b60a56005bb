/** What nft knows while it evaluates a rule: the family, the protocols named so far, the sets of the table. */
import type { Host, World } from '../../kernel/world.ts';
import { hostAddress } from '../../linux/netfilter/hosts.ts';
import { HEADER_FIELDS, L3_NUMBERS, L4_NUMBERS } from '../../linux/netfilter/nft/headers.ts';
import type { NftSet } from '../../linux/netfilter/nft/types.ts';
import type { Family, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import type { Raw } from './ast.ts';
import { NftError } from './cursor.ts';
import type { ValueContext } from './datatypes.ts';
import type { Span } from './lexer.ts';

export interface Accounts {
  account: (name: string, kind: 'uid' | 'gid') => number | null;
}

/** The parts of the machine that nft asks while it reads values. */
export interface Surroundings {
  world: World;
  ns: NetNs;
  host: Host | undefined;
  account: (name: string, kind: 'uid' | 'gid') => number | null;
}

export class EvalContext implements ValueContext {
  ll: string | null = null;
  l3: string | null = null;
  l4: string | null = null;
  /** One of several transport protocols was asked for. */
  l4Any = false;
  /** Which ones. */
  l4Set: string[] = [];
  /** Where the transport protocol was named. */
  l4Span: Span | null = null;
  l3Span: Span | null = null;
  /** What stands left in the comparison in hand. */
  leftSpan: Span | null = null;

  constructor(
    readonly env: Surroundings,
    readonly family: Family,
    readonly table: NfTable | undefined,
  ) {
    this.reset();
  }

  get ns(): NetNs {
    return this.env.ns;
  }

  reset(): void {
    this.l3 = this.family === 'ip' || this.family === 'ip6' || this.family === 'arp' ? this.family : null;
    this.l4 = null;
    this.l4Span = null;
    this.ll = this.family === 'bridge' ? 'ether' : null;
  }

  hostAddress = (name: string, family: 4 | 6) => hostAddress(this.env.host, name, family);
  account = (name: string, kind: 'uid' | 'gid') => this.env.account(name, kind);

  set(name: string): NftSet | undefined {
    return this.table?.sets?.get(name);
  }

  error(message: string, at: { span: Span } | Span, also: Span | null = null): never {
    throw new NftError(message, 'span' in at ? at.span : at, false, also);
  }

  /** A header field is used: its protocol must not contradict what was said before. */
  use(raw: Extract<Raw, { k: 'field' }>): void {
    const header = HEADER_FIELDS.get(raw.field.name);
    if (!header) return;
    const { proto, base } = header;
    if (base === 'nh') {
      if (proto === 'arp' && this.family === 'inet') this.conflict('inet', 'arp', raw.span);
      if (this.l3 && this.l3 !== proto) this.conflict(this.l3, proto, raw.span);
      if (!this.l3) this.l3Span = raw.span;
      this.l3 = proto;
    } else if (base === 'th' && proto !== 'th') {
      const other = this.l4Set.find((p) => p !== proto);
      if (other) this.conflict(other, proto, raw.span);
      if (this.l4 && this.l4 !== proto) this.conflict(this.l4, proto, raw.span);
      // icmp implies IPv4, icmpv6 IPv6 where the family leaves it open.
      const implied = proto === 'icmp' ? 'ip' : proto === 'icmpv6' ? 'ip6' : null;
      if (implied && !this.l4 && !this.l3) {
        this.l3 = implied;
        this.l3Span = raw.span;
      }
      this.l4 = proto;
      this.l4Span ??= raw.span;
    } else if (base === 'll' && proto === 'vlan') this.ll = 'vlan';
  }

  conflict(a: string, b: string, span: Span, also: Span | null = null): never {
    return this.error(`conflicting protocols specified: ${a} vs. ${b}`, span, also);
  }

  /** `ip protocol tcp` and the like name the next protocol. */
  learn(name: string, value: number, span: Span): void {
    const l4 = (n: number) => Object.entries(L4_NUMBERS).find(([, v]) => v === n)?.[0] ?? null;
    const l3 = (n: number) => Object.entries(L3_NUMBERS).find(([, v]) => v === n)?.[0] ?? null;
    if (name === 'meta l4proto' || name === 'ip protocol' || name === 'ip6 nexthdr' || name === 'ct protocol') {
      this.l4 = l4(value) ?? 'unknown';
      this.l4Span = span;
    } else if (name === 'meta nfproto') this.l3 = value === 2 ? 'ip' : value === 10 ? 'ip6' : this.l3;
    else if (name === 'ether type' || name === 'meta protocol' || name === 'vlan type') {
      const proto = l3(value);
      if (proto && proto !== 'vlan' && this.family !== 'ip' && this.family !== 'ip6') this.l3 = proto;
    }
  }
}
