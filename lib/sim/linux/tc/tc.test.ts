/** Queues and filters of tc on a packet's way, by virtual time. */
import { expect, test } from 'vitest';
import { command as ping } from '../../commands/ping/index.ts';
import { command as tc } from '../../commands/tc/index.ts';
import { cable, exec, namespace, testbed } from '../stack/testbed.ts';

function pair() {
  const bed = testbed([ping, tc]);
  const [a, b] = [namespace(bed, 'a'), namespace(bed, 'b')];
  cable(bed, a, 'eth0', '10.1.0.1/24', b, 'eth0', '10.1.0.2/24');
  const run = (words: string) => exec(bed, a, words.split(' '));
  run('ping -c1 -W1 10.1.0.2');
  return { bed, run };
}

/** Round trips of a ping in ms. */
const times = (out: string): number[] => [...out.matchAll(/time=([\d.]+) ms/g)].map((m) => Number(m[1]));

test('netem delays what goes out, by its jitter more or less', () => {
  const { run } = pair();
  run('tc qdisc add dev eth0 root handle 1: netem delay 100ms 10ms');
  const got = times(run('ping -c20 -i0.2 -W1 10.1.0.2').out);
  expect(got).toHaveLength(20);
  expect(Math.min(...got)).toBeGreaterThanOrEqual(90);
  expect(Math.max(...got)).toBeLessThan(111);
  expect(new Set(got).size).toBeGreaterThan(5);
});

test('netem loses its share, counts it, and says so to nobody', () => {
  const { run } = pair();
  run('tc qdisc add dev eth0 root handle 1: netem loss 50%');
  const lost = 40 - times(run('ping -c40 -i0.2 -W1 10.1.0.2').out).length;
  expect(lost).toBeGreaterThan(8);
  expect(lost).toBeLessThan(32);
  // ARP requests are lost as well.
  const counted = Number(/dropped (\d+)/.exec(run('tc -s qdisc show dev eth0').out)?.[1]);
  expect(counted).toBeGreaterThanOrEqual(lost);
  expect(counted).toBeLessThan(lost + 10);
});

test('a loss below a tbf leaves its queue empty', () => {
  const { run } = pair();
  run('tc qdisc add dev eth0 root handle 1: tbf rate 10mbit burst 10k latency 1s');
  run('tc qdisc add dev eth0 parent 1:1 handle 2: netem loss 100%');
  expect(times(run('ping -c2 -i0.2 -W1 10.1.0.2').out)).toEqual([]);
  expect(run('tc -s qdisc show dev eth0').out).toMatch(/tbf.*\n.*dropped 2,.*\n backlog 0b 0p/);
});

test('tbf lets its burst through and then its rate', () => {
  const { run } = pair();
  run('tc qdisc add dev eth0 root handle 1: tbf rate 80kbit burst 1600 latency 1s');
  const got = times(run('ping -c5 -l5 -s1000 -W5 10.1.0.2').out);
  // 1042 bytes at 10 bytes a millisecond.
  const [first, ...rest] = got.slice(1).map((t, i) => t - (got[i] as number));
  expect(first).toBeCloseTo(48.4, 0);
  for (const gap of rest) expect(Math.abs(gap - 104.2)).toBeLessThan(1);
});

test('htb: a class that is idle lends to one that needs more, up to its ceiling', () => {
  const { run } = pair();
  const lines = [
    'tc qdisc add dev eth0 root handle 1: htb default 10',
    'tc class add dev eth0 parent 1: classid 1:1 htb rate 160kbit burst 1600 cburst 1600',
    'tc class add dev eth0 parent 1:1 classid 1:10 htb rate 80kbit ceil 160kbit burst 1600 cburst 1600',
    'tc class add dev eth0 parent 1:1 classid 1:20 htb rate 80kbit ceil 80kbit burst 1600 cburst 1600',
  ];
  for (const line of lines) run(line);
  const gap = (out: string) => {
    const got = times(out);
    return Math.round(((got[got.length - 1] as number) - (got[2] as number)) / (got.length - 3));
  };
  expect(gap(run('ping -c10 -l10 -s1000 -W5 10.1.0.2').out)).toBe(52);
  run('tc filter add dev eth0 parent 1: protocol ip u32 match ip dst 10.1.0.2/32 flowid 1:20');
  expect(gap(run('ping -c10 -l10 -s1000 -W5 10.1.0.2').out)).toBe(104);
});

test('gact drops what a u32 filter matches, and nothing else', () => {
  const { run } = pair();
  run('tc qdisc add dev eth0 clsact');
  run('tc filter add dev eth0 egress protocol ip prio 1 u32 match ip protocol 1 0xff action drop');
  expect(times(run('ping -c1 -W1 10.1.0.2').out)).toEqual([]);
  expect(run('tc -s filter show dev eth0 egress').out).toContain('Sent 98 bytes 1 pkt (dropped 1,');
  run('tc filter del dev eth0 egress');
  run('tc filter add dev eth0 egress protocol ip prio 1 u32 match ip protocol 17 0xff action drop');
  expect(times(run('ping -c1 -W1 10.1.0.2').out)).toHaveLength(1);
});

test('what is not modelled says so', () => {
  const { run } = pair();
  for (const line of [
    'qdisc add dev eth0 root fq_codel',
    'filter add dev eth0 parent 1: matchall action drop',
    'chain show',
  ])
    expect(run(`tc ${line}`).exit).toBe(64);
});
