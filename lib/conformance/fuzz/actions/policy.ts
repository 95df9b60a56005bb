/** ip rule, ip neigh, ip netns. */
import { action, type Topic } from '../action.ts';
import { exec, ip, type Lab } from '../lab.ts';
import { words } from '../random.ts';

function ruleBody(lab: Lab, ns: string): string {
  const { random } = lab;
  const devs = lab.in(ns).map((d) => d.name);
  const selector = random.weighted<() => string>([
    [3, () => `from ${lab.prefix()}`],
    [2, () => `to ${lab.prefix()}`],
    [2, () => `from ${lab.prefix()} to ${lab.prefix()}`],
    [2, () => `iif ${random.pick([...devs, 'eth9'])}`],
    [1, () => `oif ${random.pick([...devs, 'eth9'])}`],
    [3, () => `fwmark ${random.pick(['1', '0x10', '0x4000/0x4000', '2/0xff', '0'])}`],
    [
      1,
      () =>
        `ipproto ${random.pick(['tcp', 'udp', 'icmp', '132'])}${random.maybe(0.6, () => ` ${random.pick(['sport', 'dport'])} ${random.pick(['80', '1000-2000', '443'])}`)}`,
    ],
    [0.5, () => `tos ${random.pick(['0x10', '4'])}`],
    [0.5, () => 'uidrange 0-1000'],
    [0.5, () => 'from all'],
  ])();
  const action = random.weighted<() => string>([
    [7, () => `${random.pick(['table', 'lookup'])} ${random.pick(['100', '200', 'main', 'local', '300', 'default'])}`],
    [1, () => random.pick(['blackhole', 'prohibit', 'unreachable', 'nop'])],
    [0.5, () => `goto ${random.pick([20000, 32766, 5])}`],
    [1, () => `table main suppress_prefixlength ${random.int(0, 1)}`],
    [0.3, () => `table main suppress_ifgroup ${random.pick([0, 'default', 5])}`],
    [0.3, () => ''],
  ])();
  return words(
    random.maybe(0.15, 'not'),
    selector,
    random.chance(0.7)
      ? `${random.pick(['pref', 'priority', 'prio', 'preference'])} ${random.pick([0, 50, 100, 1000, 20000, 32765, 40000])}`
      : '',
    action,
    random.maybe(0.05, 'protocol static'),
  );
}

function rules(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const six = lab.v6 && random.chance(0.2) ? '-6' : '';
  random.weighted<() => void>([
    [
      5,
      () => {
        const body = ruleBody(lab, ns);
        lab.policies.push([ns, body]);
        lab.run(words(ip(ns), six, random.pick(['rule', 'rule', 'ru']), random.pick(['add', 'add', 'add', 'a']), body));
      },
    ],
    [
      1,
      () => {
        if (lab.policies.length > 0) {
          const [where, body] = random.pick(lab.policies);
          lab.run(
            words(
              ip(where),
              'rule del',
              random.chance(0.6) ? body : (/(pref|priority) \d+/.exec(body)?.[0] ?? 'from 10.0.0.0/8'),
            ),
          );
        }
      },
    ],
    [
      4,
      () =>
        lab.run(
          words(
            ip(ns, random.some(['-j', '-p', '-o', '-d', '-N', '-c'], 0.12).join(' ')),
            six,
            'rule',
            random.pick([
              '',
              '',
              'show',
              'list',
              'ls',
              'show table 100',
              'show pref 100',
              `show from ${lab.prefix()}`,
              'show fwmark 1',
              `show iif eth0`,
              'show table main',
            ]),
          ),
        ),
    ],
    [0.2, () => lab.run(words(ip(ns), 'rule', random.pick(['flush', 'flush table 100'])))],
  ])();
}

const STATES = ['permanent', 'noarp', 'reachable', 'stale', 'failed', 'incomplete', 'probe', 'delay', 'none'];

