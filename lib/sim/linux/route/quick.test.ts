import { expect, it } from 'vitest';
import { parseIp } from '../../addr/ip.ts';
import { nextBelow, seedRng } from '../../kernel/rng.ts';
import { addAddress, deleteAddress } from '../addr/ops.ts';
import { FIB4 } from '../derived.ts';
import { setLink } from '../link/ops.ts';
import { addRule, deleteRule, emptyRule } from '../rule/ops.ts';
import { cable, link, namespace, testbed } from '../stack/testbed.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import type { NetNs } from '../types.ts';
import { lookupRoute } from './lookup.ts';
import { addRoute, deleteRoute } from './ops.ts';

const ip = (text: string): number => parseIp(text) as number;
const ADDRESSES = ['10.0.0.1', '10.0.1.1', '10.0.0.9', '192.0.2.1', '127.0.0.5'].map(ip);
const TARGETS = ['10.0.0.2', '10.0.1.2', '10.0.0.9', '192.0.2.7', '10.9.0.1', '127.0.0.5', '255.255.255.255'].map(ip);
const PREFIXES = [
  { ip: 0, len: 0 },
  { ip: ip('10.9.0.0'), len: 16 },
  { ip: ip('10.9.0.1'), len: 32 },
  { ip: ip('192.0.2.0'), len: 24 },
];

/** Every answer as it is kept, then as it is looked up with nothing kept. */
function disagreements(world: Parameters<typeof lookupRoute>[0], ns: NetNs): string[] {
  const found: string[] = [];
  for (const dst of TARGETS) {
    for (const src of [0, ...ADDRESSES]) {
      for (const dev of [{}, { iif: 2 }, { oif: 2 }, { oif: 3 }]) {
        const flow = { dst, src, ...dev };
        lookupRoute(world, ns, flow);
        const kept = lookupRoute(world, ns, flow);
        const fib = ns[FIB4];
        ns[FIB4] = undefined;
        const anew = lookupRoute(world, ns, flow);
        ns[FIB4] = fib;
        if (JSON.stringify(kept) !== JSON.stringify(anew)) found.push(JSON.stringify({ flow, kept, anew }));
      }
    }
  }
  return found;
}

it('answers that were kept are those that would be found now', () => {
  const bed = testbed([]);
  const ns = namespace(bed, 'a');
  const other = namespace(bed, 'b');
  cable(bed, ns, 'eth0', '10.0.0.1/24', other, 'e0', null);
  cable(bed, ns, 'eth1', '10.0.1.1/24', other, 'e1', null);
  const { world, host } = bed;
  const rng = seedRng(5);
  const pick = <T>(list: readonly T[]): T => list[nextBelow(rng, list.length)] as T;
  const changes: (() => unknown)[] = [
    () =>
      addAddress(world, ns, link(ns, pick(['eth0', 'eth1', 'lo'])), { local: pick(ADDRESSES), len: pick([24, 32]) }),
    () =>
      deleteAddress(world, ns, link(ns, pick(['eth0', 'eth1', 'lo'])), { local: pick(ADDRESSES), len: pick([24, 32]) }),
    () => setLink(world, ns, link(ns, pick(['eth0', 'eth1', 'lo'])), { up: pick([true, true, false]) }),
    () => setLink(world, other, link(other, pick(['e0', 'e1'])), { up: pick([true, true, false]) }),
    () => setLink(world, ns, link(ns, pick(['eth0', 'eth1'])), { mtu: pick([1280, 1450, 1500]) }),
    () =>
      addRoute(
        world,
        ns,
        { dst: pick(PREFIXES), nexthops: [{ gateway: pick([null, ip('10.0.0.2')]), dev: pick([2, 3]) }] } as never,
        'add',
      ),
    () => deleteRoute(world, ns, { dst: pick(PREFIXES) } as never),
    () => addRoute(world, ns, { dst: pick(PREFIXES), type: 'blackhole', nexthops: [] } as never, 'add'),
    () => setSysctl(world, host, ns, 'net.ipv4.conf.all.ignore_routes_with_linkdown', pick(['0', '1'])),
    () => setSysctl(world, host, ns, 'net.ipv4.conf.eth0.route_localnet', pick(['0', '1'])),
    () => addRule(ns, 4, { ...emptyRule(), priority: 100, from: { ip: ip('10.0.1.1'), len: 32 }, action: 'blackhole' }),
    () => deleteRule(ns, 4, { priority: 100 }),
    () => ns.pmtu.set(ip('10.9.0.1'), { mtu: 1300, expires: world.now + 1000, locked: false }),
    () => ns.pmtu.clear(),
  ];
  const wrong: string[] = [];
  let routed = 0;
  for (let i = 0; i < 400; i++) {
    pick(changes)();
    wrong.push(...disagreements(world, ns));
    if (lookupRoute(world, ns, { dst: ip('10.9.0.1') }).ok) routed++;
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(routed).toBeGreaterThan(50);
});
