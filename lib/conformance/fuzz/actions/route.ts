/** ip route: every kind of destination, next hop and attribute; show, get, flush. */
import { action, type Topic } from '../action.ts';
import { ip, type Lab } from '../lab.ts';
import { words } from '../random.ts';
import { ipFlags } from './flags.ts';

const TABLES = ['100', '200', 'main', '254', 'local', 'default', '4000'];

/** A gateway that is likely on a link of the namespace. */
function gateway(lab: Lab, ns: string): { via: string; dev: string } {
  const { random } = lab;
  const devs = lab.in(ns).filter((d) => d.name !== 'lo' && d.addresses.length > 0);
  const dev = devs.length > 0 ? random.pick(devs) : null;
  const own = dev?.addresses.find((a) => !a.includes(':'));
  const via =
    own && random.chance(0.88)
      ? own.replace(/(\d+)\/.*/, (_, last: string) => String(Number(last) === 1 ? 2 : 1))
      : lab.address();
  return { via, dev: dev?.name ?? 'eth0' };
}

function destination(lab: Lab): string {
  return lab.random.chance(0.12) ? 'default' : lab.prefix();
}

function attributes(lab: Lab, ns: string): string {
  const { random } = lab;
  const sources = lab
    .in(ns)
    .flatMap((d) => d.addresses.filter((a) => !a.includes(':')).map((a) => a.replace(/\/.*/, '')));
  return words(
    random.maybe(0.25, () => `metric ${random.pick([0, 10, 100, 1024, 4294967295])}`),
    random.maybe(0.2, () => `table ${random.pick(TABLES)}`),
    random.maybe(0.15, () => `src ${random.chance(0.85) && sources.length > 0 ? random.pick(sources) : '192.0.2.200'}`),
    random.maybe(0.15, () => `proto ${random.pick(['static', 'bird', 'kernel', 'boot', 'ra', '99', 'zebra', 'dhcp'])}`),
    random.maybe(0.1, () => `scope ${random.pick(['link', 'host', 'global', 'site', '50'])}`),
    random.maybe(0.12, () => `mtu ${random.pick(['', 'lock '])}${random.pick([1280, 1400, 1450])}`),
    random.maybe(0.06, () => `advmss ${random.int(500, 1460)}`),
    random.maybe(
      0.06,
      () =>
        `${random.pick(['window', 'initcwnd', 'initrwnd', 'hoplimit', 'rto_min', 'quickack', 'cwnd', 'ssthresh', 'reordering', 'rtt'])} ${random.pick([1, 5, 10])}`,
    ),
    random.maybe(0.05, () => `tos ${random.pick(['0x10', '4', 'lowdelay'])}`),
    random.maybe(0.04, () => `realm ${random.pick(['5', '3/4'])}`),
  );
}

function body(lab: Lab, ns: string): string {
  const { random } = lab;
  return random.weighted<() => string>([
    [
      6,
      () => {
        const g = gateway(lab, ns);
        return words(
          destination(lab),
          'via',
          g.via,
          random.maybe(0.4, `dev ${g.dev}`),
          attributes(lab, ns),
          random.maybe(0.08, 'onlink'),
        );
      },
    ],
    [4, () => words(destination(lab), 'dev', gateway(lab, ns).dev, attributes(lab, ns))],
    [
      2,
      () =>
        words(
          random.pick(['blackhole', 'unreachable', 'prohibit', 'throw']),
          destination(lab),
          random.maybe(0.4, () => attributes(lab, ns)),
        ),
    ],
    [
      1,
      () =>
        words(
          random.pick(['local', 'broadcast', 'nat', 'unicast', 'multicast', 'anycast']),
          lab.prefix(),
          'dev',
          gateway(lab, ns).dev,
          random.maybe(0.3, () => attributes(lab, ns)),
        ),
    ],
    [
      2,
      () => {
        const hop = () => {
          const g = gateway(lab, ns);
          return words(
            'nexthop',
            random.chance(0.9) ? `via ${g.via}` : '',
            random.maybe(0.5, `dev ${g.dev}`),
            random.maybe(0.6, () => `weight ${random.int(1, 5)}`),
            random.maybe(0.05, 'onlink'),
          );
        };
        return words(
          lab.prefix(),
          random.maybe(0.3, () => `metric ${random.int(1, 50)}`),
          random.maybe(0.2, () => `proto static`),
          hop(),
          hop(),
          random.maybe(0.2, hop),
        );
      },
    ],
    [
      1,
      () => {
        const g = gateway(lab, ns);
        return `${lab.prefix()} via ${lab.address()} dev ${g.dev} onlink`;
      },
    ],
  ])();
}

