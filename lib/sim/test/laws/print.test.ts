/** parse ∘ print = identity: what a program shows of an object, typed again, makes the same object. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

const RUNS = Number(process.env.FLATNET_LAWS ?? 25);
/** Fixed, so that the same worlds are tried everywhere; FLATNET_LAWS_SEED tries others. */
const SEED = Number(process.env.FLATNET_LAWS_SEED ?? 20261124);

const run = (machine: Machine, cmd: string, stdin = ''): string => runStep(machine, { cmd, stdin }).stdout;
const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const words = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((list) => list.filter((part) => part !== '').join(' '));
const maybe = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom('', '', ...values);

/** A host with two Ethernet devices that have addresses, and a peer behind each. */
function host(): Machine {
  const machine = buildScene('bare', 1);
  for (const cmd of [
    'ip netns add p',
    'ip link add e0 type veth peer name q0 netns p; ip link add e1 type veth peer name q1 netns p',
    'for i in 0 1; do ip link set e$i up; ip -n p link set q$i up; done',
    'ip addr add 10.0.0.1/24 dev e0; ip addr add 10.1.0.1/24 dev e1; ip addr add 10.0.0.2/24 dev e0',
    'ip -6 addr add fd00::1/64 dev e0 nodad; ip -6 addr add fd01::1/64 dev e1 nodad',
    // A look, so that the carriers have settled: no time passes for them between the commands of a law.
    'ip link show',
  ])
    runStep(machine, { cmd });
  return machine;
}

