/** bridge fdb, link, vlan, mdb; sysctl. */
import { action, type Topic } from '../action.ts';
import { exec, type Lab } from '../lab.ts';
import { words } from '../random.ts';

function fdb(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.kind === 'bridge' || d.kind === 'vxlan' || d.master !== undefined) ?? lab.device();
  if (!dev) return;
  const bridge = random.pick([
    ...lab
      .in(dev.ns)
      .filter((d) => d.kind === 'bridge')
      .map((d) => d.name),
    'br9',
  ]);
  const tool = words(exec(dev.ns), 'bridge');
  const mac = random.chance(0.8) ? `02:aa:00:00:00:0${random.int(1, 5)}` : '00:00:00:00:00:00';
  const entry =
    dev.kind === 'vxlan'
      ? words(
          mac,
          'dev',
          dev.name,
          random.maybe(0.9, () => `dst ${random.chance(0.6) ? lab.address() : '172.18.0.77'}`),
          random.maybe(0.15, () => `vni ${random.int(1, 9)}`),
          random.maybe(0.15, () => `port ${random.int(4000, 9000)}`),
          random.maybe(0.1, () => `via ${dev.name}`),
          random.maybe(0.2, () => random.pick(['self', 'permanent', 'static', 'dynamic'])),
        )
      : words(
          mac,
          'dev',
          dev.name,
          random.maybe(0.8, 'master'),
          random.maybe(0.7, () =>
            random.pick(['static', 'permanent', 'dynamic', 'local', 'static sticky', 'use', 'extern_learn']),
          ),
        );
  lab.run(
    random.weighted<() => string>([
      [4, () => words(tool, 'fdb', random.pick(['add', 'append', 'replace', 'add']), entry)],
      [
        1,
        () =>
          words(
            tool,
            'fdb',
            'del',
            mac,
            'dev',
            dev.name,
            random.maybe(0.6, 'master'),
            dev.kind === 'vxlan' ? random.maybe(0.5, 'dst 172.18.0.77') : '',
          ),
      ],
      [
        4,
        () =>
          words(
            tool,
            random.pick(['', '', '', '-d', '-s', '-j', '-c']).replace('-s', ''),
            'fdb',
            random.pick([
              '',
              'show',
              `show dev ${dev.name}`,
              `show br ${bridge}`,
              `show brport ${dev.name}`,
              `show br ${bridge} static`,
              `show dev ${dev.name} permanent`,
              `show br ${bridge} state permanent`,
              `show dynamic`,
            ]),
          ),
      ],
      [1, () => words(tool, 'fdb get', mac, random.pick([`dev ${dev.name}`, `br ${bridge}`]))],
      [0.4, () => words(tool, 'fdb flush dev', dev.name)],
    ])(),
  );
}

function links(lab: Lab): void {
  const { random } = lab;
  const dev = lab.device((d) => d.master !== undefined) ?? lab.device();
  if (!dev) return;
  const tool = words(exec(dev.ns), 'bridge');
  const option = random.pick([
    'cost 7',
    'priority 9',
    'state 3',
    'guard on',
    'hairpin on',
    'hairpin off',
    'fastleave on',
    'root_block on',
    'learning off',
    'flood off',
    'mcast_flood off',
    'isolated on',
    'neigh_suppress on',
    'hwmode veb',
    'cost 0',
    'bcast_flood off',
    'mcast_to_unicast on',
    'state blocking',
    'hairpin maybe',
  ]);
  lab.run(
    random.weighted<() => string>([
      [3, () => words(tool, 'link set dev', dev.name, option)],
      [
        4,
        () =>
          words(
            tool,
            random.pick(['', '', '-d', '-j', '-d -j', '-j -p', '-o', '-c']),
            'link',
            random.pick(['', 'show', `show dev ${dev.name}`, `show dev nosuch`]),
          ),
      ],
      // With IPv6, the bridge hears reports of groups at times of their own.
      [lab.v6 ? 0 : 1, () => words(tool, random.pick(['', '-j', '-d']), 'mdb', random.pick(['', 'show']))],
    ])(),
  );
}

