/** net.ipv4.vs.*: there while the module ip_vs is loaded. ip_vs_ctl.c. */
import type { NetNs } from '../types.ts';

const PREFIX = 'net.ipv4.vs.';

const DEFAULTS: Readonly<Record<string, string>> = {
  am_droprate: '10',
  amemthresh: '1024',
  backup_only: '0',
  cache_bypass: '0',
  conn_reuse_mode: '1',
  conntrack: '0',
  drop_entry: '0',
  drop_packet: '0',
  expire_nodest_conn: '0',
  expire_quiescent_template: '0',
  ignore_tunneled: '0',
  nat_icmp_send: '0',
  pmtu_disc: '1',
  run_estimation: '1',
  schedule_icmp: '0',
  secure_tcp: '0',
  sloppy_sctp: '0',
  sloppy_tcp: '0',
  snat_reroute: '1',
  sync_persist_mode: '0',
  sync_ports: '1',
  sync_refresh_period: '0',
  sync_retries: '0',
  sync_sock_size: '0',
  sync_threshold: '3\t50',
  sync_version: '1',
};

/** Every key. */
export const ipvsKeys = (): string[] => Object.keys(DEFAULTS).map((leaf) => PREFIX + leaf);

/** A key's default, or undefined when IPVS has no such key. */
export const ipvsDefault = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? DEFAULTS[key.slice(PREFIX.length)] : undefined;

/** A value as a number, by the key's last word. */
export const vsNum = (ns: NetNs, leaf: string): number => Number(ns.sysctl.get(PREFIX + leaf) ?? DEFAULTS[leaf]);
