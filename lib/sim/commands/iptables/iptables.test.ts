import { describe, expect, it } from 'vitest';
import { createHost, createWorld } from '../../kernel/create.ts';
import { Machine } from '../../kernel/machine.ts';
import type { FileDesc } from '../../kernel/process.ts';
import { createNetns } from '../../linux/netns/netns.ts';
import { drain } from '../../run-steps.ts';
import { command as conntrack } from '../conntrack/index.ts';
import type { Command } from '../contract.ts';
import { command as ipset } from '../ipset/index.ts';
import { command as iptables } from './index.ts';

function shell() {
  const world = createWorld('bare', 1);
  const host = createHost(world, 'node', { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() });
  host.rootNs = createNetns(world, host, 'node').id;
  const commands = new Map<string, Command>();
  for (const c of [iptables, ipset, conntrack])
    for (const name of [c.name, ...(c.aliases ?? [])]) commands.set(name, c);
  const machine = new Machine(world, commands);
  return (line: string, stdin = ''): string => {
    const sink = (): FileDesc & { kind: 'sink' } => ({ kind: 'sink', chunks: [] });
    const [out, err] = [sink(), sink()];
    const fds = new Map<number, FileDesc>([
      [0, { kind: 'source', text: stdin }],
      [1, out],
      [2, err],
    ]);
    const proc = machine.spawn({ host, argv: line.split(' '), fds });
    if (!proc) throw new Error('no process');
    drain(machine, proc, { maxTime: 1e9, maxSteps: 1e5, maxOutput: 1e6 });
    return [...out.chunks, ...err.chunks, proc.status ? `exit ${proc.status}\n` : ''].join('');
  };
}

describe('iptables', () => {
  it('lists rules as it saves them', () => {
    const run = shell();
    run('iptables -A INPUT -p tcp --dport 22 -j ACCEPT');
    run('iptables -I INPUT -s 10.0.0.0/255.0.0.0 ! -i lo -m conntrack --ctstate new,established');
    expect(run('iptables -S INPUT')).toBe(
      '-P INPUT ACCEPT\n-A INPUT -s 10.0.0.0/8 ! -i lo -m conntrack --ctstate NEW,ESTABLISHED\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n',
    );
    expect(run('iptables -nvL INPUT --line-numbers')).toBe(
      'Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n' +
        'num   pkts bytes target     prot opt in     out     source               destination         \n' +
        '1        0     0            0    --  !lo    *       10.0.0.0/8           0.0.0.0/0            ctstate NEW,ESTABLISHED\n' +
        '2        0     0 ACCEPT     6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:22\n',
    );
  });

  it('answers mistakes in its own words', () => {
    const run = shell();
    const advice = "Try `iptables -h' or 'iptables --help' for more information.\nexit 2\n";
    expect(run('iptables -A INPUT --dport 80')).toBe(
      `iptables v1.8.9 (nf_tables): unknown option "--dport"\n${advice}`,
    );
    expect(run('iptables -A INPUT -j NOPE')).toBe(
      `iptables v1.8.9 (nf_tables): Chain 'NOPE' does not exist\n${advice}`,
    );
    expect(run('iptables -t nat -A PREROUTING -j MASQUERADE')).toBe(
      'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain PREROUTING\nexit 4\n',
    );
    expect(run('iptables -A INPUT -m osf --genre Linux')).toBe('flatnet: not modelled: iptables -m osf\nexit 64\n');
    expect(run('iptables -S')).toBe('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n');
  });

  it('restores what it saved, and nothing of a text with a mistake', () => {
    const run = shell();
    run(
      'iptables-restore',
      '*nat\n:X - [0:0]\n-A OUTPUT -p udp -m comment --comment "a \\"b\\"" -m udp --dport 53 -j X\n-A X -j REDIRECT\nCOMMIT\n',
    );
    const saved = run('iptables-save');
    expect(saved.split('\n').filter((l) => !l.startsWith('#'))).toEqual([
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ':X - [0:0]',
      '-A OUTPUT -p udp -m comment --comment "a \\"b\\"" -m udp --dport 53 -j X',
      '-A X -j REDIRECT',
      'COMMIT',
      '',
    ]);
    expect(run('iptables-restore', '*nat\n-A OUTPUT -j ACCEPT\n-A NOPE -j ACCEPT\nCOMMIT\n')).toBe(
      'iptables-restore: line 3 failed: No chain/target/match by that name.\nexit 1\n',
    );
    run('iptables-restore', saved);
    expect(run('iptables-save')).toBe(saved);
  });
});

describe('ipset', () => {
  it('counts the rules that refer to a set and refuses to destroy it', () => {
    const run = shell();
    run('ipset create deny hash:net');
    run('ipset add deny 10.0.0.0-10.0.0.20');
    run('iptables -A INPUT -m set --match-set deny src -j DROP');
    expect(run('ipset list deny').replace(/initval \w+/, 'initval R')).toBe(
      'Name: deny\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval R\nSize in memory: 600\n' +
        'References: 1\nNumber of entries: 3\nMembers:\n10.0.0.0/28\n10.0.0.16/30\n10.0.0.20\n',
    );
    expect(run('ipset destroy deny')).toBe(
      'ipset v7.17: Set cannot be destroyed: it is in use by a kernel component\nexit 1\n',
    );
    run('iptables -F');
    expect(run('ipset destroy deny')).toBe('');
  });
});

describe('conntrack', () => {
  it('says how many entries it has shown', () => {
    const run = shell();
    expect(run('conntrack -L')).toBe('conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.\n');
    expect(run('conntrack -D -s 10.0.0.0/8')).toBe(
      'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.\nexit 1\n',
    );
    expect(run('conntrack -L --dport 80')).toBe(
      "conntrack v1.4.7 (conntrack-tools): unknown option `--dport'\nTry `conntrack -h' or 'conntrack --help' for more information.\nexit 2\n",
    );
  });
});
