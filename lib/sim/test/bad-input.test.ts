/** Absurd input: bounded, explained, and the machine lives on. */
import { expect, test } from 'vitest';
import '../commands/load.ts';
import { runStep } from '../run-steps.ts';
import { buildScene } from '../scene/build.ts';

const BOUNDS = { maxTime: 20_000_000, maxSteps: 20_000, maxOutput: 1_000_000 };

const BRIDGE_LOOP =
  'for b in br0 br1; do ip link add $b type bridge; done; ' +
  'for i in 0 1; do ip link add a$i type veth peer name b$i; ip link set a$i master br0 up; ip link set b$i master br1 up; done; ' +
  'ip link set br0 up; ip link set br1 up; ip addr add 10.7.0.1/24 dev br0; ip netns add x; ' +
  'ip link add p0 type veth peer name p1 netns x; ip link set p0 master br0 up; ip -n x link set p1 up; ip -n x addr add 10.7.0.2/24 dev p1; ';
const ROUTING_LOOP =
  'for n in p q; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv4.ip_forward=1; done; ' +
  'ip link add p0 netns p type veth peer name q0 netns q; ip -n p link set p0 up; ip -n q link set q0 up; ' +
  'ip -n p addr add 10.1.0.1/24 dev p0; ip -n q addr add 10.1.0.2/24 dev q0; ' +
  'ip -n p route add 9.0.0.0/8 via 10.1.0.2; ip -n q route add 9.0.0.0/8 via 10.1.0.1; ';

/** What is typed, and what the answer has to say. */
const CASES: [name: string, cmd: string, says?: RegExp][] = [
  ['a line of a megabyte', `echo ${'a'.repeat(1e6)}`, /File too large/],
  ['binary', Array.from({ length: 3000 }, (_, i) => String.fromCharCode((i % 255) + 1)).join('')],
  ['an endless loop', 'while :; do :; done'],
  ['a fork bomb', ':(){ :|:& };:'],
  ['a billion pings', 'ping -c 1000000000 -i 0.002 127.0.0.1 | tail -1'],
  ['a flood', 'ping -f -c 100000000 127.0.0.1'],
  ['a here-document of megabytes', `cat <<E | wc -c\n${'x\n'.repeat(1_000_000)}E`, /File too large/],
  [
    'chains that jump in a circle',
    'for c in A B; do iptables -N $c; done; iptables -A A -j B; iptables -A B -j A; iptables -A INPUT -j A',
    /Too many links/,
  ],
  [
    'chains deeper than the kernel allows',
    'for i in $(seq 1 40); do iptables -N C$i; done; for i in $(seq 1 39); do iptables -A C$i -j C$((i+1)); done; iptables -A INPUT -j C1',
    /Too many links/,
  ],
  [
    'a routing loop',
    `${ROUTING_LOOP} ip netns exec p ping -c2 -W1 -i0.2 9.9.9.9`,
    /Time to live exceeded|100% packet loss/,
  ],
  ['a storm in a loop of bridges', `${BRIDGE_LOOP} ip netns exec x ping -c2 -W2 10.7.0.1`, /2 received/],
  [
    'a tunnel whose way leads into itself',
    'modprobe ipip; ip addr add 10.1.1.1/24 dev lo; ip link add t1 type ipip local 10.1.1.1 remote 10.2.1.2; ip link set t1 up; ip route add 10.2.1.2 dev t1; ping -c1 -W1 10.2.1.2',
    /0 received|100% packet loss|Unreachable/,
  ],
  ['a function that calls itself', 'f(){ f; }; f', /nesting level exceeded/],
  ['a variable that doubles', 'a=x; for i in $(seq 1 60); do a=$a$a; done', /cannot allocate memory/],
  ['a file that is read and written', 'echo x > /tmp/x; cat /tmp/x >> /tmp/x', /input file is output file/],
  ['braces without end', 'echo {1..100000000} | wc -c'],
  ['substitutions in substitutions', `echo ${'$(echo '.repeat(3000)}x${')'.repeat(3000)}`],
  ['parentheses', '('.repeat(20_000), /syntax error|unexpected EOF/],
  ['an expression that backtracks', 'echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E "(a+)+b"'],
  ['a thousand namespaces', 'for i in $(seq 1 1000); do ip netns add n$i; done'],
  ['a file system that is filled', 'yes > /tmp/full', /No space left on device/],
];

test.each(CASES)('%s', (_, cmd, says) => {
  const machine = buildScene('bare', 1);
  const { stdout, stderr, exit } = runStep(machine, { cmd }, BOUNDS);
  expect(exit).toBeGreaterThanOrEqual(0);
  if (says) expect(stdout.slice(-2000) + stderr.slice(-2000)).toMatch(says);
  // What still runs in the background may go on for a while.
  for (let i = 0; i < 60 && machine.procs.size > 0; i++) runStep(machine, { cmd: 'sleep 1' }, BOUNDS);
  expect(runStep(machine, { cmd: 'ip link show lo | head -1; echo alive' }).stdout).toMatch(/^1: lo: .*\nalive\n$/);
});
