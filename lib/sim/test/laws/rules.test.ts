/** print ∘ restore = identity: a table as iptables-save prints it, restored in a fresh namespace, prints the same. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { findTable } from '../../linux/netfilter/tables.ts';
import type { NetNs } from '../../linux/types.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

const RUNS = Number(process.env.FLATNET_LAWS ?? 25);
/** Fixed, so that the same tables are tried everywhere; FLATNET_LAWS_SEED tries others. */
const SEED = Number(process.env.FLATNET_LAWS_SEED ?? 20261124);

const run = (machine: Machine, cmd: string, stdin = ''): string => runStep(machine, { cmd, stdin }).stdout;

/** A host with two namespaces, each with the sets that rules name. */
function host(): Machine {
  const machine = buildScene('bare', 1);
  for (const ns of ['a', 'b']) {
    run(machine, `ip netns add ${ns}`);
    run(machine, `ip netns exec ${ns} ipset create s4 hash:ip,port`);
    run(machine, `ip netns exec ${ns} ipset create s6 hash:net family inet6`);
  }
  return machine;
}

type Words = fc.Arbitrary<string>;
const of = (...values: string[]): Words => fc.constantFrom(...values);
const not = of('', '', '! ');
const words = (...parts: (string | Words)[]): Words =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((list) => list.join('').replace(/ +/g, ' ').trim());
const number = (max: number): Words => fc.integer({ min: 0, max }).map(String);
const hexOrNot = (max: number): Words =>
  fc.tuple(fc.integer({ min: 0, max }), fc.boolean()).map(([n, hex]) => (hex ? `0x${n.toString(16)}` : String(n)));
const u32 = hexOrNot(0xffffffff);
const masked = fc.tuple(u32, fc.option(u32)).map(([value, mask]) => (mask === null ? value : `${value}/${mask}`));
const range = (max: number, sep = ':'): Words =>
  fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }), fc.boolean()).map(([a, b, one]) => {
    return one ? String(a) : `${Math.min(a, b)}${sep}${Math.max(a, b)}`;
  });
const port = fc.oneof(range(65535), of('http', '22:', ':1023', 'domain'));
const some = (list: string[], sep = ','): Words => fc.subarray(list, { minLength: 1 }).map((found) => found.join(sep));
const text = of('plain', '"two words"', `"it's"`, '"say \\"hi\\""', 'x-y_z', '"a\\\\b"', '"-j"', "'$x'", 'é');

const FLAGS = ['SYN', 'ACK', 'FIN', 'RST', 'URG', 'PSH'];
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'];
const TYPES = ['UNICAST', 'LOCAL', 'BROADCAST', 'ANYCAST', 'MULTICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT'];
const unit = of('/s', '/sec', '/min', '/minute', '/hour', '/day', '');
const rate = words(fc.integer({ min: 1, max: 900 }).map(String), unit);
// Rates that units of 16 bytes hold exactly: iptables prints others as something smaller, 1b/s as 0b/s.
const byteRate = words(of('1', '2', '16', '512'), of('kb/s', 'mb/s'));
const optional = (...parts: (string | Words)[]): Words =>
  fc.oneof(fc.constant(''), words(' ', ...parts)).map((s) => (s ? ` ${s}` : ''));

