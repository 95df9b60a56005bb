/** Duplicate address detection: addrconf_dad_start() and what follows, net/ipv6/addrconf.c. RFC 4862, 5.4. */
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { IfAddr, Link, NetNs } from '../types.ts';

/** A random delay of up to a second, and a second of waiting for an answer: their middle. */
const DAD_TIME = 1_500_000;

/** Whether an address has to be tried before it is used. */
export function needsDad(ns: NetNs, link: Link, a: IfAddr): boolean {
  if (link.kind === 'loopback' || link.noarp || a.flags.includes('nodad')) return false;
  return (
    sysctlNum(ns, 'net.ipv6.conf.all.accept_dad') > 0 || sysctlNum(ns, `net.ipv6.conf.${link.name}.accept_dad`) > 0
  );
}

export const isTentative = (a: IfAddr): boolean => a.flags.includes('tentative');

interface DadTimer {
  ns: number;
  dev: number;
  ip: bigint;
}

/** Starts the attempt for an address of a running link. */
export function startDad(world: World, ns: NetNs, link: Link, a: IfAddr): void {
  if (!isTentative(a) || !link.up || !link.carrier || typeof a.local !== 'bigint') return;
  if ((a.dadUntil ?? 0) > world.now) return;
  a.dadUntil = world.now + DAD_TIME;
  setTimer(world, DAD_TIME, 'dad', { ns: ns.id, dev: link.ifindex, ip: a.local } satisfies DadTimer);
}

/** Gives `done` every address that nobody else claimed in time. */
export function onDadCompleted(done: (world: World, ns: NetNs, link: Link, a: IfAddr) => void): void {
  onTimer<DadTimer>('dad', (world, { ns: id, dev, ip }) => {
    const ns = world.netns.get(id);
    const link = ns?.links.get(dev);
    const address = link?.addrs.find((a) => a.local === ip);
    if (!ns || !link?.up || !link.carrier || !address || !isTentative(address)) return;
    address.flags = address.flags.filter((f) => f !== 'tentative');
    done(world, ns, link, address);
  });
}
