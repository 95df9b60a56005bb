import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

const machine = buildScene('bare', 1);
const run = (cmd: string, stdin?: string) => runStep(machine, { cmd, ...(stdin === undefined ? {} : { stdin }) });

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(fc.integer({ min: 1, max: 223 }), octet, octet, octet).map((o) => o.join('.'));
const port = fc.integer({ min: 1, max: 65535 });
const prefix = fc.tuple(address, fc.integer({ min: 1, max: 32 })).map(([a, n]) => `${a}/${n}`);
const range = <T>(one: fc.Arbitrary<T>, sep = '-') => fc.tuple(one, one).map(([a, b]) => `${a}${sep}${b}`);
const set = (one: fc.Arbitrary<unknown>) =>
  fc.array(one, { minLength: 2, maxLength: 6 }).map((v) => `{ ${v.join(', ')} }`);
const not = fc.constantFrom('', '!= ');

const selectors = fc.oneof(
  fc
    .tuple(fc.constantFrom('ip saddr', 'ip daddr'), not, fc.oneof(address, prefix, set(address)))
    .map((p) => `${p[0]} ${p[1]}${p[2]}`),
  fc
    .tuple(fc.constantFrom('tcp sport', 'tcp dport'), not, fc.oneof(port, set(port)))
    .map((p) => `${p[0]} ${p[1]}${p[2]}`),
  fc
    .tuple(fc.constantFrom('meta mark', 'ct mark'), not, fc.nat(0xffff))
    .map((p) => `${p[0]} ${p[1]}0x${p[2].toString(16)}`),
  fc
    .tuple(fc.constantFrom('meta mark', 'ct mark'), fc.integer({ min: 1, max: 0xffff }), fc.nat(0xff))
    .map((p) => `${p[0]} & ${p[1]} == ${p[2]}`),
  fc
    .tuple(fc.constantFrom('iifname', 'oifname'), not, fc.constantFrom('"eth0"', '"cali*"', '{ "lo", "eth1" }'))
    .map((p) => `${p[0]} ${p[1]}${p[2]}`),
  fc.subarray(['established', 'related', 'new', 'invalid'], { minLength: 1 }).map((s) => `ct state ${s.join(',')}`),
  fc.subarray(['fin', 'syn', 'rst', 'ack'], { minLength: 1 }).map((s) => `tcp flags ${s.join(',')} / fin,syn,rst,ack`),
  fc
    .tuple(fc.constantFrom('ip ttl', 'ip length', 'ip id'), fc.constantFrom('', '!= ', '> ', '<= '), octet)
    .map((p) => p.join(' ')),
  range(octet).map(
    (r) =>
      `ip ttl ${r
        .split('-')
        .sort((a, b) => Number(a) - Number(b))
        .join('-')}`,
  ),
  fc.tuple(address, port).map(([a, p]) => `ip saddr . tcp dport { ${a} . ${p}, 10.0.0.1 . 22 }`),
  fc.constantFrom(
    'fib daddr type local',
    'fib saddr . iif oif missing',
    'meta l4proto { tcp, udp }',
    'ip protocol icmp',
    'tcp option maxseg exists',
  ),
);
const statements = fc.oneof(
  fc.constantFrom(
    'counter',
    'notrack',
    'log',
    'log prefix "a: " level info flags all',
    'quota over 10 mbytes',
    'ct count over 5',
  ),
  fc
    .tuple(fc.constantFrom('', 'over '), fc.integer({ min: 1, max: 999 }), fc.constantFrom('second', 'minute', 'hour'))
    .map((p) => `limit rate ${p[0]}${p[1]}/${p[2]}`),
  fc.nat(0xffffff).map((n) => `meta mark set ${n}`),
  fc.integer({ min: 1, max: 0xffff }).map((n) => `meta mark set meta mark | ${n}`),
  fc.tuple(fc.integer({ min: 1, max: 9 }), octet).map(([m, o]) => `meta mark set numgen inc mod ${m} offset ${o}`),
  fc.tuple(address, fc.nat(99)).map(([a, n]) => `ct mark set ip saddr map { ${a} : ${n} }`),
);
const ends = fc.constantFrom(
  '',
  'accept',
  'drop',
  'return',
  'jump sub',
  'goto sub',
  'reject',
  'reject with icmp host-prohibited',
  'tcp dport vmap { 22 : accept, 80 : jump sub }',
  'accept comment "why not"',
);

const rule = fc
  .tuple(fc.array(selectors, { maxLength: 3 }), fc.array(statements, { maxLength: 2 }), ends)
  .map(([s, t, e]) => [...s, ...t, e].filter(Boolean).join(' '))
  .filter((text) => text !== '');

const listed = () => run('nft list ruleset').stdout;

describe('nft list and nft -f', () => {
  it('give back every rule that was taken: what is listed, read again, is listed the same', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
        run('nft flush ruleset');
        run('nft add table ip t; nft add chain ip t sub; nft add chain ip t c');
        for (const r of rules) run('nft -f -', `add rule ip t c ${r}\n`);
        const first = listed();
        expect(first).toContain('chain c {');
        run('nft flush ruleset');
        const again = run('nft -f -', first);
        expect(again.stderr).toBe('');
        expect(listed()).toBe(first);
      }),
      { numRuns: 60 },
    );
  });

  it('do so in JSON', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
        run('nft flush ruleset');
        run('nft add table ip t; nft add chain ip t sub; nft add chain ip t c');
        for (const r of rules) run('nft -f -', `add rule ip t c ${r}\n`);
        const first = listed();
        const document = run('nft -j list ruleset').stdout;
        run('nft flush ruleset');
        expect(run('nft -j -f -', document).stderr).toBe('');
        expect(listed()).toBe(first);
      }),
      { numRuns: 60 },
    );
  });

  const element = fc.oneof(address, prefix);
  const sets = fc.oneof(
    fc.array(address, { minLength: 1, maxLength: 8 }).map((v) => `type ipv4_addr; elements = { ${v.join(', ')} }`),
    fc
      .array(element, { minLength: 1, maxLength: 8 })
      .map((v) => `type ipv4_addr; flags interval; auto-merge; elements = { ${v.join(', ')} }`),
    fc.array(port, { minLength: 1, maxLength: 12 }).map((v) => `type inet_service; elements = { ${v.join(', ')} }`),
    fc
      .array(fc.tuple(address, port), { minLength: 1, maxLength: 5 })
      .map((v) => `type ipv4_addr . inet_service; elements = { ${v.map((p) => p.join(' . ')).join(', ')} }`),
    fc
      .uniqueArray(fc.constantFrom('"eth0"', '"lo"', '"cali1"', '"veth0"'), { minLength: 1 })
      .map((v) => `type ifname; elements = { ${v.join(', ')} }`),
  );

  it('do so with sets and maps, too', () => {
    fc.assert(
      fc.property(sets, fc.uniqueArray(port, { minLength: 1, maxLength: 6 }), (body, ports) => {
        run('nft flush ruleset');
        const map = `type inet_service : verdict; elements = { ${ports.map((p) => `${p} : drop`).join(', ')} }`;
        run('nft -f -', `table ip t {\n set s { ${body}; }\n map m { ${map}; }\n}\n`);
        const first = listed();
        expect(first).toContain('elements');
        run('nft flush ruleset');
        run('nft -f -', first);
        expect(listed()).toBe(first);
      }),
      { numRuns: 60 },
    );
  });
});