/** A match that both families have, with random options. */
const matches: Words[] = [
  words('-m comment --comment ', text),
  words('-m mark ', not, '--mark ', masked),
  words('-m connmark ', not, '--mark ', masked),
  words('-m conntrack ', not, '--ctstate ', some([...STATES, 'SNAT', 'DNAT'])),
  words('-m conntrack ', not, '--ctstatus ', some(['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'])),
  words('-m conntrack ', not, '--ctproto ', of('tcp', '17', '132'), optional(not, '--ctexpire ', range(70000))),
  words('-m conntrack ', not, '--ctorigdstport ', range(65535), ' --ctdir ', of('ORIGINAL', 'REPLY')),
  words('-m state ', not, '--state ', some(STATES)),
  words('-m limit --limit ', rate, optional('--limit-burst ', fc.integer({ min: 1, max: 9999 }).map(String))),
  words(
    '-m hashlimit --hashlimit-',
    of('upto', 'above'),
    ' ',
    rate,
    optional('--hashlimit-burst ', fc.integer({ min: 1, max: 9000 }).map(String)),
    optional('--hashlimit-mode ', some(['srcip', 'srcport', 'dstip', 'dstport'])),
    ' --hashlimit-name h',
    number(9),
    optional('--hashlimit-htable-expire ', fc.integer({ min: 1, max: 99999 }).map(String)),
    optional('--hashlimit-srcmask ', number(32)),
  ),
  words('-m hashlimit --hashlimit-', of('upto', 'above'), ' ', byteRate, ' --hashlimit-mode dstip --hashlimit-name b'),
  words(
    '-m statistic --mode random ',
    not,
    '--probability ',
    fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n.toFixed(11)),
  ),
  words('-m statistic --mode nth ', not, '--every ', of('2', '3', '77'), optional('--packet 1')),
  words('-m length ', not, '--length ', range(65535)),
  words('-m mac ', not, '--mac-source ', of('02:00:00:00:0a:01', 'AA:BB:CC:DD:EE:FF')),
  words('-m pkttype ', not, '--pkt-type ', of('unicast', 'broadcast', 'multicast')),
  words('-m owner ', not, '--uid-owner ', range(5000, '-'), optional(not, '--gid-owner ', range(5000, '-'))),
  words('-m owner ', not, '--socket-exists'),
  words('-m physdev ', not, '--physdev-in veth', number(9), optional(not, '--physdev-is-bridged')),
  words('-m cpu ', not, '--cpu ', number(64)),
  words(
    '-m dscp ',
    not,
    fc.oneof(words('--dscp ', hexOrNot(63)), words('--dscp-class ', of('EF', 'CS3', 'AF41', 'BE'))),
  ),
  words('-m tos ', not, '--tos ', of('0x10', '0x10/0x3f', 'Minimize-Delay', '255')),
  words('-m quota ', not, '--quota ', number(1000000)),
  words(
    '-m connbytes ',
    not,
    '--connbytes ',
    range(90000),
    ' --connbytes-dir ',
    of('original', 'reply', 'both'),
    ' --connbytes-mode ',
    of('packets', 'bytes', 'avgpkt'),
  ),
  words(
    '-m connlimit --connlimit-',
    of('upto', 'above'),
    ' ',
    number(500),
    optional('--connlimit-mask ', number(32)),
    optional('--connlimit-daddr'),
  ),
  words(
    '-m recent ',
    not,
    '--',
    of('rcheck', 'update'),
    optional('--seconds ', fc.integer({ min: 1, max: 900 }).map(String), optional('--reap')),
    optional('--hitcount ', fc.integer({ min: 1, max: 20 }).map(String)),
    optional('--rttl'),
    optional('--name n', number(9)),
    optional('--', of('rsource', 'rdest')),
  ),
  words('-m recent ', not, '--', of('set', 'remove'), optional('--name n', number(9))),
  words(
    '-m string ',
    not,
    '--string ',
    text,
    ' --algo ',
    of('bm', 'kmp'),
    optional('--from ', number(900)),
    optional('--to ', number(900)),
    optional('--icase'),
  ),
  words('-m string ', not, '--hex-string ', of('"|68656c|"', '"a|00 ff|b"', '"|0d0a|x y"'), ' --algo bm'),
  words(
    '-m time --timestart ',
    of('08:00', '23:59:58'),
    ' --timestop 18:00',
    optional(not, '--weekdays ', of('Mon,Tue', '6,7', 'Su')),
    optional(not, '--monthdays ', of('1,15', '31')),
    optional('--', of('kerneltz', 'contiguous')),
  ),
  words('-m time --datestart ', of('2026-01-02T03:04:05', '2030'), optional('--datestop 2031-05')),
  words('-m u32 ', not, '--u32 "', of('6&0xFF=1', '0>>22&0x3C@0>>24=8', '12=0x0a000102:0x0a0001ff,7&&4&7=0:3'), '"'),
  words('-m helper ', not, '--helper ', of('ftp', 'sip-5060')),
  words(
    '-m ipvs ',
    not,
    '--vport ',
    port,
    optional(not, '--vproto ', of('tcp', 'udp', '6')),
    optional('--vdir ', of('ORIGINAL', 'reply')),
    optional(not, '--vmethod ', of('MASQ', 'gate')),
    optional(not, '--vportctl 21'),
  ),
  words('-m socket ', some(['--transparent', '--nowildcard', '--restore-skmark'], ' ')),
  words('-m cgroup ', not, '--', of('cgroup 77', 'path a/b')),
  words('-m addrtype ', not, '--src-type ', some(TYPES), optional(not, '--dst-type ', some(TYPES))),
  words(
    '-p tcp -m tcp ',
    not,
    '--',
    of('sport', 'dport'),
    ' ',
    port,
    optional(not, '--tcp-flags ', some(FLAGS), ' ', some(FLAGS)),
  ),
  words('-p tcp -m tcp ', not, '--', of('syn', 'tcp-option 7'), optional('--sport ', port)),
  words('-p udp -m udp ', not, '--sport ', port, optional(not, '--dport ', port)),
  words(
    '-p ',
    of('tcp', 'udp', 'sctp', 'dccp', 'udplite'),
    ' -m multiport ',
    not,
    '--',
    of('sports', 'dports', 'ports'),
    ' ',
    fc.array(range(65535), { minLength: 1, maxLength: 6 }).map((l) => l.join(',')),
  ),
  words('-p sctp -m sctp ', not, '--sport ', range(65535), optional('--dport ', range(65535))),
  words('-p dccp -m dccp ', not, '--dport ', range(65535)),
  words('-p tcp -m tcpmss ', not, '--mss ', range(65535)),
  words('-p tcp -m ecn ', not, of('--ecn-tcp-cwr', '--ecn-tcp-ece', '--ecn-ip-ect 2')),
];
const only4: Words[] = [
  words(
    '-p icmp -m icmp ',
    not,
    '--icmp-type ',
    of('echo-request', '3/4', '11', 'any', 'host-redirect', 'network-unreachable'),
  ),
  words('-m ttl ', of('--ttl-eq ', '! --ttl-eq ', '--ttl-lt ', '--ttl-gt '), number(255)),
  words(
    '-m iprange ',
    not,
    '--src-range 10.0.0.1-10.0.0.',
    fc.integer({ min: 1, max: 254 }).map(String),
    optional(not, '--dst-range 1.2.3.4-5.6.7.8'),
  ),
  words('-m conntrack ', not, '--ct', of('orig', 'repl'), of('src', 'dst'), ' ', of('10.0.0.0/8', '1.2.3.4')),
  words(
    '-m set ',
    not,
    '--match-set s4 ',
    of('src,dst', 'dst,src', 'dst,dst'),
    optional('--return-nomatch'),
    optional(not, '--packets-eq 5'),
  ),
  words(not, '-f'),
  words(not, '-s ', of('10.0.0.0/8', '1.2.3.4', '10.0.0.0/255.0.255.0', '10.1.2.3/20')),
  words(not, '-d ', of('192.168.0.0/16', '0/0', '224.0.0.1')),
];
const only6: Words[] = [
  words('-p icmpv6 -m icmp6 ', not, '--icmpv6-type ', of('echo-request', '1/4', '133', 'packet-too-big', 'redirect')),
  words('-m hl ', of('--hl-eq ', '! --hl-eq ', '--hl-lt ', '--hl-gt '), number(255)),
  words('-m iprange ', not, '--dst-range fd00::1-fd00::', of('ff', '1:0')),
  words('-m conntrack ', not, '--ct', of('orig', 'repl'), of('src', 'dst'), ' ', of('fd00::/8', '2001:db8::1')),
  words('-m set ', not, '--match-set s6 ', of('src', 'dst')),
  words(not, '-s ', of('fd00::/8', '2001:db8::1', 'fe80::1/64')),
  words(not, '-d ', of('::/0', 'ff02::1')),
];
const either: Words[] = [
  words(not, '-i ', of('eth0', 'veth+', 'lo')),
  words(not, '-p ', of('tcp', 'udp', '89', 'esp', 'all')),
];

