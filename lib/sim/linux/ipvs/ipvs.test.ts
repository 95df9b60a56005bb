import { describe, expect, it } from 'vitest';
import { parseIp } from '../../addr/ip.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { mhSlot } from './mh.ts';
import { schedule, serversChanged } from './sched.ts';
import { newStats, PLAIN_TUNNEL, type VsService } from './types.ts';

function service(sched: string, weights: readonly number[]): VsService {
  const svc: VsService = {
    af: 4,
    proto: 6,
    fwmark: 0,
    addr: 0,
    port: 80,
    sched,
    schedFlags: 0,
    timeout: 0,
    netmask: 0xffffffff,
    ops: false,
    dests: weights.map((weight, i) => ({
      id: i + 1,
      addr: i + 1,
      port: 80,
      fwd: 'masq' as const,
      tun: PLAIN_TUNNEL,
      weight,
      lastWeight: weight,
      upper: 0,
      lower: 0,
      active: 0,
      inactive: 0,
      persist: 0,
      overload: false,
      available: true,
      stats: newStats(0),
      service: '',
    })),
    stats: newStats(0),
    cursor: 0,
    wrr: { cw: 0, mw: 0, di: 1 },
  };
  serversChanged(svc, 'start');
  return svc;
}

const flow = { src: parseIp('172.18.0.9') as number, dst: 0, sport: 40_000 };
const turns = (svc: VsService, n: number) => Array.from({ length: n }, () => schedule(svc, flow)?.id ?? 0);

describe('schedulers', () => {
  it('takes turns by weight', () => {
    expect(turns(service('rr', [1, 0, 1]), 4)).toEqual([1, 3, 1, 3]);
    expect(turns(service('wrr', [1, 1, 3]), 5)).toEqual([3, 3, 1, 2, 3]);
    expect(turns(service('wrr', [0, 0]), 2)).toEqual([0, 0]);
    expect(turns(service('wrr', [2_147_483_647, 1]), 2)).toEqual([1, 1]);
  });

  it('hashes with the fixed keys of the kernel', () => {
    expect(mhSlot(flow.src, 0, 0)).toBeLessThan(4093);
    expect(turns(service('mh', [1, 1, 1]), 2)[0]).toBe(turns(service('mh', [1, 1, 1]), 1)[0]);
  });
});

describe('persistence and clean-up', () => {
  const machine = buildScene('bare', 1);
  const run = (cmd: string) => runStep(machine, { cmd }).stdout;

  it('keeps a client at its server and counts down', () => {
    run(
      'for n in s1 s2; do ip netns add $n; ip link add $n type veth peer name eth0 netns $n; ip -n $n link set eth0 up; ip link set $n up; done; ip addr add 10.1.0.1/24 dev s1; ip addr add 10.2.0.1/24 dev s2; ip -n s1 addr add 10.1.0.2/24 dev eth0; ip -n s2 addr add 10.2.0.2/24 dev eth0; ip -n s1 route add default via 10.1.0.1; ip -n s2 route add default via 10.2.0.1; ip addr add 10.96.0.1/32 dev lo',
    );
    run(
      'for n in s1 s2; do ip netns exec $n ncat -lk -p 80 --sh-exec "echo $n" >/dev/null 2>&1 & done; sleep 2; ipvsadm -A -t 10.96.0.1:80 -s rr -p 300; ipvsadm -a -t 10.96.0.1:80 -r 10.1.0.2:80 -m; ipvsadm -a -t 10.96.0.1:80 -r 10.2.0.2:80 -m',
    );
    expect(run('for i in 1 2 3; do nc -w2 10.96.0.1 80; done')).toBe('s2\ns2\ns2\n');
    expect(run("sleep 1; ipvsadm -Lnc | awk 'NR>2{print $1,$3,$5,$6}' | sort -u")).toBe(
      'TCP ASSURED 10.96.0.1:80 10.2.0.2:80\nTCP TIME_WAIT 10.96.0.1:80 10.2.0.2:80\n',
    );
    run('sleep 100');
    expect(run('sleep 30; ipvsadm -Ln --persistent-conn | tail -2')).toBe(
      '  -> 10.1.0.2:80                  1         0           0          0         \n  -> 10.2.0.2:80                  1         1           0          0         \n',
    );
    for (let i = 0; i < 3; i++) run('sleep 100');
    expect(run('ipvsadm -Lnc')).toBe(
      'IPVS connection entries\npro expire state       source             virtual            destination\n',
    );
  });

  it('restores what it saved', () => {
    const saved = run('ipvsadm -Sn');
    expect(run('ipvsadm -Sn > /tmp/rules; ipvsadm -C; ipvsadm -R < /tmp/rules; ipvsadm -Sn')).toBe(saved);
    expect(saved).toContain('-A -t 10.96.0.1:80 -s rr -p 300\n');
  });
});
