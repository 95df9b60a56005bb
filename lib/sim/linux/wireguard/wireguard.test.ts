import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { isKey, publicKey } from './key.ts';

const ONE = 'iPabA9SZV4DDG5AHTbCYp7uOppkP8hmNfCeSs3OafkU=';
const TWO = 'OCaKsPUmIg1ZJAIiGctcqfCCHSVQ+I2URT4QvUpUGkE=';

describe('keys', () => {
  it('derives the public keys that wg pubkey printed', () => {
    expect(publicKey(ONE)).toBe('TneRi/NHLb8wqXt94OSgadB22oZTprcDy4yHKBJPKAs=');
    expect(publicKey(TWO)).toBe('+sg+NOkGpnS7Bn5Acw1x3pHC75i1UruTzLEMCefRY3A=');
    expect(isKey(`${'A'.repeat(42)}B=`)).toBe(false);
  });
});

describe('clocks', () => {
  const machine = buildScene('bare', 1);
  const run = (cmd: string) => runStep(machine, { cmd }).stdout;
  run(
    `for n in a b; do ip netns add $n; sysctl -qw net.ipv6.conf.all.disable_ipv6=1; done; ip link add eth0 netns a type veth peer name eth0 netns b; ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0; ip -n a link set eth0 up; ip -n b link set eth0 up; echo ${ONE} > /tmp/a; echo ${TWO} > /tmp/b`,
  );
  run(
    'for n in a b; do ip -n $n link add wg0 type wireguard; ip netns exec $n wg set wg0 listen-port 51820 private-key /tmp/$n; ip -n $n link set wg0 up; done; ip -n a addr add 10.8.0.1/24 dev wg0; ip -n b addr add 10.8.0.2/24 dev wg0; ip netns exec a wg set wg0 peer $(wg pubkey < /tmp/b) endpoint 10.0.0.2:51820 allowed-ips 10.8.0.2/32; ip netns exec b wg set wg0 peer $(wg pubkey < /tmp/a) allowed-ips 10.8.0.1/32',
  );
  const transfer = () => run('ip netns exec a wg show wg0 transfer | cut -f2,3');

  it('answers silence with a keepalive after ten seconds', () => {
    run('ip netns exec a ping -c1 -W1 10.8.0.2');
    expect(transfer()).toBe('220\t276\n');
    run('sleep 12');
    expect(transfer()).toBe('220\t308\n');
  });

  it('gives a handshake up after ninety seconds', () => {
    run('ip -n b link set wg0 down; sleep 200');
    run('ip netns exec a ping -c1 -W1 10.8.0.2; sleep 120');
    const before = transfer();
    run('sleep 60');
    expect(transfer()).toBe(before);
  });
});
