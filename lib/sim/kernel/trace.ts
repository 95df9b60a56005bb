/**
 * What happened to packets, step by step. tcpdump, counters, the picture, the grader and "why was it dropped?" read
 * these; none of them has a second model. Drop reasons are the kernel's own names (include/net/dropreason-core.h).
 */
import type { Packet } from '../packet/packet.ts';

/** Header fields as they stood at a step, ready to print. */
export interface HeaderView {
  src: string;
  dst: string;
  proto: string;
  sport?: number;
  dport?: number;
  ttl?: number;
  mark?: number;
  info?: string;
}

export type TraceStep =
  | { kind: 'send'; socket: number; program: string }
  | { kind: 'tx'; dev: string }
  | { kind: 'rx'; dev: string }
  | {
      kind: 'bridge';
      bridge: string;
      port: string;
      action: 'learn' | 'forward' | 'flood' | 'local' | 'hairpin-off';
      to: string[];
    }
  | {
      kind: 'hook';
      family: string;
      table: string;
      chain: string;
      hook: string;
      rule: number;
      text: string;
      verdict: string;
    }
  | { kind: 'nat'; manip: 'SNAT' | 'DNAT' | 'un-SNAT' | 'un-DNAT'; before: string; after: string }
  | { kind: 'conntrack'; state: string; entry: number; direction: 'original' | 'reply' }
  | {
      kind: 'route';
      result: 'local' | 'forward' | 'output' | 'broadcast';
      table: string;
      route: string;
      via: string;
      dev: string;
      why: string;
    }
  | { kind: 'neigh'; dev: string; ip: string; mac: string; state: string }
  | { kind: 'encap'; dev: string; outer: string; how: string }
  | { kind: 'decap'; dev: string; how: string }
  | { kind: 'forward'; ttl: number; from: string; to: string }
  | { kind: 'fragment'; mtu: number; pieces: number }
  | { kind: 'icmp-error'; type: number; code: number; to: string; text: string }
  | { kind: 'deliver'; socket: string }
  | { kind: 'policy'; by: string; text: string; verdict: string }
  | { kind: 'drop'; reason: string; text: string; hint?: string };

export type TraceEvent = TraceStep & {
  seq: number;
  /** Virtual microseconds. */
  at: number;
  /** Packet.id. */
  pkt: number;
  host: string;
  /** NetNs.label. */
  ns: string;
  header: HeaderView;
};

/** Marks packet kinds the learner did not send: ARP and neighbour discovery are traced, background control traffic too. */
export type TracedPacket = Pick<Packet, 'id' | 'ip' | 'arp'>;
