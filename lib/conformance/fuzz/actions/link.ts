/** ip link: make, change, remove, show. */
import { action, type Topic } from '../action.ts';
import { ip, type Kind, type Lab } from '../lab.ts';
import { words } from '../random.ts';
import { ipFlags } from './flags.ts';

function added(lab: Lab, ns: string, name: string, kind: Kind): void {
  if (!lab.find(ns, name)) lab.devices.push({ ns, name, kind, addresses: [] });
}

function bridgeOptions({ random }: Lab): string {
  return words(
    random.maybe(0.3, () => `stp_state ${random.int(0, 1)}`),
    random.maybe(0.3, () => `forward_delay ${random.pick([200, 400, 1500, 3000, 100])}`),
    random.maybe(0.3, () => `ageing_time ${random.pick([0, 100, 30000])}`),
    random.maybe(0.2, () => `hello_time ${random.pick([100, 200, 1000])}`),
    random.maybe(0.2, () => `max_age ${random.pick([600, 2000, 4000])}`),
    random.maybe(0.2, () => `priority ${random.pick([0, 4096, 32768, 61440])}`),
    random.maybe(0.2, () => `mcast_snooping ${random.int(0, 1)}`),
    random.maybe(0.1, () => `group_fwd_mask ${random.pick([0, 8, '0x4000'])}`),
    random.maybe(0.1, () => `nf_call_iptables ${random.int(0, 1)}`),
    random.maybe(0.1, () => `mcast_query_interval ${random.pick([100, 12500])}`),
  );
}

function vxlanOptions(lab: Lab, ns: string): string {
  const { random } = lab;
  const under = random.pick(lab.in(ns));
  return words(
    `id ${random.pick([1, 2, 7, 42, 100, 4096, 16777215])}`,
    random.maybe(0.5, `dev ${under.name}`),
    random.maybe(0.5, `local ${under.addresses[0]?.replace(/\/.*/, '') ?? '10.0.0.1'}`),
    random.maybe(0.3, () => random.pick(['remote 10.9.9.9', 'group 239.1.1.1', 'remote 192.0.2.1'])),
    random.chance(0.85) ? `dstport ${random.pick([4789, 8472, 4790])}` : '',
    random.maybe(0.3, 'nolearning'),
    random.maybe(0.2, () => `ttl ${random.pick([1, 64, 'auto', 'inherit'])}`),
    random.maybe(0.2, () => `tos ${random.pick(['inherit', '0x10', 4])}`),
    random.maybe(0.2, () =>
      random.pick(['proxy', 'rsc', 'l2miss', 'l3miss', 'noproxy', 'udpcsum', 'noudpcsum', 'gbp', 'external']),
    ),
    random.maybe(0.2, () => `ageing ${random.int(10, 500)}`),
    random.maybe(0.1, () => `srcport ${random.int(1000, 2000)} ${random.int(2001, 3000)}`),
    random.maybe(0.1, () => `maxaddress ${random.int(1, 100)}`),
    random.maybe(0.1, () => `df ${random.pick(['set', 'unset', 'inherit'])}`),
  );
}

function add(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const flags = words(
    random.maybe(0.2, () => `mtu ${random.pick([1280, 1400, 1450, 9000])}`),
    random.maybe(0.1, () => `txqueuelen ${random.pick([0, 100, 1000])}`),
    random.maybe(0.1, 'up'),
  );
  const kind = random.weighted<Kind>([
    [3, 'veth'],
    [3, 'bridge'],
    [3, 'vxlan'],
    [2, 'macvlan'],
    [1, 'ifb'],
  ]);
  const name = { veth: 'v', bridge: 'br', vxlan: 'vx', macvlan: 'mv', ifb: 'ifb' }[kind] + random.int(0, 5);
  if (kind === 'veth') {
    const other = random.chance(0.5) ? ns : lab.ns;
    const peer = `p${random.int(0, 5)}`;
    lab.run(
      `${ip(ns)} link add ${words(name, `address ${lab.mac()}`, flags)} type veth peer name ${peer}${other === ns ? '' : ` netns ${other}`} address ${lab.mac()}`,
    );
    added(lab, other, peer, 'veth');
  } else if (kind === 'macvlan') {
    const under = random.pick(lab.in(ns)).name;
    const mode = random.maybe(0.9, () => `mode ${random.pick(['bridge', 'private', 'vepa', 'passthru', 'source'])}`);
    lab.run(
      `${ip(ns)} link add link ${under} ${words(random.maybe(0.5, 'name'), name, `address ${lab.mac()}`, flags)} type macvlan ${mode}`.trim(),
    );
  } else {
    const options =
      kind === 'bridge' ? random.maybe(0.5, () => bridgeOptions(lab)) : kind === 'vxlan' ? vxlanOptions(lab, ns) : '';
    lab.run(
      words(
        ip(ns),
        'link',
        random.pick(['add', 'add', 'add', 'a', 'replace']),
        random.maybe(0.2, 'dev'),
        name,
        `address ${lab.mac()}`,
        flags,
        'type',
        kind,
        options,
      ),
    );
  }
  added(lab, ns, name, kind);
}

