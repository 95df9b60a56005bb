/** ipset: every type this kernel has, members of all forms, the commands around them. */
import { action, type Topic } from '../action.ts';
import { exec, type Lab } from '../lab.ts';
import { words } from '../random.ts';

const TYPES = [
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,port',
  'hash:net,iface',
  'bitmap:ip',
  'bitmap:port',
  'bitmap:ip,mac',
  'list:set',
];

function entry(lab: Lab, type: string, names: string[]): string {
  const { random } = lab;
  const ip = () => (random.chance(0.85) ? `10.0.0.${random.int(1, 9)}` : lab.address());
  const net = () => (random.chance(0.7) ? `10.${random.int(0, 9)}.0.0/16` : `192.168.${random.int(0, 3)}.0/24`);
  const port = () =>
    random.pick(['80', 'tcp:80', 'udp:53', 'tcp:8080', 'tcp:443', 'tcp:http', 'icmp:echo-request', 'sctp:5']);
  switch (type) {
    case 'hash:ip':
      return random.chance(0.85) ? ip() : random.pick(['10.0.0.0/30', '10.0.0.5-10.0.0.7', '0.0.0.0']);
    case 'hash:net':
      return random.chance(0.9) ? net() : random.pick([ip(), '0.0.0.0/0', '10.0.0.0-10.0.0.255']);
    case 'hash:ip,port':
      return `${ip()},${port()}`;
    case 'hash:ip,port,ip':
      return `${ip()},${port()},${ip()}`;
    case 'hash:ip,port,net':
      return `${ip()},${port()},${net()}`;
    case 'hash:net,port':
      return `${net()},${port()}`;
    case 'hash:net,iface':
      return `${net()},${random.pick(['eth0', 'eth1', 'physdev:veth1'])}`;
    case 'bitmap:ip':
      return random.chance(0.8)
        ? `10.0.0.${random.int(1, 9)}`
        : random.pick(['10.0.0.2-10.0.0.4', '10.0.1.1', '10.0.0.16/30']);
    case 'bitmap:port':
      return random.pick(['80', '443', '8080', '100-103', '70000', 'http', '30080']);
    case 'bitmap:ip,mac':
      return `10.0.0.${random.int(1, 9)}${random.maybe(0.8, ',02:00:00:00:00:07')}`;
    default:
      return random.pick([...names, 'nosuch']);
  }
}

function setsOf(lab: Lab, ns: string): Map<string, string> {
  let sets = lab.ipsets.get(ns);
  if (!sets) lab.ipsets.set(ns, (sets = new Map()));
  return sets;
}

function run(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const sets = setsOf(lab, ns);
  const tool = words(exec(ns), 'ipset');
  const names = [...sets.keys()];
  const create = () => {
    const type = random.weighted(TYPES.map((t, i) => [i < 4 ? 2 : 1, t] as const));
    const name = random.pick(['web', 'KUBE-CLUSTER-IP', 'blk', 's1', 's2', 's3']);
    const range = type === 'bitmap:port' ? 'range 0-65535' : type.startsWith('bitmap') ? 'range 10.0.0.0/24' : '';
    const options = words(
      random.maybe(0.2, () => `timeout ${random.pick([0, 300, 600])}`),
      random.maybe(0.15, 'comment'),
      random.maybe(0.15, 'counters'),
      type.startsWith('hash') ? random.maybe(0.1, () => `maxelem ${random.pick([1, 2, 1024])}`) : '',
      type.startsWith('hash') ? random.maybe(0.1, 'hashsize 64') : '',
      type.startsWith('hash') ? random.maybe(0.1, 'family inet') : '',
      type.startsWith('hash:net') ? '' : random.maybe(0.03, 'netmask 24'),
      random.maybe(0.05, 'skbinfo'),
      type === 'list:set' ? random.maybe(0.2, 'size 4') : '',
    );
    lab.run(
      words(
        tool,
        random.maybe(0.1, '-exist'),
        random.pick(['create', 'create', 'create', '-N', 'n']),
        name,
        type,
        range,
        options,
      ),
    );
    if (!sets.has(name)) sets.set(name, type);
  };
  if (names.length === 0 || random.chance(0.2)) {
    create();
    return;
  }
  const name = random.chance(0.96) ? random.pick(names) : 'nosuch';
  const type = sets.get(name) ?? 'hash:ip';
  random.weighted<() => void>([
    [
      7,
      () =>
        lab.run(
          words(
            tool,
            random.maybe(0.15, () => random.pick(['-exist', '-!'])),
            random.pick(['add', 'add', 'add', '-A']),
            name,
            entry(lab, type, names),
            random.maybe(0.08, 'timeout 100'),
            random.maybe(0.06, 'comment "one two"'),
            random.maybe(0.04, 'packets 3 bytes 30'),
            type.startsWith('hash:net') ? random.maybe(0.06, 'nomatch') : '',
          ),
        ),
    ],
    [
      1.5,
      () =>
        lab.run(words(tool, random.pick(['del', '-D']), random.maybe(0.1, '-exist'), name, entry(lab, type, names))),
    ],
    [2, () => lab.run(words(tool, random.pick(['test', '-T']), name, entry(lab, type, names)))],
    [
      5,
      () =>
        lab.run(
          words(
            tool,
            random.pick([
              '-s list',
              '-s list',
              'list -s',
              '-t list',
              'list -n',
              '-s -o save list',
              '-s save',
              '-s -o xml list',
              'list -t',
            ]),
            random.maybe(0.7, name),
          ),
        ),
    ],
    [0.5, () => lab.run(words(tool, 'flush', random.maybe(0.8, name)))],
    [0.5, () => lab.run(words(tool, 'rename', name, random.pick(['renamed', random.pick(names)])))],
    [0.5, () => lab.run(words(tool, random.pick(['swap', '-W']), name, random.pick(names)))],
    [0.5, () => lab.run(words(tool, random.pick(['destroy', '-X', 'x']), random.maybe(0.9, name)))],
    [
      0.6,
      () =>
        lab.run(
          words(tool, random.pick(['restore', 'restore -!'])),
          `create r${random.int(1, 3)} hash:ip family inet\nadd r1 10.0.0.${random.int(1, 3)}\n${random.maybe(0.3, 'add nosuch 1.1.1.1\n')}`,
        ),
    ],
  ])();
}

export const ipset: Topic = { name: 'ipset', weight: 2, actions: [action(1, run)] };
