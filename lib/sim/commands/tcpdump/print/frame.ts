/** A frame from its link header down: print-ether.c, print-arp.c, print-sll.c. */
import { BROADCAST_MAC } from '../../../addr/mac.ts';
import type { ArpPacket, EthHeader, Packet } from '../../../packet/packet.ts';
import { ETH_ARP, ETH_IP, ETH_IP6, frameLength } from '../../../packet/packet.ts';
import { addr, hex4, macName, type PrintContext } from './context.ts';
import { printIp } from './ip.ts';

const ETHERTYPES: Record<number, string> = {
  [ETH_IP]: 'IPv4',
  [ETH_ARP]: 'ARP',
  [ETH_IP6]: 'IPv6',
  32821: 'Reverse ARP',
  33024: '802.1Q',
  35020: 'LLDP',
  34887: 'MPLS unicast',
  25944: 'TEB',
};

/** `IPv4 (0x0800)`. */
export const etherTypeName = (type: number): string => `${ETHERTYPES[type] ?? 'Unknown'} (${hex4(type)})`;

function printArp(c: PrintContext, a: ArpPacket, named: boolean, length: number): string {
  const head = `${named ? 'ARP, ' : ''}${c.options.verbose ? 'Ethernet (len 6), IPv4 (len 4), ' : ''}`;
  if (a.op === 2) return `${head}Reply ${addr(c, a.spa)} is-at ${macName(c, a.sha)}, length ${length}`;
  // A request that already names the target's address asks for confirmation: unicast probes.
  const known = a.tha !== 0 && a.tha !== BROADCAST_MAC ? ` (${macName(c, a.tha)})` : '';
  return `${head}Request who-has ${addr(c, a.tpa)}${known} tell ${addr(c, a.spa)}, length ${length}`;
}

/** What follows the link header. `named`: no link header said the protocol. */
export function printNetwork(c: PrintContext, p: Packet, named: boolean): string {
  if (p.arp) return printArp(c, p.arp, named, 28);
  if (p.ip) return printIp(c, p, named);
  return `${named ? 'Unknown ' : ''}length ${p.data.length}`;
}

const vlanTag = (tag: number): string => `vlan ${tag & 0xfff}, p ${tag >> 13}${tag & 0x1000 ? ', DEI' : ''}, `;

function linkHeader(c: PrintContext, p: Packet, eth: EthHeader): string {
  const outer = eth.vlan === undefined ? eth.type : 0x8100;
  const { quiet } = c.options;
  let out = `${macName(c, eth.src)} > ${macName(c, eth.dst)}, `;
  out += quiet ? `${ETHERTYPES[outer] ?? 'Unknown Ethertype'}, ` : `ethertype ${etherTypeName(outer)}, `;
  out += `length ${frameLength(p)}: `;
  if (eth.vlan !== undefined)
    out += `${vlanTag(eth.vlan)}${quiet ? (ETHERTYPES[eth.type] ?? 'Unknown') : `ethertype ${etherTypeName(eth.type)}`}, `;
  return out;
}

/** A frame as its device sees it: with -e its link header first. */
export function printFrame(c: PrintContext, p: Packet): string {
  if (!c.options.link) return printNetwork(c, p, true);
  // Devices without a link layer (tunnels): LINKTYPE_RAW.
  if (!p.eth) return `ip: ${printNetwork(c, p, false)}`;
  return linkHeader(c, p, p.eth) + printNetwork(c, p, false);
}

const SLL_DIRECTIONS = { in: 'In', out: 'Out', broadcast: 'B', multicast: 'M', other: 'P' } as const;

/** A frame of a device without a link type of its own: LINKTYPE_LINUX_SLL, print-sll.c. */
export function printCooked1(c: PrintContext, p: Packet, dir: keyof typeof SLL_DIRECTIONS): string {
  if (!c.options.link) return printNetwork(c, p, true);
  const type = typeof p.ip?.src === 'bigint' ? ETH_IP6 : ETH_IP;
  const kind = c.options.quiet ? '' : `ethertype ${etherTypeName(type)}, `;
  return `${SLL_DIRECTIONS[dir].padStart(3)} ${kind}length ${frameLength(p) + 16}: ${printNetwork(c, p, false)}`;
}

/** A frame of the `any` device: its interface and direction in front. */
export function printCooked(
  c: PrintContext,
  p: Packet,
  dev: string,
  ifindex: number,
  dir: keyof typeof SLL_DIRECTIONS,
): string {
  const head = `${dev.padEnd(5)} ${SLL_DIRECTIONS[dir].padEnd(3)} `;
  if (!c.options.link) return head + printNetwork(c, p, true);
  const type = p.eth?.type ?? (typeof p.ip?.src === 'bigint' ? ETH_IP6 : ETH_IP);
  const mac = p.eth ? `${macName(c, p.eth.src)} ` : '';
  const length = frameLength(p) - (p.eth ? 14 : 0) + 20;
  const kind = c.options.quiet ? '' : `ethertype ${etherTypeName(type)}, `;
  return `${head}ifindex ${ifindex} ${mac}${kind}length ${length}: ${printNetwork(c, p, false)}`;
}
