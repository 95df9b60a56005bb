import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

const machine = buildScene('bare', 1);
const run = (cmd: string) => {
  const r = runStep(machine, { cmd });
  return r.stdout + r.stderr;
};

describe('iperf3, in the forms of 3.12', () => {
  run(
    'ip netns add a; ip netns add b; ip link add e netns a type veth peer name e netns b; ip -n a addr add 10.0.0.1/24 dev e; ip -n b addr add 10.0.0.2/24 dev e; ip -n a link set e up; ip -n b link set e up',
  );
  const test = (args: string) =>
    run(
      `ip netns exec b iperf3 -s -1 > /tmp/s & sleep .5; ip netns exec a iperf3 -c 10.0.0.2 ${args}; wait; cat /tmp/s`,
    );
  const lines = (text: string) => text.replace(/port \d{5}/g, 'port E').split('\n');

  it('reports intervals and totals on both ends', () => {
    const out = lines(test('-t 2'));
    expect(out.slice(0, 5)).toEqual([
      'Connecting to host 10.0.0.2, port 5201',
      '[  5] local 10.0.0.1 port E connected to 10.0.0.2 port 5201',
      '[ ID] Interval           Transfer     Bitrate         Retr  Cwnd',
      '[  5]   0.00-1.00   sec  1.10 GBytes  9.41 Gbits/sec    0   1.50 MBytes       ',
      '[  5]   1.00-2.00   sec  1.10 GBytes  9.41 Gbits/sec    0   1.50 MBytes       ',
    ]);
    expect(out).toContain('[  5]   0.00-2.00   sec  2.19 GBytes  9.41 Gbits/sec    0             sender');
    expect(out).toContain('Accepted connection from 10.0.0.1, port E');
  });

  it('sends datagrams at the rate asked for', () => {
    expect(lines(test('-t 1 -u -b 10M'))[3]).toBe('[  5]   0.00-1.00   sec  1.19 MBytes  10.0 Mbits/sec  863  ');
  });

  it('is slower where packets are small, and says what failed', () => {
    run('ip -n a link set e mtu 500; ip -n b link set e mtu 500');
    expect(test('-t 1')).toContain(' 8.33 Gbits/sec ');
    expect(run('ip netns exec a iperf3 -c 10.0.0.2')).toBe(
      'iperf3: error - unable to connect to server: Connection refused\n',
    );
    expect(run('iperf3').split('\n')[0]).toBe('iperf3: parameter error - must either be a client (-c) or server (-s)');
  });
});