const LOG = optional('--log-level ', of('debug', '3', 'warning'));
const targets: Words[] = [
  of('-j ACCEPT', '-j DROP', '-j RETURN', '-j U1', '-g U2', '', '-j TRACE', '-j NOTRACK'),
  words('-j LOG', LOG, optional('--log-prefix ', text), optional('--log-tcp-options'), optional('--log-uid')),
  words('-j MARK --', of('set-mark', 'set-xmark'), ' ', masked),
  words('-j MARK --', of('and-mark', 'or-mark', 'xor-mark'), ' ', u32),
  words('-j CONNMARK --', of('set-mark', 'set-xmark'), ' ', masked),
  words('-j CONNMARK --', of('save-mark', 'restore-mark'), optional('--nfmask ', u32), optional('--ctmask ', u32)),
  words(
    '-j NFLOG',
    optional('--nflog-group ', number(65535)),
    optional('--nflog-prefix ', text),
    optional('--nflog-size ', number(900)),
    optional('--nflog-threshold 5'),
  ),
  words('-j NFQUEUE', optional('--queue-num ', number(65535)), optional('--queue-bypass')),
  words(
    '-j NFQUEUE --queue-balance ',
    range(65534).filter((r) => r.includes(':')),
    optional('--queue-bypass'),
    optional('--queue-cpu-fanout'),
  ),
  words('-j CLASSIFY --set-class ', of('1:2', 'ffff:0', '0:ffff')),
  words('-j DSCP ', fc.oneof(words('--set-dscp ', hexOrNot(63)), words('--set-dscp-class ', of('EF', 'CS3', 'AF41')))),
  words('-j TOS --', of('set-tos 0x10', 'set-tos 0x10/0x3f', 'and-tos 0x3c', 'or-tos 2', 'xor-tos 7')),
  words('-p tcp -j TCPMSS --', of('clamp-mss-to-pmtu', 'set-mss 1400')),
  words('-p tcp -j TCPOPTSTRIP --strip-options ', some(['mss', 'wscale', 'timestamp', '30'])),
  words(
    '-j CT ',
    of('--notrack', '--zone 7', '--zone-orig 3', '--zone mark', '--ctevents new,destroy'),
    optional('--helper ftp').map(() => ''),
  ),
  words('-j CHECKSUM --checksum-fill'),
  words('-j AUDIT --type ', of('accept', 'drop', 'reject')),
  words(
    '-p tcp -j TPROXY --on-port ',
    fc.integer({ min: 1, max: 65535 }).map(String),
    optional('--tproxy-mark ', masked),
  ),
];
const targets4: Words[] = [
  words(
    '-j REJECT --reject-with icmp-',
    of('net-unreachable', 'host-prohibited', 'admin-prohibited', 'port-unreachable'),
  ),
  words('-p tcp -j REJECT --reject-with tcp-reset'),
  words('-j TTL --ttl-', of('set ', 'inc ', 'dec '), fc.integer({ min: 1, max: 255 }).map(String)),
  words(
    '-p ',
    of('tcp', 'udp'),
    ' -j DNAT --to-destination ',
    of('10.0.0.1', '10.0.0.1:80', '10.0.0.1-10.0.0.9:80-90', ':8080'),
    optional('--random'),
    optional('--persistent'),
  ),
  words(
    '-p tcp -j SNAT --to-source ',
    of('10.0.0.1', '10.0.0.1:1000-2000', '10.0.0.1-10.0.0.9'),
    optional('--random-fully'),
    optional('--persistent'),
  ),
  words('-p udp -j MASQUERADE', optional('--to-ports ', range(65535, '-')), optional('--random')),
  words('-p tcp -j REDIRECT', optional('--to-ports ', range(65535, '-'))),
  words('-j NETMAP --to ', of('10.1.0.0/16', '1.2.3.4')),
  words('-p tcp -j ECN --ecn-tcp-remove'),
  words('-j SET --', of('add-set', 'del-set'), ' s4 ', of('src,src', 'dst,dst')),
  words('-j SET --add-set s4 src,dst --exist', optional('--timeout 30')),
];
const targets6: Words[] = [
  words('-j REJECT --reject-with icmp6-', of('no-route', 'adm-prohibited', 'addr-unreachable', 'port-unreachable')),
  words('-j HL --hl-', of('set ', 'inc ', 'dec '), fc.integer({ min: 1, max: 255 }).map(String)),
  words('-p ', of('tcp', 'udp'), ' -j DNAT --to-destination ', of('fd00::1', '[fd00::1]:80', 'fd00::1-fd00::9')),
  words('-p tcp -j SNAT --to-source ', of('fd00::1', '[fd00::1]:1000-2000')),
  words('-j MASQUERADE', optional('--random-fully')),
  words('-j SET --add-set s6 src'),
];