function body6(lab: Lab): string {
  const { random } = lab;
  const to = random.pick([
    'default',
    `2001:db8:${random.int(50, 55)}::/48`,
    `fd00:${random.int(1, 4)}::/64`,
    '2001:db8:9::9',
  ]);
  const near = lab.owned(true)?.address.replace(/\w$/, (c) => (c === '1' ? '2' : '1')) ?? 'fe80::1';
  return random.weighted<() => string>([
    [
      4,
      () =>
        words(
          to,
          'via',
          near,
          random.maybe(0.3, 'dev eth0'),
          random.maybe(0.3, () => `metric ${random.int(1, 500)}`),
          random.maybe(0.1, 'table 100'),
          random.maybe(0.1, 'mtu 1400'),
        ),
    ],
    [
      2,
      () =>
        words(
          to,
          'dev eth0',
          random.maybe(0.3, () => `metric ${random.int(1, 500)}`),
          random.maybe(0.2, 'proto static'),
        ),
    ],
    [1, () => words(random.pick(['blackhole', 'unreachable', 'prohibit', 'throw']), to)],
  ])();
}

function change(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const verb = random.weighted([
    [8, 'add'],
    [1, 'append'],
    [2, 'replace'],
    [1, 'change'],
    [0.5, 'prepend'],
    [0.5, 'a'],
  ]);
  if (lab.v6 && random.chance(0.3)) {
    const route = body6(lab);
    lab.routes.push([ns, `-6 ${route}`]);
    lab.run(`${ip(ns)} -6 route ${verb} ${route}`);
    return;
  }
  const route = body(lab, ns);
  lab.routes.push([ns, route]);
  lab.run(words(ip(ns), random.pick(['route', 'route', 'route', 'r', 'ro']), verb, route));
}

function del(lab: Lab): void {
  const { random } = lab;
  if (lab.routes.length === 0) return;
  const [ns, given] = random.pick(lab.routes);
  const six = given.startsWith('-6 ');
  const route = given.replace(/^-6 /, '');
  const shorter = random.chance(0.5)
    ? route
    : route
        .split(' ')
        .slice(
          0,
          /^(blackhole|unreachable|prohibit|throw|local|broadcast|nat|unicast|multicast|anycast)/.test(route)
            ? 2
            : random.pick([1, 3]),
        )
        .join(' ');
  const table = /table \S+/.exec(route)?.[0] ?? '';
  lab.run(
    words(
      ip(ns),
      six ? '-6' : '',
      'route',
      random.pick(['del', 'del', 'delete']),
      shorter,
      shorter.includes('table') || !random.chance(0.7) ? '' : table,
    ),
  );
}

