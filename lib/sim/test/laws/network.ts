/** Random networks for the laws: hosts a and b behind a router r, and what a learner may do to them. */
import * as fc from 'fast-check';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

/** a (10.0.1.1) – r (10.0.1.254, 10.0.2.254) – b (10.0.2.1), with a bridge on r in front of a. */
const TOPOLOGY = [
  'for n in a r b; do ip netns add $n; ip -n $n link set lo up; done',
  'ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1',
  'ip -n r link add br0 type bridge; ip -n r link set br0 up; ip -n r addr add 10.0.1.254/24 dev br0',
  'ip link add a0 netns a type veth peer name r0 netns r; ip link add b0 netns b type veth peer name r1 netns r',
  'ip -n r link set r0 master br0 up; ip -n r link set r1 up; ip -n a link set a0 up; ip -n b link set b0 up',
  'ip -n a addr add 10.0.1.1/24 dev a0; ip -n r addr add 10.0.2.254/24 dev r1; ip -n b addr add 10.0.2.1/24 dev b0',
  'ip -n a route add default via 10.0.1.254; ip -n b route add default via 10.0.2.254',
  'ip netns exec r sysctl -qw net.ipv4.ip_forward=1',
  'ip netns exec b nc -lk 10.0.2.1 80 >/dev/null & ip netns exec b nc -lk 10.0.2.1 8080 >/dev/null & sleep 0.1',
  'ip netns exec b nc -luk 10.0.2.1 53 >/dev/null & sleep 0.1',
];

/** The network, ready. */
export function network(): Machine {
  const machine = buildScene('bare', 1);
  for (const cmd of TOPOLOGY) {
    const { stderr } = runStep(machine, { cmd });
    if (stderr) throw new Error(`${cmd}: ${stderr}`);
  }
  return machine;
}

const host = fc.constantFrom('a', 'r', 'b');
const chain = fc.constantFrom(
  'INPUT',
  'OUTPUT',
  'FORWARD',
  '-t raw PREROUTING',
  '-t raw OUTPUT',
  '-t mangle PREROUTING',
  '-t mangle FORWARD',
  '-t mangle POSTROUTING',
  '-t security FORWARD',
);
const match = fc.constantFrom(
  '',
  '-p icmp',
  '-p udp',
  '-p tcp --dport 80',
  '-s 10.0.1.0/24',
  '! -d 10.0.2.1',
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate ESTABLISHED,RELATED',
  '-m length --length 0:100',
  '-m ttl --ttl-lt 64',
  '-m addrtype --dst-type LOCAL',
  '-m statistic --mode nth --every 2 --packet 0',
);
const target = fc.constantFrom('ACCEPT', 'DROP', 'RETURN', 'LOG', 'MARK --set-mark 7');

const rule = fc
  .tuple(host, chain, match, target)
  .map(
    ([on, to, what, then]) =>
      `ip netns exec ${on} iptables -A ${to.replace(/(-t \w+) /, '$1 -A ').replace('-A -t', '-t')} ${what} -j ${then}`,
  )
  .map((cmd) => cmd.replace(/iptables -A (-t \w+ -A)/, 'iptables $1'));

const reject = fc
  .tuple(host, fc.constantFrom('INPUT', 'FORWARD', 'OUTPUT'), match)
  .map(([on, to, what]) => `ip netns exec ${on} iptables -A ${to} ${what} -j REJECT`);

/** One translation on the router. */
export const translation = fc
  .oneof(
    fc
      .constantFrom('10.0.2.1', '10.0.1.254', '10.96.0.10')
      .chain((to) =>
        fc
          .constantFrom('10.0.2.1', '10.0.2.1:8080', '10.0.2.1-10.0.2.2')
          .map(
            (end) =>
              `PREROUTING -d ${to} ${end.includes(':') ? '-p tcp --dport 80' : ''} -j DNAT --to-destination ${end}`,
          ),
      ),
    fc
      .constantFrom(
        'MASQUERADE',
        'MASQUERADE --random',
        'SNAT --to-source 10.0.2.254',
        'SNAT --to-source 10.0.2.100-10.0.2.120',
      )
      .map((how) => `POSTROUTING -o r1 -j ${how}`),
    fc.constant('PREROUTING -d 10.0.1.254 -j NETMAP --to 10.0.2.1/32'),
    fc.constant('PREROUTING -p tcp --dport 80 -d 10.0.2.1 -j REDIRECT --to-ports 8080'),
  )
  .map((what) => `ip netns exec r iptables -t nat -A ${what}`);

const change = fc.constantFrom(
  'ip netns exec r sysctl -qw net.ipv4.ip_forward=0',
  'ip netns exec r sysctl -qw net.ipv4.conf.all.rp_filter=1',
  'ip -n r link set r1 mtu 576',
  'ip -n r link set r1 down',
  'ip -n b link set b0 down',
  'ip -n b route del default',
  'ip -n r route add blackhole 10.0.2.1',
  'ip -n r route add prohibit 10.0.2.1',
  'ip -n r neigh replace 10.0.2.1 lladdr 02:00:00:00:99:99 dev r1 nud permanent',
  'ip -n r addr add 10.0.1.1/32 dev lo',
  'ip -n r link set r0 type bridge_slave isolated on',
  'ip -n r link set br0 type bridge stp_state 1',
  'ip -n a route replace default via 10.0.1.77',
  'ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_all=1',
  'ip -n a link del a0',
  'ip netns exec r ip link add vx0 type vxlan id 5 dstport 4789 local 10.0.2.254 dev r1',
  'ip netns exec r sysctl -qw net.netfilter.nf_conntrack_max=1',
);

/** Commands that change the network. */
export const changes = fc.array(fc.oneof(rule, rule, reject, translation, change), { maxLength: 8 });

/** Commands that send packets. */
export const traffic = fc.array(
  fc.constantFrom(
    'ip netns exec a ping -c2 -i0.2 -W1 10.0.2.1',
    'ip netns exec a ping -c1 -W1 -s 1400 10.0.2.1',
    'ip netns exec a ping -c1 -W1 -M do -s 1400 10.0.2.1',
    'ip netns exec a ping -c1 -W1 -t1 10.0.2.1',
    'ip netns exec a ping -c1 -W1 10.0.2.99',
    'ip netns exec a ping -b -c1 -W1 10.0.1.255',
    'ip netns exec r ping -c1 -W1 10.0.1.1',
    'ip netns exec b ping -c1 -W1 10.0.1.1',
    'ip netns exec a ping -c1 -W1 203.0.113.5',
    'echo x | ip netns exec a nc -N -w2 10.0.2.1 80',
    'echo x | ip netns exec a nc -N -w2 10.96.0.10 80',
    'echo x | ip netns exec a nc -w2 10.0.2.1 81',
    'echo x | ip netns exec a nc -u -w1 10.0.2.1 53',
    'echo x | ip netns exec a nc -u -w1 10.0.2.1 54',
    'ip netns exec a traceroute -n -q1 -w1 10.0.2.1',
  ),
  { minLength: 1, maxLength: 3 },
);
