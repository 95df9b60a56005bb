import { expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

it('carries frames between two remote ends and refuses a second device for the same', () => {
  const machine = buildScene('bare', 1);
  const run = (cmd: string) => runStep(machine, { cmd });
  run(
    'for n in a b; do ip netns add $n; done; ip link add eth0 netns a type veth peer name eth0 netns b; ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0; ip -n a link set eth0 up; ip -n b link set eth0 up',
  );
  run(
    'ip -n a link add g0 type geneve id 7 remote 10.0.0.2; ip -n b link add g0 type geneve id 7 remote 10.0.0.1 ttl 9; for n in a b; do ip -n $n link set g0 up; done; ip -n a addr add 10.9.0.1/24 dev g0; ip -n b addr add 10.9.0.2/24 dev g0',
  );
  expect(run('ip netns exec a ping -c1 -W1 10.9.0.2 | grep -c ttl=64').stdout).toBe('1\n');
  expect(run('ip -n b -d link show g0 | grep -o "geneve.*udp6zerocsumrx"').stdout).toBe(
    'geneve id 7 remote 10.0.0.1 ttl 9 dstport 6081 noudpcsum udp6zerocsumrx\n',
  );
  expect(run('ip -n a link add g1 type geneve id 7 remote 10.0.0.2').stderr).toBe(
    'RTNETLINK answers: Device or resource busy\n',
  );
  expect(run('ip -n a link add g1 type geneve id 8').stderr).toBe('geneve: remote link partner not specified\n');
});
