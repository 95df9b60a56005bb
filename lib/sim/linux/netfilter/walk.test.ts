import './match/rare.ts';
import { describe, expect, it } from 'vitest';
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import { createHost, createWorld } from '../../kernel/create.ts';
import type { Packet } from '../../packet/packet.ts';
import type { DirNode } from '../../shell/vfs/types.ts';
import { entryLine } from '../conntrack/format.ts';
import { conntrackCount, liveEntries } from '../conntrack/table.ts';
import { createNetns } from '../netns/netns.ts';
import { restore } from './restore.ts';
import { findChain } from './tables.ts';
import { runHook } from './walk.ts';

const root = (): DirNode => ({ type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() });

function setup(rules: string) {
  const world = createWorld('bare', 1);
  const host = createHost(world, 'node', root());
  const ns = createNetns(world, host, 'node');
  host.rootNs = ns.id;
  expect(restore(world, ns, 'ip', rules)).toBeNull();
  const lo = ns.links.get(1) ?? null;
  const hook = (name: Parameters<typeof runHook>[3], p: Packet) =>
    runHook(
      world,
      ns,
      'ip',
      name,
      p,
      name === 'POSTROUTING' || name === 'OUTPUT' ? null : lo,
      name === 'PREROUTING' || name === 'INPUT' ? null : lo,
    );
  return { world, ns, hook };
}

const ip = (text: string): Ip => parseIp(text) as Ip;

let next = 1;
function segment(
  src: string,
  sport: number,
  dst: string,
  dport: number,
  flags: { syn?: boolean; ack?: boolean; fin?: boolean; rst?: boolean } = { syn: true },
): Packet {
  return {
    id: next++,
    ip: { src: ip(src), dst: ip(dst), ttl: 64, proto: 6, tos: 0, id: 0, df: true, mf: false, offset: 0 },
    tcp: {
      sport,
      dport,
      seq: 1,
      ack: 0,
      syn: flags.syn ?? false,
      ackFlag: flags.ack ?? false,
      fin: flags.fin ?? false,
      rst: flags.rst ?? false,
      psh: false,
      win: 65535,
      mss: 1460,
    },
    data: '',
    mark: 0,
    iif: 1,
  };
}

const where = (p: Packet): string => `${formatIp(p.ip!.src)}:${p.tcp!.sport} > ${formatIp(p.ip!.dst)}:${p.tcp!.dport}`;

const SERVICE = `*nat
:PREROUTING ACCEPT [0:0]
:SVC - [0:0]
-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j SVC
-A SVC -p tcp -j DNAT --to-destination 10.244.0.2:8080
-A POSTROUTING -s 10.244.0.0/16 -j SNAT --to-source 192.0.2.1
COMMIT
`;

describe('NAT', () => {
  it('translates a connection, and its answers back to what the client asked', () => {
    const { hook, ns } = setup(SERVICE);
    const syn = segment('10.244.0.4', 41001, '10.96.0.10', 80);
    expect(hook('PREROUTING', syn)).toBe('ACCEPT');
    expect(hook('FORWARD', syn)).toBe('ACCEPT');
    expect(hook('POSTROUTING', syn)).toBe('ACCEPT');
    expect(where(syn)).toBe('192.0.2.1:41001 > 10.244.0.2:8080');
    const answer = segment('10.244.0.2', 8080, '192.0.2.1', 41001, { syn: true, ack: true });
    hook('PREROUTING', answer);
    hook('POSTROUTING', answer);
    expect(where(answer)).toBe('10.96.0.10:80 > 10.244.0.4:41001');
    expect(answer.ct).toEqual({ id: 1, reply: true, state: 'ESTABLISHED' });
    expect(ns.nf.tables.get('ip nat')?.chains.get('SVC')?.rules[0]).toMatchObject({ packets: 1, bytes: 44 });
  });

  it('gives the second of two clashing connections another port', () => {
    const { hook } = setup(SERVICE);
    const a = segment('10.244.0.4', 5000, '1.1.1.1', 53);
    const b = segment('10.244.0.5', 5000, '1.1.1.1', 53);
    for (const p of [a, b]) {
      hook('PREROUTING', p);
      hook('POSTROUTING', p);
    }
    expect(where(a)).toBe('192.0.2.1:5000 > 1.1.1.1:53');
    expect(b.tcp?.sport).not.toBe(5000);
    expect(b.tcp?.sport).toBeGreaterThanOrEqual(1024);
  });

  it('undoes itself inside an ICMP error', () => {
    const { hook } = setup(SERVICE);
    const syn = segment('10.244.0.4', 41001, '10.96.0.10', 80);
    hook('PREROUTING', syn);
    hook('POSTROUTING', syn);
    const error: Packet = {
      id: next++,
      ip: {
        src: ip('10.244.0.2'),
        dst: ip('192.0.2.1'),
        ttl: 64,
        proto: 1,
        tos: 0,
        id: 0,
        df: false,
        mf: false,
        offset: 0,
      },
      icmp: { type: 3, code: 3, quoted: { ...syn, ip: { ...syn.ip! }, tcp: { ...syn.tcp! } } },
      data: '',
      mark: 0,
      iif: 1,
    };
    hook('PREROUTING', error);
    hook('POSTROUTING', error);
    expect(error.ct?.state).toBe('RELATED');
    expect(`${formatIp(error.ip!.src)} > ${formatIp(error.ip!.dst)}`).toBe('10.96.0.10 > 10.244.0.4');
    expect(where(error.icmp!.quoted!)).toBe('10.244.0.4:41001 > 10.96.0.10:80');
  });
});

