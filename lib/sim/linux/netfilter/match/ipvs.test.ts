import { describe, expect, it } from 'vitest';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';

describe('-m ipvs', () => {
  const machine = buildScene('bare', 1);
  const run = (cmd: string) => {
    const { stdout, stderr } = runStep(machine, { cmd });
    return stdout + stderr;
  };

  it('prints what it was given, the protocol as a number', () => {
    run('iptables -N A');
    run('iptables -A A -m ipvs --vaddr 10.96.0.1 --vproto tcp --vport http -j DROP');
    run('iptables -A A -m ipvs ! --ipvs; iptables -A A -m ipvs --ipvs --vdir reply ! --vmethod masq');
    run('iptables -A A -m ipvs ! --vaddr 10.96.0.0/12 --vportctl 21');
    expect(run('iptables -S A')).toBe(
      [
        '-N A',
        '-A A -m ipvs --vproto 6 --vaddr 10.96.0.1 --vport 80 -j DROP',
        '-A A -m ipvs ! --ipvs',
        '-A A -m ipvs --vdir REPLY ! --vmethod MASQ',
        '-A A -m ipvs ! --vaddr 10.96.0.0/12 --vportctl 21',
        '',
      ].join('\n'),
    );
    expect(run('iptables -L A -n | tail -1')).toContain('! vaddr 10.96.0.0/12 vportctl 21');
  });

  it('refuses what says nothing', () => {
    expect(run('iptables -A A -m ipvs')).toContain('IPVS: At least one option is required');
    expect(run('iptables -A A -m ipvs ! --ipvs --vport 80')).toContain(
      '! --ipvs cannot be together with other options',
    );
    expect(run('iptables -A A -m ipvs --vdir up')).toContain('ipvs: Bad value for "--vdir" option: "up"');
  });

  it('matches requests on their way to a real server, by what the client asked for', () => {
    run(
      'ip netns add s; ip link add s type veth peer name eth0 netns s; ip -n s link set eth0 up; ip link set s up; ip addr add 10.1.0.1/24 dev s; ip -n s addr add 10.1.0.2/24 dev eth0; ip -n s route add default via 10.1.0.1; ip addr add 10.96.0.1/32 dev lo; ip netns exec s ncat -lk -p 8080 --sh-exec "echo hello" >/dev/null 2>&1 &',
    );
    run(
      'sleep 1; sysctl -qw net.ipv4.vs.conntrack=1; iptables -A INPUT -m conntrack --ctstate NEW; ipvsadm -A -t 10.96.0.1:80 -s rr; ipvsadm -a -t 10.96.0.1:80 -r 10.1.0.2:8080 -m',
    );
    expect(run('nc -w2 10.96.0.1 80')).toBe('hello\n');
    const hits = (rule: string) => {
      run(`iptables -F OUTPUT; iptables -A OUTPUT -p tcp ${rule} -j DROP`);
      return run('nc -w2 10.96.0.1 80') === '';
    };
    expect(hits('-m ipvs --vaddr 10.96.0.1 --vproto tcp --vport 80')).toBe(true);
    expect(hits('-d 10.1.0.2 -m ipvs --vmethod MASQ --vdir ORIGINAL')).toBe(true);
    expect(hits('-m ipvs --ipvs')).toBe(true);
    expect(hits('-m ipvs --vaddr 10.1.0.2')).toBe(false);
    expect(hits('-m ipvs --vport 8080')).toBe(false);
    expect(hits('-m ipvs --vportctl 80')).toBe(false);
    expect(hits('-d 10.96.0.1 -m ipvs --vport 80')).toBe(false);
    expect(hits('-m ipvs --vdir REPLY')).toBe(false);
    run('ipvsadm -E -t 10.96.0.1:80 -s rr -p 60');
    expect(hits('-m ipvs --vportctl 80')).toBe(true);
    expect(hits('-m ipvs ! --vaddr 10.96.0.1')).toBe(false);
  });
});
