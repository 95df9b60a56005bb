/** ip addr: add with all its words, change, remove, flush, show with filters. */
import { action, type Topic } from '../action.ts';
import { ip, type Lab } from '../lab.ts';
import { words } from '../random.ts';
import { ipFlags } from './flags.ts';

function cidr(lab: Lab): string {
  const { random } = lab;
  return random.weighted<() => string>([
    [4, () => `10.${random.int(20, 25)}.${random.int(0, 2)}.${random.int(1, 9)}/24`],
    [2, () => `192.168.${random.int(0, 2)}.${random.int(1, 5)}/${random.pick([16, 24, 28, 30, 31, 32])}`],
    [1, () => `172.16.0.${random.int(1, 4)}`],
    [
      1,
      () =>
        random.pick([
          '127.0.0.2/8',
          '224.0.0.5/32',
          '0.0.0.0/24',
          '255.255.255.255/32',
          '10.1.1.0/24',
          '10.1.1.255/24',
        ]),
    ],
  ])();
}

function add(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device();
  if (!dev) return;
  const v6 = lab.v6 && random.chance(0.4);
  const address = v6
    ? `2001:db8:${random.int(20, 22)}::${random.int(1, 5)}/${random.pick([64, 64, 128, 48])}`
    : cidr(lab);
  const options = words(
    random.maybe(
      v6 ? 0 : 0.25,
      () => `${random.pick(['brd', 'broadcast'])} ${random.pick(['+', '-', '10.20.0.255', '10.1.2.3'])}`,
    ),
    random.maybe(0.1, () => `label ${dev.name}:${random.pick(['1', 'x', 'veryverylonglabel'])}`),
    random.maybe(0.12, () => `scope ${random.pick(['host', 'link', 'global', 'site', '200'])}`),
    random.maybe(0.1, () => `metric ${random.int(1, 999)}`),
    random.maybe(0.08, 'noprefixroute'),
    random.maybe(0.05, () => `valid_lft ${random.int(500, 900)} preferred_lft ${random.int(100, 400)}`),
    random.maybe(v6 ? 0.5 : 0.02, 'nodad'),
    random.maybe(v6 ? 0.1 : 0.02, () => random.pick(['home', 'mngtmpaddr', 'autojoin'])),
  );
  const peer =
    !v6 && random.chance(0.08)
      ? `${address.replace(/\/.*/, '')} peer 10.99.0.${random.int(1, 9)}${random.pick(['', '/32', '/24'])}`
      : address;
  lab.run(
    words(
      ip(dev.ns, random.maybe(0.05, '-4')),
      random.pick(['addr', 'addr', 'address', 'a']),
      random.weighted([
        [8, 'add'],
        [1, 'replace'],
        [1, 'change'],
        [1, 'a'],
      ]),
      peer,
      'dev',
      dev.name,
      options,
    ),
  );
  dev.addresses.push(address);
}

function del(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.addresses.length > 1) ?? lab.device();
  if (!dev) return;
  const address = random.pick([
    ...dev.addresses.slice(1),
    ...(random.chance(0.3) ? dev.addresses : []),
    '10.250.0.1/24',
  ]);
  lab.run(
    words(
      ip(dev.ns),
      'addr',
      random.pick(['del', 'delete', 'd']),
      random.chance(0.8) ? address : address.replace(/\/.*/, ''),
      'dev',
      dev.name,
    ),
  );
  dev.addresses = dev.addresses.filter((a) => a !== address);
}

function flush(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.name !== 'lo' && !/^eth0$/.test(d.name));
  if (!dev) return;
  const filter = random.pick(['', 'scope global', 'to 10.20.0.0/16', 'label x*', 'secondary', 'permanent']);
  lab.run(words(ip(dev.ns, random.pick(['', '', '-s', '-4'])), 'addr flush', 'dev', dev.name, filter));
  if (filter === '') dev.addresses = [];
}

function show(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const name = random.pick([...lab.in(ns).map((d) => d.name), 'nosuch']);
  const filter = random.weighted<() => string>([
    [4, () => ''],
    [6, () => `show ${random.maybe(0.6, 'dev ')}${name}`],
    [1, () => `show to ${lab.prefix()}`],
    [
      1,
      () =>
        `show ${random.pick(['scope global', 'scope link', 'scope host', 'primary', 'secondary', 'up', 'permanent', 'dynamic', 'label eth*', 'label "*:1"', 'type veth', 'scope 200', 'tentative', 'deprecated'])}`,
    ],
    [1, () => `show dev ${name} ${random.pick(['up', 'scope global', 'primary', 'to 10.0.0.0/8', 'label eth0'])}`],
    [1, () => random.pick(['ls', 'list', 'sh'])],
  ])();
  lab.run(
    words(
      ip(ns, words(ipFlags(random, !lab.v6), lab.v6 ? random.maybe(0.2, '-6') : '')),
      random.pick(['addr', 'addr', 'a', 'address']),
      filter,
    ),
  );
}

export const addr: Topic = {
  name: 'addr',
  weight: 3,
  actions: [action(4, add), action(2, del), action(0.5, flush), action(4, show)],
};
