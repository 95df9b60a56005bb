/** iptables, ip6tables, -save and -restore over all built-in tables. */
import { action, type Topic } from '../action.ts';
import { type Chains, exec, type Lab } from '../lab.ts';
import { words } from '../random.ts';
import { basics, matches, protocol, setMatch } from './matches.ts';
import { target } from './targets.ts';

const BUILT_IN: Record<string, string[]> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const NAMES = ['KUBE-SERVICES', 'KUBE-MARK-MASQ', 'web', 'FLANNEL-FWD', 'cali-FORWARD', 'CNI-DN-1', 'x'];

const tableOf = ({ random }: Lab): string =>
  random.weighted([
    [5, 'filter'],
    [4, 'nat'],
    [2, 'mangle'],
    [1, 'raw'],
    [0.2, 'security'],
  ]);
const inTable = (table: string): string => (table === 'filter' ? '' : `-t ${table}`);

function chainsOf(lab: Lab, ns: string): Chains {
  let chains = lab.chains.get(ns);
  if (!chains) lab.chains.set(ns, (chains = new Map()));
  return chains;
}
const users = (lab: Lab, ns: string, table: string): string[] => chainsOf(lab, ns).get(table) ?? [];

function chainIn(lab: Lab, ns: string, table: string): string {
  const own = users(lab, ns, table);
  if (own.length > 0 && lab.random.chance(0.35)) return lab.random.pick(own);
  return lab.random.chance(0.98)
    ? lab.random.pick(BUILT_IN[table] as string[])
    : lab.random.pick(['nosuch', 'POSTROUTING', 'FORWARD']);
}

/** A rule without its chain. Broad DROPs in hooks would end all traffic, so most drops are narrowed by a match. */
function ruleBody(lab: Lab, ns: string, table: string, chain: string): string {
  const proto = protocol(lab);
  const rule = words(
    basics(lab, chain),
    proto.text,
    matches(lab, proto.name),
    setMatch(lab, ns),
    target(
      lab,
      table,
      chain,
      users(lab, ns, table).filter((c) => c !== chain),
      proto.name,
    ),
  );
  return /^(-j DROP|-j REJECT.*)?$/.test(rule) && lab.random.chance(0.8)
    ? `-s 10.66.0.0/16 ${rule || '-j DROP'}`
    : rule;
}

function append(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const table = tableOf(lab);
  const chain = chainIn(lab, ns, table);
  const body = ruleBody(lab, ns, table, chain);
  lab.rules.push([ns, table, chain, body]);
  const op = random.weighted<() => string>([
    [8, () => `-A ${chain}`],
    [3, () => `-I ${chain}`],
    [1, () => `-I ${chain} ${random.int(1, 4)}`],
    [0.5, () => `--append ${chain}`],
    [0.5, () => `-R ${chain} ${random.int(1, 3)}`],
  ])();
  lab.run(
    words(exec(ns), 'iptables', random.maybe(0.2, '-w'), inTable(table), op, random.maybe(0.05, '-c 5 500'), body),
  );
}

function again(lab: Lab): void {
  const { random } = lab;
  if (lab.rules.length === 0) return;
  const [ns, table, chain, body] = random.pick(lab.rules);
  lab.run(
    words(
      exec(ns),
      'iptables',
      inTable(table),
      random.pick(['-C', '-D', '-D', '--check', '--delete']),
      chain,
      random.chance(0.85) ? body : random.int(1, 4),
    ),
  );
}

function chains(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const table = tableOf(lab);
  const own = users(lab, ns, table);
  const name = random.pick(NAMES);
  const tool = words(exec(ns), 'iptables', inTable(table));
  random.weighted<() => void>([
    [
      6,
      () => {
        lab.run(words(tool, random.pick(['-N', '-N', '--new-chain']), name));
        chainsOf(lab, ns).set(table, [...new Set([...own, name])]);
      },
    ],
    [
      1,
      () => {
        lab.run(words(tool, '-X', random.chance(0.8) && own.length > 0 ? random.pick(own) : name));
      },
    ],
    [0.3, () => lab.run(words(tool, '-X'))],
    [
      1,
      () =>
        lab.run(words(tool, '-E', own.length > 0 ? random.pick(own) : name, random.pick(['new-name', 'INPUT', name]))),
    ],
    [
      1,
      () =>
        lab.run(
          words(
            tool,
            '-F',
            random.maybe(0.7, () => chainIn(lab, ns, table)),
          ),
        ),
    ],
    [
      1.5,
      () =>
        lab.run(
          words(
            tool,
            '-P',
            random.chance(0.9) ? random.pick(BUILT_IN[table] as string[]) : name,
            random.weighted([
              [6, 'ACCEPT'],
              [1, 'DROP'],
              [0.3, 'REJECT'],
              [0.3, 'QUEUE'],
            ]),
          ),
        ),
    ],
    [
      1,
      () =>
        lab.run(
          words(
            tool,
            '-Z',
            random.maybe(0.5, () => chainIn(lab, ns, table)),
            random.maybe(0.1, '1'),
          ),
        ),
    ],
  ])();
}