function neigh(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.name !== 'lo');
  if (!dev) return;
  const { ns, name } = dev;
  const to =
    lab.v6 && random.chance(0.2)
      ? `2001:db8:9::${random.int(1, 4)}`
      : random.chance(0.5)
        ? lab.address()
        : `10.0.1.${random.int(50, 55)}`;
  lab.run(
    random.weighted<() => string>([
      [
        4,
        () =>
          words(
            ip(ns),
            random.pick(['neigh', 'neigh', 'n', 'neighbour']),
            random.pick(['add', 'replace', 'change']),
            to,
            random.maybe(0.9, () => `lladdr ${lab.mac()}`),
            'dev',
            name,
            random.maybe(
              0.6,
              () =>
                `nud ${random.weighted([
                  [4, 'permanent'],
                  [1, random.pick(STATES)],
                ])}`,
            ),
            random.maybe(0.05, () => random.pick(['router', 'extern_learn', 'protocol static'])),
          ),
      ],
      [1, () => words(ip(ns), 'neigh add proxy', to, 'dev', name)],
      [1, () => words(ip(ns), 'neigh del', random.maybe(0.2, 'proxy'), to, 'dev', name)],
      [
        4,
        () =>
          words(
            ip(
              ns,
              random
                .some(['-s', '-j', '-o', '-d', '-4', '-br', '-c'], 0.1)
                .filter((f) => f !== '-s')
                .join(' '),
            ),
            'neigh',
            random.pick([
              '',
              'show',
              'show',
              `show dev ${name}`,
              `show ${to}`,
              'show nud permanent',
              'show nud all',
              'show nud failed',
              'show proxy',
              'list',
              'show unused',
              `show to 10.0.0.0/8`,
              `show dev ${name} nud noarp`,
            ]),
          ),
      ],
      [1, () => words(ip(ns), 'neigh get', to, 'dev', name)],
      [
        0.7,
        () =>
          words(
            ip(ns),
            'neigh flush',
            random.pick([`dev ${name}`, 'all', to, 'nud permanent', `dev ${name} nud failed`]),
          ),
      ],
    ])(),
  );
}

function netns(lab: Lab): void {
  const { random } = lab;
  const ns = random.pick([...lab.namespaces, 'nosuch']);
  lab.run(
    random.pick([
      'ip netns',
      'ip netns list',
      'ip -j netns list',
      `ip netns add ${lab.ns}`,
      `ip netns del nosuch`,
      `ip netns exec nosuch true`,
      `ip netns exec ${lab.ns} ip netns identify`,
      `ip netns pids ${ns}`,
      `ip -n ${ns} -br link`,
      `ip netns exec ${lab.ns} false`,
      `ip netns add tmp1 && ip -n tmp1 link && ip netns del tmp1`,
      `ip -all netns exec ip -br link show dev lo`,
      `ip netns set ${lab.ns} ${random.int(1, 9)}`,
    ]),
  );
}

function batch(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const lines = [
    `addr add 10.77.0.${random.int(1, 9)}/24 dev lo`,
    `route add blackhole 10.78.${random.int(0, 9)}.0/24`,
    'route show type blackhole',
    'addr add 10.77.0.1/24 dev nosuch',
    'foo',
    '# comment',
    'rule show',
    'link show dev lo',
    'route add 10.79.0.0/16 via 1.2.3.4',
  ];
  lab.run(
    words(random.pick([ip(ns), ip(ns, '-force')]), random.pick(['-batch -', '-b -'])),
    `${random.sample(lines, random.int(2, 5)).join('\n')}\n`,
  );
}

export const rule: Topic = { name: 'rule', weight: 2, actions: [action(1, rules)] };
export const neighbour: Topic = { name: 'neigh', weight: 2, actions: [action(1, neigh)] };
export const namespace: Topic = {
  name: 'netns',
  weight: 0.5,
  actions: [
    action(1, netns),
    action(0.3, batch),
    action(0.3, (lab) =>
      lab.run(
        `${exec(lab.ns)} tc ${lab.random.pick(['qdisc', 'qdisc show', 'qdisc show dev eth0', '-s qdisc show dev lo'])}`,
      ),
    ),
  ],
};