function show(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const dev = random.pick(lab.in(ns)).name;
  const filter = random.weighted<() => string>([
    [5, () => ''],
    [2, () => `show table ${random.pick([...TABLES, 'all', 'all', 'nosuch', '77'])}`],
    [1, () => `show ${random.pick(['', 'root ', 'match ', 'exact '])}${lab.prefix()}`],
    [
      1,
      () =>
        `show ${random.pick(['proto kernel', 'proto static', 'proto boot', 'scope link', 'scope global', 'type blackhole', 'type local table local', 'type unicast', 'metric 100', 'tos 0x10', 'realm 5'])}`,
    ],
    [1, () => `show dev ${dev}`],
    [1, () => `show via ${gateway(lab, ns).via}`],
    [1, () => `show src ${gateway(lab, ns).via}`],
    [0.5, () => random.pick(['ls', 'list', 'l', 'sh'])],
  ])();
  lab.run(
    words(
      ip(ns, words(ipFlags(random, !lab.v6), lab.v6 ? random.maybe(0.3, '-6') : '')),
      random.pick(['route', 'route', 'r']),
      filter,
    ),
  );
}

function get(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  if (lab.v6 && random.chance(0.3)) {
    lab.run(words(ip(ns), '-6 route get', lab.address6()));
    return;
  }
  const devs = lab.in(ns).map((d) => d.name);
  const own = lab
    .in(ns)
    .flatMap((d) => d.addresses)
    .filter((a) => !a.includes(':'))
    .map((a) => a.replace(/\/.*/, ''));
  lab.run(
    words(
      ip(ns, random.pick(['', '', '', '-j', '-d', '-o', '-s'])),
      'route get',
      random.maybe(0.1, () => random.pick(['to', 'fibmatch'])),
      random.chance(0.8) ? lab.address() : `10.${random.int(20, 50)}.${random.int(0, 3)}.${random.int(0, 255)}`,
      random.maybe(0.3, () => `from ${random.chance(0.6) && own.length > 0 ? random.pick(own) : lab.address()}`),
      random.maybe(0.25, () => `iif ${random.pick(devs)}`),
      random.maybe(0.12, () => `oif ${random.pick(devs)}`),
      random.maybe(0.15, () => `mark ${random.pick([1, 2, '0x10'])}`),
      random.maybe(0.08, () => `ipproto ${random.pick(['tcp', 'udp', 'icmp'])}${random.maybe(0.5, ' dport 80')}`),
      random.maybe(0.05, () => `tos ${random.pick(['0x10', 4])}`),
      random.maybe(0.04, 'uid 1000'),
    ),
  );
}

function flush(lab: Lab): void {
  const { random } = lab;
  lab.run(
    words(
      ip(lab.ns),
      'route flush',
      random.pick([
        'table 100',
        'table 200',
        'proto static',
        '10.20.0.0/16',
        'root 10.40.0.0/12',
        'cache',
        'type blackhole',
        'dev eth9',
        'table nosuch',
      ]),
    ),
  );
}

function nexthop(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const g = gateway(lab, ns);
  lab.run(
    random.weighted<() => string>([
      [
        4,
        () =>
          words(
            ip(ns),
            'nexthop',
            random.pick(['add', 'add', 'replace']),
            'id',
            random.int(1, 4),
            random.pick([
              `via ${g.via} dev ${g.dev}`,
              `dev ${g.dev}`,
              'blackhole',
              'group 1/2',
              'group 1,3/2,1',
              `via ${g.via}`,
            ]),
            random.maybe(0.1, 'proto static'),
          ),
      ],
      [
        2,
        () =>
          words(
            ip(ns, random.pick(['', '', '-j', '-d'])),
            'nexthop',
            random.pick(['', 'show', 'list', 'show id 1', 'show groups', `show dev ${g.dev}`]),
          ),
      ],
      [1, () => `${ip(ns)} nexthop get id ${random.int(1, 4)}`],
      [1, () => `${ip(ns)} nexthop del id ${random.int(1, 4)}`],
      [2, () => `${ip(ns)} route add 10.${random.int(60, 65)}.0.0/16 nhid ${random.int(1, 4)}`],
    ])(),
  );
}

export const route: Topic = {
  name: 'route',
  weight: 4,
  actions: [
    action(6, change),
    action(2, del),
    action(4, show),
    action(3, get),
    action(0.4, flush),
    action(0.5, nexthop),
  ],
};