function list(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const table = tableOf(lab);
  const chain = random.maybe(0.4, () => chainIn(lab, ns, table));
  lab.run(
    random.weighted<() => string>([
      [
        4,
        () =>
          words(
            exec(ns),
            'iptables',
            inTable(table),
            '-S',
            chain,
            random.maybe(0.1, () => chain && String(random.int(1, 3))),
            random.maybe(0.2, '-v'),
          ),
      ],
      [
        5,
        () =>
          words(
            exec(ns),
            'iptables',
            inTable(table),
            '-L',
            chain,
            random.chance(0.9) ? '-n' : '',
            ...random.some(['-v', '-x', '--line-numbers'], 0.4),
          ),
      ],
      [
        1,
        () =>
          words(exec(ns), 'iptables', inTable(table), random.pick(['-nvL', '-nL', '-vnL', '-L -nZ', '-nvxL']), chain),
      ],
      [3, () => words(exec(ns), 'iptables-save', random.maybe(0.5, `-t ${table}`), random.maybe(0.3, '-c'))],
      [0.5, () => words(exec(ns), 'iptables -L', chain, 'nosuch')],
    ])(),
  );
}

function restore(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const counters = random.chance(0.2);
  const lines: string[] = [];
  for (const table of random.sample(['filter', 'nat', 'mangle', 'raw'], random.int(1, 2))) {
    lines.push(`*${table}`);
    for (const chain of random.some(BUILT_IN[table] as string[], 0.6))
      lines.push(
        `:${chain} ${random.weighted([
          [5, 'ACCEPT'],
          [0.5, 'DROP'],
          [0.2, '-'],
        ])} [${random.int(0, 20)}:${random.int(0, 2000)}]`,
      );
    const own = random.sample(NAMES, random.int(0, 2));
    for (const name of own) lines.push(`:${name} - [0:0]`);
    chainsOf(lab, ns).set(table, [...new Set([...users(lab, ns, table), ...own])]);
    for (let n = random.int(0, 5); n > 0; n--) {
      const chain = own.length > 0 && random.chance(0.5) ? random.pick(own) : chainIn(lab, ns, table);
      lines.push(
        words(
          random.maybe(counters ? 0.8 : 0.02, `[${random.int(0, 9)}:${random.int(0, 900)}]`),
          random.weighted([
            [8, '-A'],
            [1, '-I'],
          ]),
          chain,
          ruleBody(lab, ns, table, chain),
        ),
      );
    }
    if (random.chance(0.08))
      lines.push(
        random.pick([
          '-A INPUT -j NOSUCH',
          'garbage',
          '-A nosuch -j ACCEPT',
          '# a comment',
          '',
          '-F INPUT',
          '-X nosuch',
          '-D INPUT 7',
          ':bad',
          '-A INPUT --dport 80',
          '-N more',
          '-P INPUT ACCEPT',
        ]),
      );
    if (random.chance(0.96)) lines.push('COMMIT');
  }
  const flags = words(
    random.maybe(0.6, () => random.pick(['-n', '--noflush'])),
    random.maybe(counters ? 0.9 : 0.05, '-c'),
    random.maybe(0.1, () => random.pick(['-t', '--test'])),
    random.maybe(0.1, '-v'),
    random.maybe(0.1, '-w 5'),
  );
  lab.run(words(exec(ns), 'iptables-restore', flags), `${lines.join('\n')}\n`);
  lab.run(words(exec(ns), 'iptables-save', random.maybe(0.3, '-c')));
}

function six(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const match = random.pick([
    '-s 2001:db8:1::/64',
    '-d fd00::1',
    '-p ipv6-icmp --icmpv6-type echo-request',
    '-p tcp --dport 80',
    '-m conntrack --ctstate NEW',
    '-p icmpv6 -m icmp6 --icmpv6-type 133',
    '-m mark --mark 1',
    '-i eth0 -p udp',
    '-m hl --hl-eq 64',
    '-m addrtype --dst-type LOCAL',
  ]);
  lab.run(
    random.weighted<() => string>([
      [
        4,
        () =>
          words(
            exec(ns),
            'ip6tables -A',
            random.pick(['INPUT', 'FORWARD', 'OUTPUT']),
            match,
            random.pick([
              '-j ACCEPT',
              '-j RETURN',
              '-j REJECT',
              '-j REJECT --reject-with icmp6-adm-prohibited',
              '-j LOG',
              '-j MARK --set-mark 1',
              '-j DNAT',
            ]),
          ),
      ],
      [
        1,
        () =>
          words(
            exec(ns),
            'ip6tables -t nat -A POSTROUTING',
            match,
            random.pick(['-j MASQUERADE', '-j SNAT --to-source fd00::9']),
          ),
      ],
      [
        1,
        () =>
          words(
            exec(ns),
            'ip6tables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination',
            random.pick(['[fd00::2]:8080', 'fd00::2', '[fd00::2]:80-90']),
          ),
      ],
      [2, () => words(exec(ns), 'ip6tables', random.pick(['-S', '-L -n', '-nvL', '-t nat -S', '-t nat -L -n', '-L']))],
      [1, () => words(exec(ns), 'ip6tables-save')],
    ])(),
  );
}

export const iptables: Topic = {
  name: 'iptables',
  weight: 6,
  actions: [
    action(10, append),
    action(2, again),
    action(3, chains),
    action(7, list),
    action(1.2, restore),
    action(0.6, six),
  ],
};
