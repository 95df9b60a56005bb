/** An interface's own sysctls over its life: they start as copies of `conf.default`, follow its name and go with it. */
import type { Link, NetNs } from '../types.ts';

const TREES = ['net.ipv4.conf', 'net.ipv6.conf', 'net.ipv4.neigh', 'net.ipv6.neigh'];

/** Copies what was set on `default` to a new interface: inetdev_init, ipv6_add_dev. */
export function adoptConf(ns: NetNs, link: Link): void {
  for (const tree of TREES) {
    const prefix = `${tree}.default.`;
    for (const [key, value] of [...ns.sysctl]) {
      if (key.startsWith(prefix)) ns.sysctl.set(`${tree}.${link.name}.${key.slice(prefix.length)}`, value);
    }
  }
  if (link.kind === 'loopback') {
    for (const leaf of ['disable_policy', 'disable_xfrm']) ns.sysctl.set(`net.ipv4.conf.${link.name}.${leaf}`, '1');
    ns.sysctl.set(`net.ipv6.conf.${link.name}.accept_dad`, '-1');
    ns.sysctl.set(`net.ipv6.conf.${link.name}.use_tempaddr`, '-1');
  }
}

const leafOf = (key: string, prefix: string): string | null => {
  if (!key.startsWith(prefix)) return null;
  const leaf = key.slice(prefix.length);
  return leaf.includes('.') ? null : leaf;
};

/** Forgets an interface's settings. */
export function dropConf(ns: NetNs, name: string): void {
  for (const tree of TREES) {
    for (const key of [...ns.sysctl.keys()]) if (leafOf(key, `${tree}.${name}.`) !== null) ns.sysctl.delete(key);
  }
}

/** Carries settings over to a new name. */
export function renameConf(ns: NetNs, from: string, to: string): void {
  for (const tree of TREES) {
    for (const [key, value] of [...ns.sysctl]) {
      const leaf = leafOf(key, `${tree}.${from}.`);
      if (leaf === null) continue;
      ns.sysctl.delete(key);
      ns.sysctl.set(`${tree}.${to}.${leaf}`, value);
    }
  }
}
