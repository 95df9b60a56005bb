/** Tokens of a capture filter: pcap-filter(7), libpcap 1.10 scanner. */
export interface Token {
  kind: 'word' | 'num' | 'ip4' | 'ip6' | 'mac' | 'id' | 'sym' | 'end';
  text: string;
  /** Value of a number, and of named constants such as `tcp-syn`. */
  value: number;
}

/** Words the grammar knows, with the token each stands for (synonyms share one). */
const WORDS: Record<string, string> = {
  src: 'src',
  dst: 'dst',
  host: 'host',
  net: 'net',
  mask: 'mask',
  port: 'port',
  portrange: 'portrange',
  proto: 'proto',
  protochain: 'protochain',
  gateway: 'gateway',
  link: 'ether',
  ether: 'ether',
  arp: 'arp',
  rarp: 'rarp',
  ip: 'ip',
  sctp: 'sctp',
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  igmp: 'igmp',
  igrp: 'igrp',
  pim: 'pim',
  vrrp: 'vrrp',
  carp: 'carp',
  ip6: 'ip6',
  icmp6: 'icmp6',
  ah: 'ah',
  esp: 'esp',
  broadcast: 'broadcast',
  multicast: 'multicast',
  and: 'and',
  or: 'or',
  not: 'not',
  len: 'len',
  length: 'len',
  inbound: 'inbound',
  outbound: 'outbound',
  ifindex: 'ifindex',
  vlan: 'vlan',
  less: 'less',
  greater: 'greater',
  mpls: 'mpls',
  pppoed: 'pppoed',
  pppoes: 'pppoes',
  geneve: 'geneve',
  fddi: 'ether',
  tr: 'ether',
  wlan: 'ether',
  stp: 'stp',
  iso: 'iso',
  ipx: 'ipx',
  aarp: 'aarp',
  atalk: 'atalk',
  decnet: 'decnet',
  lat: 'lat',
  netbeui: 'netbeui',
  llc: 'llc',
  type: 'type',
  subtype: 'subtype',
  direction: 'direction',
  on: 'on',
  ifname: 'on',
  rset: 'rset',
  ruleset: 'rset',
  rnr: 'rnr',
  rulenum: 'rnr',
  srnr: 'srnr',
  subrulenum: 'srnr',
  reason: 'reason',
  action: 'action',
};

const CONSTANTS: Record<string, number> = {
  icmptype: 0,
  icmpcode: 1,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  icmp6type: 0,
  icmp6code: 1,
  'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
  tcpflags: 13,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'tcp-ece': 64,
  'tcp-cwr': 128,
};

const PATTERNS: [Token['kind'], RegExp][] = [
  ['mac', /^(?:[0-9a-fA-F]{1,2}([:-]))(?:[0-9a-fA-F]{1,2}\1){4}[0-9a-fA-F]{1,2}(?![0-9a-fA-F:])/],
  ['ip6', /^(?=[0-9a-fA-F:.]*::|(?:[0-9a-fA-F]+:){6})[0-9a-fA-F:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![0-9A-Za-z:])/],
  ['ip4', /^\d+\.\d+(?:\.\d+){0,2}(?![.\w-])/],
  ['num', /^(?:0[xX][0-9a-fA-F]+|\d+)(?![.\w-])/],
  ['id', /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/],
  ['sym', /^(?:>=|<=|!=|==|<<|>>|&&|\|\||[-+*/%&|^!=<>()[\]:])/],
];

const ALIASES: Record<string, string> = { '&&': 'and', '||': 'or', '!': 'not' };

const numberValue = (text: string): number => {
  if (/^0[xX]/.test(text)) return Number.parseInt(text, 16);
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
};

/** Splits a filter expression. Null when a character fits no token. */
export function lexFilter(source: string): Token[] | null {
  const tokens: Token[] = [];
  let rest = source;
  for (;;) {
    rest = rest.replace(/^[ \n\r\t]+/, '');
    if (rest === '') break;
    const escaped = /^\\([^ !()\n\t]+)/.exec(rest);
    if (escaped) {
      tokens.push({ kind: 'id', text: escaped[1] as string, value: 0 });
      rest = rest.slice(escaped[0].length);
      continue;
    }
    const token = oneToken(rest);
    if (!token) return null;
    tokens.push(token.token);
    rest = rest.slice(token.length);
  }
  tokens.push({ kind: 'end', text: '', value: 0 });
  return tokens;
}

function oneToken(rest: string): { token: Token; length: number } | null {
  for (const [kind, pattern] of PATTERNS) {
    const text = pattern.exec(rest)?.[0];
    if (!text) continue;
    return { token: classify(kind, text), length: text.length };
  }
  return null;
}

function classify(kind: Token['kind'], text: string): Token {
  if (kind === 'num') return { kind, text, value: numberValue(text) };
  if (kind === 'sym') {
    const alias = ALIASES[text];
    return alias ? { kind: 'word', text: alias, value: 0 } : { kind, text, value: 0 };
  }
  if (kind === 'id') {
    if (Object.hasOwn(WORDS, text)) return { kind: 'word', text: WORDS[text] as string, value: 0 };
    if (Object.hasOwn(CONSTANTS, text)) return { kind: 'num', text, value: CONSTANTS[text] as number };
  }
  return { kind, text, value: 0 };
}
