import type { NetNs } from '../types.ts';

/** Counts in the SNMP table under the name /proc/net/snmp gives it, `Ip.InReceives`. */
export function count(ns: NetNs, name: string, by = 1): void {
  ns.snmp.add(name, by);
}
