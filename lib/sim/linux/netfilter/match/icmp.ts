import { defineMatch, fail } from '../ext.ts';
import { parseUint } from '../values.ts';

/** `name type code-min code-max`; indented names of iptables -p icmp -h are alternatives of the one before. */
const ICMP4 = `any 255 0 255;echo-reply 0 0 255;pong 0 0 255;destination-unreachable 3 0 255;network-unreachable 3 0 0;
host-unreachable 3 1 1;protocol-unreachable 3 2 2;port-unreachable 3 3 3;fragmentation-needed 3 4 4;source-route-failed 3 5 5;
network-unknown 3 6 6;host-unknown 3 7 7;network-prohibited 3 9 9;host-prohibited 3 10 10;TOS-network-unreachable 3 11 11;
TOS-host-unreachable 3 12 12;communication-prohibited 3 13 13;host-precedence-violation 3 14 14;precedence-cutoff 3 15 15;
source-quench 4 0 255;redirect 5 0 255;network-redirect 5 0 0;host-redirect 5 1 1;TOS-network-redirect 5 2 2;
TOS-host-redirect 5 3 3;echo-request 8 0 255;ping 8 0 255;router-advertisement 9 0 255;router-solicitation 10 0 255;
time-exceeded 11 0 255;ttl-exceeded 11 0 255;ttl-zero-during-transit 11 0 0;ttl-zero-during-reassembly 11 1 1;
parameter-problem 12 0 255;ip-header-bad 12 0 0;required-option-missing 12 1 1;timestamp-request 13 0 255;
timestamp-reply 14 0 255;address-mask-request 17 0 255;address-mask-reply 18 0 255`;

const ICMP6 = `destination-unreachable 1 0 255;no-route 1 0 0;communication-prohibited 1 1 1;beyond-scope 1 2 2;
address-unreachable 1 3 3;port-unreachable 1 4 4;failed-policy 1 5 5;reject-route 1 6 6;packet-too-big 2 0 255;
time-exceeded 3 0 255;ttl-exceeded 3 0 255;ttl-zero-during-transit 3 0 0;ttl-zero-during-reassembly 3 1 1;
parameter-problem 4 0 255;bad-header 4 0 0;unknown-header-type 4 1 1;unknown-option 4 2 2;echo-request 128 0 255;
ping 128 0 255;echo-reply 129 0 255;pong 129 0 255;mld-listener-query 130 0 255;mld-listener-report 131 0 255;
mld-listener-done 132 0 255;mld-listener-reduction 132 0 255;router-solicitation 133 0 255;router-advertisement 134 0 255;
neighbour-solicitation 135 0 255;neighbor-solicitation 135 0 255;neighbour-advertisement 136 0 255;
neighbor-advertisement 136 0 255;redirect 137 0 255`;

interface IcmpName {
  name: string;
  type: number;
  min: number;
  max: number;
}

const parseNames = (text: string): IcmpName[] =>
  text
    .replaceAll('\n', '')
    .split(';')
    .map((entry) => {
      const [name = '', type, min, max] = entry.split(' ');
      return { name, type: Number(type), min: Number(min), max: Number(max) };
    });

interface IcmpArgs {
  type: number;
  min: number;
  max: number;
  not: boolean;
}

interface Flavour {
  name: 'icmp' | 'icmp6';
  family: 'ip' | 'ip6';
  option: string;
  /** What errors and listings call it. */
  word: string;
  listWord: string;
  proto: number;
}

function makeIcmp(f: Flavour, table: string) {
  const names = parseNames(table);

  const parseType = (text: string): { type: number; min: number; max: number } => {
    const lower = text.toLowerCase();
    const found = names.filter((n) => n.name.toLowerCase().startsWith(lower));
    const exact = found.find((n) => n.name.toLowerCase() === lower) ?? (found.length === 1 ? found[0] : undefined);
    if (exact) return exact;
    if (found.length > 1) fail(`Ambiguous ${f.word} type \`${text}': \`${found[0]?.name}' or \`${found[1]?.name}'?`);
    const [head = '', tail] = text.split('/');
    const type = parseUint(head, 255);
    if (type === null) fail(`Unknown ${f.word} type \`${head}'`);
    if (tail === undefined) return { type, min: 0, max: 255 };
    const code = parseUint(tail, 255);
    if (code === null) fail(`Unknown ${f.word} code \`${tail}'`);
    return { type, min: code, max: code };
  };

  const isAny = (a: IcmpArgs) => f.family === 'ip' && a.type === 255;

  return defineMatch<IcmpArgs>({
    name: f.name,
    families: [f.family],
    options: [{ name: f.option, arg: true, must: true, invert: true }],
    init: () => ({ type: 255, min: 0, max: 255, not: false }),
    option(args, _id, value, not) {
      const { type, min, max } = parseType(value);
      Object.assign(args, { type, min, max, not });
    },
    accept: (_args, { head }) => (head.proto?.number === f.proto && !head.proto.not ? null : 'EINVAL'),
    save(args) {
      if (isAny(args)) return `${args.not ? ' !' : ''} --${f.option} any`;
      return `${args.not ? ' !' : ''} --${f.option} ${args.type}${args.min === args.max ? `/${args.min}` : ''}`;
    },
    list(args, numeric) {
      const not = args.not ? '!' : '';
      if (!numeric) {
        const found = names.find((n) => n.type === args.type && n.min === args.min && n.max === args.max);
        if (found) return `${f.listWord} ${not}${found.name}`;
      }
      const code =
        args.min === args.max
          ? ` code ${args.min}`
          : args.min !== 0 || args.max !== 255
            ? ` codes ${args.min}-${args.max}`
            : '';
      return args.not ? `${f.listWord} !type ${args.type}${code}` : `${f.listWord}type ${args.type}${code}`;
    },
    apply(args, { packet }) {
      const { icmp } = packet;
      if (!icmp) return false;
      if (isAny(args)) return !args.not;
      return (icmp.type === args.type && icmp.code >= args.min && icmp.code <= args.max) !== args.not;
    },
  });
}

export const icmp = makeIcmp(
  { name: 'icmp', family: 'ip', option: 'icmp-type', word: 'ICMP', listWord: 'icmp', proto: 1 },
  ICMP4,
);
export const icmp6 = makeIcmp(
  { name: 'icmp6', family: 'ip6', option: 'icmpv6-type', word: 'ICMPv6', listWord: 'ipv6-icmp', proto: 58 },
  ICMP6,
);