const TABLES: Record<string, string[]> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

interface Tried {
  table: string;
  chain: string;
  rule: string;
}
const at = fc
  .constantFrom(...Object.keys(TABLES))
  .chain((table) => fc.record({ table: fc.constant(table), chain: fc.constantFrom(...(TABLES[table] ?? []), 'U1') }));

const rules = (six: boolean): fc.Arbitrary<Tried> => {
  const match = fc.oneof(...matches, ...either, ...(six ? only6 : only4));
  const target = fc.oneof(...targets, ...(six ? targets6 : targets4));
  return fc
    .tuple(at, fc.array(match, { maxLength: 3 }), target)
    .map(([where, list, then]) => ({ ...legal(where, then), rule: oneProtocol([...list, then]) }));
};

/** Targets that only some tables or chains have. */
const HOMES: [RegExp, string, string][] = [
  [/-j (?:DNAT|REDIRECT|NETMAP)/, 'nat', 'PREROUTING'],
  [/-j (?:SNAT|MASQUERADE)/, 'nat', 'POSTROUTING'],
  [/-j (?:TPROXY)/, 'mangle', 'PREROUTING'],
  [/-j (?:ECN|TOS|DSCP|TTL|HL|CHECKSUM|TCPOPTSTRIP|CLASSIFY|TCPMSS)/, 'mangle', 'POSTROUTING'],
  [/-j (?:CT|NOTRACK|TRACE)/, 'raw', 'PREROUTING'],
  [/-j REJECT/, 'filter', 'INPUT'],
];