const octet = fc.integer({ min: 1, max: 254 });
const prefix4 = fc.tuple(octet, octet, fc.integer({ min: 8, max: 32 })).map(([a, b, len]) => {
  const value = (((20 << 24) | (a << 16) | (b << 8)) & (-1 << (32 - len))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')}/${len}`;
});
const hop = fc.constantFrom(
  'via 10.0.0.9 dev e0',
  'via 10.1.0.9 dev e1',
  'dev e0 scope link',
  'dev e1',
  'via 10.99.0.1 dev e0 onlink',
  'via inet6 fd00::9 dev e0',
  'nexthop via 10.0.0.9 dev e0 weight 1 nexthop via 10.1.0.9 dev e1 weight 5',
);
const route4 = words(
  fc
    .constantFrom('', 'unreachable', 'blackhole', 'prohibit', 'throw', 'unicast')
    .chain((type) =>
      prefix4.chain((to) =>
        type && type !== 'unicast' ? fc.constant(`${type} ${to}`) : hop.map((h) => `${type} ${to} ${h}`),
      ),
    ),
  maybe('metric 5', 'metric 4000000000'),
  maybe('proto static', 'proto bird', 'proto 77'),
  maybe('table 100', 'table main'),
);
const unicast4 = words(
  prefix4,
  fc.constantFrom('via 10.0.0.9 dev e0', 'dev e1'),
  maybe('src 10.0.0.2', 'src 10.0.0.1'),
  maybe('metric 7'),
  maybe('mtu 1400', 'mtu lock 1300', 'advmss 1200 hoplimit 9', 'initcwnd 20 quickack 1', 'window 5000 realm 3'),
);
const route6 = words(
  fc.constantFrom('2001:db8:1::/48', '2001:db8:2::7', '2001:db8::/32', 'fd99::/64'),
  fc.constantFrom('via fd00::9 dev e0', 'dev e1', 'via fe80::1 dev e0', 'via fd00::9 dev e0 metric 5'),
  maybe('proto static', 'mtu 1280'),
  maybe('table 100'),
);

/** Routes by hand: all but those of the kernel itself. */
const shown = (machine: Machine, family: string): string[] =>
  lines(run(machine, `ip -${family} route show table all`)).filter(
    (line) => !/proto kernel|table local|^multicast/.test(line),
  );

test.each([
  ['4', fc.oneof(route4, unicast4)],
  ['6', route6],
])('routes of IPv%s', (family, route) => {
  let made = 0;
  void fc.assert(
    fc.property(fc.array(route, { minLength: 1, maxLength: 6 }), (list) => {
      const first = host();
      for (const words of list) run(first, `ip -${family} route add ${words}`);
      const printed = shown(first, family);
      made += printed.length;
      const second = host();
      for (const line of printed) {
        const { stderr } = runStep(second, { cmd: `ip -${family} route append ${line}` });
        expect(stderr, line).toBe('');
      }
      expect(shown(second, family)).toEqual(printed);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(made).toBeGreaterThan(RUNS);
});

test('policy rules', () => {
  const rule = words(
    maybe('not'),
    fc.constantFrom('from all', 'from 10.0.0.0/8', 'from 10.0.0.1', 'from all to 20.0.0.0/8'),
    maybe('tos 0x10'),
    maybe('fwmark 0x1', 'fwmark 0x10/0xf0'),
    maybe('iif e0', 'iif nothere', 'oif e1'),
    maybe('ipproto tcp', 'ipproto udp sport 53', 'ipproto tcp dport 80-90', 'uidrange 0-99'),
    fc.constantFrom(
      'lookup 100',
      'lookup main',
      'prohibit',
      'blackhole',
      'unreachable',
      'goto 32766',
      'lookup main suppress_prefixlength 0',
    ),
  );
  void fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 32000 }), rule), { minLength: 1, maxLength: 5 }),
      (list) => {
        const first = host();
        for (const [pref, words] of list) run(first, `ip rule add pref ${pref} ${words}`);
        const printed = lines(run(first, 'ip rule show'));
        const second = host();
        for (const line of printed.filter((text) => !/^(0|32766|32767):/.test(text))) {
          const [pref, words] = line.replace(/ \[(?:detached|unresolved)\]/g, '').split(':\t');
          const { stderr } = runStep(second, { cmd: `ip rule add pref ${pref} ${words}` });
          expect(stderr, line).toBe('');
        }
        expect(lines(run(second, 'ip rule show'))).toEqual(printed);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});

test('addresses', () => {
  const address = words(
    fc.tuple(octet, octet, fc.integer({ min: 8, max: 32 })).map(([a, b, len]) => `30.${a}.${b}.1/${len}`),
    maybe('brd +', 'brd 30.255.255.255'),
    maybe('scope host', 'scope link', 'scope 77'),
    maybe('label e0:1', 'noprefixroute', 'metric 50'),
    maybe('valid_lft 500 preferred_lft 100'),
  );
  void fc.assert(
    fc.property(fc.array(address, { minLength: 1, maxLength: 5 }), (list) => {
      const first = host();
      for (const words of list) run(first, `ip addr add ${words} dev e0`);
      const show = (machine: Machine): string[] =>
        lines(run(machine, 'ip -o -4 addr show dev e0')).map((line) => line.replace(/^\d+: e0\s+inet /, ''));
      const printed = show(first);
      const second = host();
      run(second, 'ip -4 addr flush dev e0');
      for (const line of printed) {
        const cmd = `ip addr add ${line
          .replace('\\', ' ')
          .replaceAll('forever', '4294967295')
          .replace(/(\d+)sec/g, '$1')
          .replace(/ (?:secondary|dynamic)/g, '')
          .replace(/(noprefixroute )?(e0(?::1)?) /, 'label $2 $1')} dev e0`;
        expect(runStep(second, { cmd }).stderr, cmd).toBe('');
      }
      expect(show(second)).toEqual(printed);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

/** State of a bridge, and what the kernel without VLAN filtering refuses. */
const BRIDGE_STATE =
  /(?: (?:bridge_id|designated_root|root_port|root_path_cost|topology_change\w*|hello_timer|tcn_timer|gc_timer)| (?:vlan_\w+|mcast_vlan_snooping|no_linklocal_learn|group_address)) +\S+/g;

/** What `ip -d link` shows of a kind's settings, without what cannot be typed. */
const settable = (details: string): string =>
  details
    .replace(/^bridge .*$/, (text) => text.replace(BRIDGE_STATE, ''))
    .replace(/ (?:promiscuity|minmtu|maxmtu|allmulti|bclim|bcqueuelen|usedbcqueuelen) \d+/g, '')
    .replace(/srcport 0 0 |ttl auto /g, '');

test('links: the details of a device make another like it', () => {
  const kind = fc.oneof(
    words(
      fc.constantFrom('vxlan id 7', 'vxlan id 16777215'),
      maybe('local 10.0.0.1'),
      maybe('remote 10.0.0.9', 'group 239.1.1.1'),
      fc.constantFrom('dev e0', ''),
      fc.constantFrom('dstport 4789', 'dstport 8472', 'dstport 0'),
      maybe('nolearning', 'proxy', 'ttl 5', 'ageing 30', 'udp6zerocsumrx'),
    ),
    words(
      fc.constant('bridge'),
      maybe('stp_state 1', 'forward_delay 400', 'ageing_time 100', 'priority 4096'),
      maybe('mcast_snooping 0', 'group_fwd_mask 8', 'nf_call_iptables 1'),
    ),
    words(
      fc.constantFrom('macvlan', 'macvtap'),
      maybe('mode bridge', 'mode private', 'mode vepa', 'mode passthru nopromisc'),
    ),
    fc.constant('veth'),
  );
  void fc.assert(
    fc.property(kind, (words) => {
      const details = (machine: Machine, name: string): string =>
        (lines(run(machine, `ip -d link show dev ${name}`))[2] ?? '').trim();
      const lower = /^macv/.test(words) ? 'link e1' : '';
      const machine = host();
      run(machine, `ip link add ${lower} x0 type ${words}`);
      const printed = details(machine, 'x0').replace(/ numtxqueues.*| addrgenmode.*/, '');
      if (printed === '') return;
      run(machine, 'ip link del x0');
      const again = settable(printed);
      const { stderr } = runStep(machine, { cmd: `ip link add ${lower} x0 type ${again}` });
      expect(stderr, again).toBe('');
      expect(
        details(machine, 'x0')
          .replace(/ numtxqueues.*| addrgenmode.*/, '')
          .replace(/(?:bridge_id|designated_root) \S+/g, ''),
      ).toEqual(printed.replace(/(?:bridge_id|designated_root) \S+/g, ''));
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test('ipset save and restore', () => {
  const set = fc.oneof(
    fc.tuple(
      fc.constantFrom('hash:ip', 'hash:net'),
      maybe('timeout 300', 'counters', 'comment', 'maxelem 100 hashsize 64'),
      fc.array(fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.0.0/28', '10.9.8.0/24'), { maxLength: 4 }),
    ),
    fc.tuple(
      fc.constant('hash:ip,port'),
      maybe('counters'),
      fc.array(fc.constantFrom('10.0.0.1,tcp:80', '10.0.0.1,udp:53', '10.0.0.2,80'), { maxLength: 3 }),
    ),
    fc.tuple(
      fc.constant('hash:net,iface'),
      maybe(),
      fc.array(fc.constantFrom('10.0.0.0/8,e0', '10.0.0.0/8,e1'), { maxLength: 2 }),
    ),
    fc.tuple(
      fc.constant('bitmap:port'),
      fc.constant('range 1-1000'),
      fc.array(fc.constantFrom('1', '80', '100-110'), { maxLength: 3 }),
    ),
  );
  void fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 3 }), (list) => {
      const first = host();
      list.forEach(([type, options, elements], i) => {
        run(first, `ipset create s${i} ${type} ${options}`);
        for (const element of elements) run(first, `ipset add s${i} ${element}`);
      });
      const saved = run(first, 'ipset save');
      const second = host();
      expect(runStep(second, { cmd: 'ipset restore', stdin: saved }).stderr, saved).toBe('');
      // Time has passed between the two.
      const still = (text: string): string => text.replace(/^(add .* timeout) \d+/gm, '$1');
      expect(still(run(second, 'ipset save'))).toEqual(still(saved));
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