function set(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device();
  if (!dev) return;
  const bridge = random.pick([
    ...lab
      .in(dev.ns)
      .filter((d) => d.kind === 'bridge')
      .map((d) => d.name),
    'br9',
  ]);
  const change = random.weighted<() => string>([
    [5, () => random.pick(['up', 'down', 'up'])],
    [4, () => `mtu ${random.pick([68, 576, 1280, 1400, 1450, 1500, 9000, 65535, 70000, 10])}`],
    [2, () => `txqueuelen ${random.pick([0, 1, 500, 1000])}`],
    [
      2,
      () =>
        `address ${random.weighted([
          [6, lab.mac()],
          [1, '01:00:00:00:00:01'],
          [1, '02:00:00:00:01'],
          [1, '00:00:00:00:00:00'],
        ])}`,
    ],
    [2, () => `alias ${random.pick(['uplink', '"to the world"', '""', 'x'])}`],
    [2, () => `arp ${random.pick(['on', 'off'])}`],
    [2, () => `multicast ${random.pick(['on', 'off'])}`],
    [2, () => `promisc ${random.pick(['on', 'off'])}`],
    [1, () => `allmulticast ${random.pick(['on', 'off'])}`],
    [1, () => `group ${random.pick([0, 5, 'default', 'nosuch'])}`],
    [1, () => `protodown ${random.pick(['on', 'off'])}`],
    [2, () => `master ${bridge}`],
    [1, () => 'nomaster'],
    [1, () => `broadcast ff:ff:ff:ff:ff:fe`],
    [1, () => `name ${random.pick(['eth9', 'net0', 'lo', 'eth0', 'averyveryverylongname', 'a/b'])}`],
    [1, () => `mtu ${random.pick([1300, 1420])} up`],
    [1, () => `txqlen ${random.int(1, 2000)} multicast on`],
  ])();
  if (change === 'down' && random.chance(0.5)) {
    lab.run(`${ip(dev.ns)} link set ${dev.name} down`);
    return;
  }
  lab.run(
    words(
      ip(dev.ns),
      random.pick(['link', 'link', 'link', 'l']),
      random.pick(['set', 'set', 's']),
      random.maybe(0.4, 'dev'),
      dev.name,
      change,
    ),
  );
  const renamed = /^name (eth9|net0)$/.exec(change);
  if (renamed) lab.run(`${ip(dev.ns)} -br link show`);
}

function setType(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.kind === 'bridge' || d.master !== undefined || random.chance(0.1));
  if (!dev) return;
  if (dev.kind === 'bridge') {
    lab.run(words(ip(dev.ns), 'link set', dev.name, 'type bridge', bridgeOptions(lab)));
    return;
  }
  const option = random.pick([
    'cost',
    'priority',
    'hairpin',
    'guard',
    'root_block',
    'fastleave',
    'learning',
    'flood',
    'isolated',
    'mcast_flood',
    'neigh_suppress',
    'state',
    'proxy_arp',
  ]);
  const value =
    {
      cost: random.pick([1, 100, 65535, 65536]),
      priority: random.pick([0, 8, 63, 64]),
      state: random.pick([0, 3, 4, 9]),
    }[option] ?? random.pick(['on', 'off']);
  lab.run(`${ip(dev.ns)} link set ${dev.name} type bridge_slave ${option} ${value}`);
}

function del(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => /^(v|br|vx|mv|ifb|p)\d$/.test(d.name)) ?? lab.device();
  if (!dev) return;
  lab.run(words(ip(dev.ns), 'link', random.pick(['del', 'delete']), random.maybe(0.2, 'dev'), dev.name));
  if (dev.name !== 'lo') lab.forget(dev);
}

function show(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const name = random.pick([...lab.in(ns).map((d) => d.name), 'nosuch']);
  const bridge = random.pick([
    ...lab
      .in(ns)
      .filter((d) => d.kind === 'bridge')
      .map((d) => d.name),
    'br9',
  ]);
  const filter = random.weighted<() => string>([
    [4, () => ''],
    [5, () => `show ${random.maybe(0.5, 'dev ')}${name}`],
    [
      2,
      () =>
        `show ${random.pick(['up', 'type veth', 'type bridge', 'type vxlan', 'type macvlan', 'type nosuch', 'group default', 'group 5'])}`,
    ],
    [1, () => `show master ${bridge}`],
    [1, () => `show ${random.pick(['nomaster', 'type bridge_slave', 'vrf x', 'up type veth'])}`],
    [1, () => `${random.pick(['list', 'ls', 'lst', 'sh'])}`],
  ])();
  lab.run(words(ip(ns, ipFlags(random, !lab.v6)), random.pick(['link', 'link', 'l', 'li']), filter));
}

const more = (lab: Lab): void => {
  const { random } = lab;
  const dev = lab.device();
  if (!dev) return;
  lab.run(
    random.weighted<() => string>([
      [
        2,
        () =>
          `${ip(dev.ns)} link property ${random.pick(['add', 'add', 'del'])} dev ${dev.name} altname ${random.pick(['one', 'two', 'eth0'])}`,
      ],
      [2, () => `${ip(dev.ns, random.maybe(0.3, '-j'))} -s link show dev ${random.pick(['one', dev.name])}`],
      [1, () => `${ip(dev.ns)} link set ${dev.name} netns ${random.pick([...lab.namespaces, 'nosuch'])}`],
      [
        1,
        () =>
          `${exec(dev)} cat /sys/class/net/${dev.name}/${random.pick(['operstate', 'mtu', 'address', 'carrier', 'flags', 'tx_queue_len', 'ifalias', 'type'])}`,
      ],
    ])(),
  );
};

const exec = ({ ns }: { ns: string }): string => `ip netns exec ${ns}`;

export const link: Topic = {
  name: 'link',
  weight: 3,
  actions: [action(4, add), action(5, set), action(2, setType), action(1, del), action(5, show), action(1, more)],
};