function legal(where: Omit<Tried, 'rule'>, target: string): Omit<Tried, 'rule'> {
  const home = HOMES.find(([words]) => words.test(target));
  return home ? { table: home[1], chain: home[2] } : where;
}

/** A rule names one protocol: the target's, or the first match's; matches of others are left out. */
function oneProtocol(parts: readonly string[]): string {
  const protocol = parts.findLast((part) => /(?:^| )-p \S+/.test(part))?.match(/-p (\S+)/)?.[1];
  return parts
    .filter((part) => part !== '' && (!/(?:^| )-p /.test(part) || part.includes(`-p ${protocol}`)))
    .join(' ')
    .replace(/(-p \S+)(.*?) \1(?= |$)/g, '$1$2');
}

const counter = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e12 }));

/** The rules as they are kept, so that a misprint that is read as it is printed does not pass. */
function stored(machine: Machine, netns: string, six: boolean): unknown {
  const ns = [...machine.world.netns.values()].find(({ label }) => label === `node:${netns}`) as NetNs;
  return Object.keys(TABLES).map((table) =>
    [...(findTable(ns, six ? 'ip6' : 'ip', table)?.chains.values() ?? [])]
      .filter((chain) => chain.rules.length > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, rules: list }) => [
        name,
        list.map(({ head, matches: given, target }) => ({ head, given, target })),
      ]),
  );
}

/** What a save prints without its comments, which tell the time. */
const still = (saved: string): string => saved.replace(/^#.*\n/gm, '');

test.each([
  ['iptables', false],
  ['ip6tables', true],
])('%s: tables saved and restored', (program, six) => {
  let made = 0;
  void fc.assert(
    fc.property(fc.array(fc.tuple(rules(six), counter), { minLength: 1, maxLength: 14 }), (list) => {
      const machine = host();
      for (const table of Object.keys(TABLES))
        run(machine, `ip netns exec a ${program} -t ${table} -N U1; ip netns exec a ${program} -t ${table} -N U2`);
      for (const [{ table, chain, rule }, [packets, bytes]] of list) {
        const cmd = `ip netns exec a ${program} -t ${table} -A ${chain} ${rule} -c ${packets} ${bytes}`;
        const { exit, stderr } = runStep(machine, { cmd });
        if (exit === 0) made++;
        else if (process.env.FLATNET_LAWS_TOLD) console.log(cmd, '\n', stderr);
      }
      for (const [save, restore] of [
        [`${program}-save`, `${program}-restore`],
        [`${program}-save -c`, `${program}-restore -c`],
      ]) {
        const saved = run(machine, `ip netns exec a ${save}`);
        const { stderr } = runStep(machine, { cmd: `ip netns exec b ${restore}`, stdin: saved });
        expect(stderr, saved).toBe('');
        expect(still(run(machine, `ip netns exec b ${save}`))).toBe(still(saved));
      }
      expect(stored(machine, 'b', six)).toEqual(stored(machine, 'a', six));
      for (const table of Object.keys(TABLES))
        expect(run(machine, `ip netns exec b ${program} -t ${table} -S`)).toBe(
          run(machine, `ip netns exec a ${program} -t ${table} -S`),
        );
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(made).toBeGreaterThan(4 * RUNS);
});