describe('connection tracking', () => {
  it('is off while no rule needs it', () => {
    const { hook, world, ns } = setup('*filter\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n');
    const p = segment('1.1.1.1', 1, '2.2.2.2', 2);
    hook('PREROUTING', p);
    hook('INPUT', p);
    expect([p.ct, conntrackCount(world, ns)]).toEqual([undefined, 0]);
  });

  it('follows TCP to TIME_WAIT and forgets it after two minutes', () => {
    const { hook, world, ns } = setup('*filter\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n');
    const way = (p: Packet) =>
      ['PREROUTING', 'FORWARD', 'POSTROUTING'].every((h) => hook(h as 'FORWARD', p) === 'ACCEPT');
    const c = (flags: object) => way(segment('10.1.0.2', 40001, '10.2.0.2', 80, flags));
    const s = (flags: object) => way(segment('10.2.0.2', 80, '10.1.0.2', 40001, flags));
    expect([
      c({ syn: true }),
      s({ syn: true, ack: true }),
      c({ ack: true }),
      s({ fin: true, ack: true }),
      c({ ack: true }),
      c({ fin: true, ack: true }),
      s({ ack: true }),
    ]).toEqual(Array(7).fill(true));
    expect(liveEntries(world, ns).map((e) => entryLine(world, e))).toEqual([
      'tcp      6 120 TIME_WAIT src=10.1.0.2 dst=10.2.0.2 sport=40001 dport=80 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=40001 [ASSURED] mark=0 use=1',
    ]);
    world.now += 121_000_000;
    expect(conntrackCount(world, ns)).toBe(0);
    expect(s({ syn: true, ack: true })).toBe(false);
  });

  it('leaves nothing behind when a connection is refused', () => {
    const { hook, world, ns } = setup('*filter\n-A FORWARD -m state --state NEW\nCOMMIT\n');
    const syn = segment('10.1.0.2', 40001, '10.2.0.2', 80);
    hook('PREROUTING', syn);
    hook('POSTROUTING', syn);
    expect(conntrackCount(world, ns)).toBe(1);
    hook('PREROUTING', segment('10.2.0.2', 80, '10.1.0.2', 40001, { rst: true, ack: true }));
    expect(conntrackCount(world, ns)).toBe(0);
  });

  it('drops new connections when the table is full', () => {
    const { hook, world, ns } = setup('*filter\n-A FORWARD -m state --state NEW\nCOMMIT\n');
    ns.sysctl.set('net.netfilter.nf_conntrack_max', '1');
    const first = segment('10.1.0.2', 1000, '10.2.0.2', 80);
    hook('PREROUTING', first);
    hook('POSTROUTING', first);
    expect(hook('PREROUTING', segment('10.1.0.2', 1001, '10.2.0.2', 80))).toBe('DROP');
    expect(world.hosts.get('node')?.dmesg.map((d) => d.text)).toEqual([
      'nf_conntrack: nf_conntrack: table full, dropping packet',
    ]);
  });
});

describe('chains', () => {
  it('walks jumps, returns and gotos, counts, and ends at the policy', () => {
    const { hook, ns } = setup(`*filter
:INPUT DROP [0:0]
:A - [0:0]
:B - [0:0]
-A INPUT -j A
-A INPUT -g B
-A INPUT -j ACCEPT
-A A -p udp -j ACCEPT
-A A -j RETURN
-A A -j ACCEPT
-A B -p tcp
COMMIT
`);
    const p = segment('1.1.1.1', 1, '2.2.2.2', 2);
    expect(hook('INPUT', p)).toBe('DROP');
    const counts = (chain: string) => findChain(ns, 'ip', 'filter', chain)?.rules.map((r) => r.packets);
    expect([counts('INPUT'), counts('A'), counts('B')]).toEqual([[1, 1, 0], [0, 1, 0], [1]]);
    expect(findChain(ns, 'ip', 'filter', 'INPUT')).toMatchObject({ packets: 1, bytes: 44 });
  });

  it('tells the trace which rule decided', () => {
    const { hook, world } = setup('*filter\n:X - [0:0]\n-A INPUT -j X\n-A X -s 1.1.1.1/32 -j DROP\nCOMMIT\n');
    hook('INPUT', segment('1.1.1.1', 1, '2.2.2.2', 2));
    expect(
      world.trace.events.map((e) =>
        e.kind === 'hook'
          ? `${e.table} ${e.chain} ${e.rule} ${e.text} = ${e.verdict}`
          : e.kind === 'drop'
            ? `${e.reason} ${e.text}`
            : e.kind,
      ),
    ).toEqual([
      'filter INPUT 1 -A INPUT -j X = jump X',
      'filter X 1 -A X -s 1.1.1.1/32 -j DROP = DROP',
      'NETFILTER_DROP filter -A X -s 1.1.1.1/32 -j DROP',
    ]);
  });
});