const KEYS: [string, (string | number)[]][] = [
  ['net.ipv4.ip_forward', [0, 1]],
  ['net.ipv4.ip_default_ttl', [32, 64, 128, 0, 256]],
  ['net.ipv4.conf.DEV.rp_filter', [0, 1, 2]],
  ['net.ipv4.conf.all.rp_filter', [0, 1, 2]],
  ['net.ipv4.conf.DEV.proxy_arp', [0, 1]],
  ['net.ipv4.conf.DEV.forwarding', [0, 1]],
  ['net.ipv4.conf.DEV.arp_ignore', [0, 1, 2]],
  ['net.ipv4.conf.DEV.arp_announce', [0, 1, 2]],
  ['net.ipv4.conf.all.route_localnet', [0, 1]],
  ['net.ipv4.conf.DEV.accept_local', [0, 1]],
  ['net.ipv4.conf.all.send_redirects', [0, 1]],
  ['net.ipv4.conf.DEV.send_redirects', [0, 1]],
  ['net.ipv4.conf.all.accept_redirects', [0, 1]],
  ['net.ipv4.icmp_echo_ignore_all', [0, 1]],
  ['net.ipv4.icmp_echo_ignore_broadcasts', [0, 1]],
  ['net.ipv4.fib_multipath_hash_policy', [0, 1, 4]],
  ['net.ipv4.conf.DEV.ignore_routes_with_linkdown', [0, 1]],
  ['net.ipv4.conf.default.forwarding', [0, 1]],
  ['net.ipv4.ip_nonlocal_bind', [0, 1]],
  ['net.ipv4.ip_local_port_range', ['"40000 50000"', '"1 2"']],
  ['net.ipv4.ping_group_range', ['"0 10"']],
  ['net.ipv4.conf.DEV.src_valid_mark', [0, 1]],
  ['net.ipv4.conf.DEV.arp_filter', [0, 1]],
  ['net.ipv4.conf.DEV.promote_secondaries', [0, 1]],
  ['net.ipv4.conf.DEV.proxy_arp_pvlan', [0, 1]],
  ['net.ipv4.conf.DEV.log_martians', [0, 1]],
  ['net.bridge.bridge-nf-call-iptables', [0, 1]],
  ['net.ipv4.ip_no_pmtu_disc', [0, 1]],
  ['net.ipv4.tcp_ecn', [0, 1, 2]],
  ['net.ipv4.neigh.DEV.gc_stale_time', [10, 60]],
  ['net.ipv4.neigh.default.base_reachable_time_ms', [1000]],
  ['net.netfilter.nf_conntrack_tcp_timeout_established', [100, 432000]],
  ['net.netfilter.nf_conntrack_tcp_be_liberal', [0, 1]],
  ['net.ipv4.nosuch', [1]],
];

function sysctl(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const dev = random.pick([...lab.in(ns).map((d) => d.name), 'nosuch', 'default']);
  const [name, values] = random.pick(KEYS);
  const key = name.replace('DEV', dev.includes('.') ? 'eth0' : dev);
  const value = random.chance(0.92) ? random.pick(values) : random.pick(['abc', '-1', '99999999999', '""', '1.5']);
  lab.run(
    random.weighted<() => string>([
      [5, () => words(exec(ns), 'sysctl', random.pick(['-w', '-w', '-qw', '']), `${key}=${value}`)],
      [
        3,
        () =>
          words(
            exec(ns),
            'sysctl',
            random.pick(['', '-n', '-e', '-b', '-N', '']),
            random.chance(0.5) ? key : key.replaceAll('.', '/'),
          ),
      ],
      [1, () => words(exec(ns), 'cat', `/proc/sys/${key.replaceAll('.', '/')}`)],
      [
        0.5,
        () =>
          words(
            exec(ns),
            'sysctl -a -r',
            `'net.ipv4.conf.${random.pick(['lo', 'all', 'eth0'])}\\.(${random.pick(['rp_filter', 'arp_.*', 'forwarding|proxy_arp', 'accept_.*'])})$'`,
          ),
      ],
    ])(),
  );
}

export const bridging: Topic = { name: 'bridge', weight: 2, actions: [action(3, fdb), action(2, links)] };
export const tuning: Topic = { name: 'sysctl', weight: 1, actions: [action(1, sysctl)] };
