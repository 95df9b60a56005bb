/** The forwarding database of a bridge: local entries, and what leaves with a port. New entries stand first, as in the kernel's list. */
import type { Mac } from '../../addr/mac.ts';
import type { BridgeData, FdbEntry, Link } from '../types.ts';

/** Adds an entry for an address of the bridge's own (`port` 0) or of a port: fdb_add_local. */
export function localFdb(bridge: Link, mac: Mac, port: number, now: number): void {
  const { fdb } = bridge.data as BridgeData;
  if (fdb.some((f) => f.mac === mac && f.port === port && f.isLocal)) return;
  const known = fdb.findIndex((f) => f.mac === mac && f.vlan === 0);
  // Two ports with one address: the first keeps the entry.
  if (known >= 0 && (fdb[known] as FdbEntry).isLocal) return;
  if (known >= 0) fdb.splice(known, 1);
  fdb.unshift({ mac, port, vlan: 0, isLocal: true, isStatic: true, flags: [], updated: now, used: now });
}

/** Forgets every address behind a port: br_fdb_delete_by_port. */
export function dropPortFdb(bridge: Link, port: number): void {
  const data = bridge.data as BridgeData;
  data.fdb = data.fdb.filter((f) => f.port !== port);
}

/** Forgets what was learned behind a port, as when it loses its carrier. */
export function dropLearned(bridge: Link, port: number): void {
  const data = bridge.data as BridgeData;
  data.fdb = data.fdb.filter((f) => f.port !== port || f.isStatic || f.isLocal);
}
