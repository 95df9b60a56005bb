/** What `wg show` and `wg showconf` print. */
import { formatIp, formatPrefix } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { WgData, WgPeer } from '../../linux/link/wireguard.ts';
import type { SockAddr } from '../../linux/types.ts';

/** `1.2.3.4:5`, `[::1]:5`. */
const endpoint = (at: SockAddr): string =>
  typeof at.ip === 'bigint' ? `[${formatIp(at.ip)}]:${at.port}` : `${formatIp(at.ip)}:${at.port}`;

const hex = (n: number): string => `0x${n.toString(16)}`;

const wallSeconds = (world: World, us: number): number => world.epoch + Math.floor(us / 1_000_000);

function bytes(n: number): string {
  const units: readonly [number, string][] = [
    [1024 ** 4, 'TiB'],
    [1024 ** 3, 'GiB'],
    [1024 ** 2, 'MiB'],
    [1024, 'KiB'],
  ];
  for (const [size, unit] of units) if (n >= size) return `${(n / size).toFixed(2)} ${unit}`;
  return `${n} B`;
}

/** `1 minute, 5 seconds`. */
function duration(seconds: number): string {
  const words: string[] = [];
  let left = seconds;
  for (const [size, unit] of [
    [31_536_000, 'year'],
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const) {
    const n = Math.floor(left / size);
    left -= n * size;
    if (n > 0) words.push(`${n} ${unit}${n === 1 ? '' : 's'}`);
  }
  return words.join(', ');
}

function ago(world: World, at: number): string {
  const seconds = wallSeconds(world, world.now) - wallSeconds(world, at);
  return seconds === 0 ? 'Now' : `${duration(seconds)} ago`;
}

function peerText(world: World, p: WgPeer): string {
  let text = `peer: ${p.publicKey}\n`;
  if (p.psk) text += '  preshared key: (hidden)\n';
  if (p.endpoint) text += `  endpoint: ${endpoint(p.endpoint)}\n`;
  text += `  allowed ips: ${p.allowed.map(formatPrefix).join(', ') || '(none)'}\n`;
  if (p.handshake >= 0) text += `  latest handshake: ${ago(world, p.handshake)}\n`;
  if (p.rx || p.tx) text += `  transfer: ${bytes(p.rx)} received, ${bytes(p.tx)} sent\n`;
  if (p.keepalive) text += `  persistent keepalive: every ${duration(p.keepalive)}\n`;
  return text;
}

/** `wg show IFACE`. */
export function deviceText(world: World, name: string, data: WgData): string {
  let text = `interface: ${name}\n`;
  if (data.publicKey) text += `  public key: ${data.publicKey}\n`;
  if (data.privateKey) text += '  private key: (hidden)\n';
  if (data.port) text += `  listening port: ${data.port}\n`;
  if (data.fwmark) text += `  fwmark: ${hex(data.fwmark)}\n`;
  const peers = [...data.peers].sort((a, b) => b.handshake - a.handshake);
  return text + peers.map((p) => `\n${peerText(world, p)}`).join('');
}

const each = (data: WgData, lead: string, value: (p: WgPeer) => string): string =>
  data.peers.map((p) => `${lead}${p.publicKey}\t${value(p)}\n`).join('');

const FIELDS: Readonly<Record<string, (world: World, data: WgData, lead: string) => string>> = {
  'public-key': (_w, d, lead) => `${lead}${d.publicKey || '(none)'}\n`,
  'private-key': (_w, d, lead) => `${lead}${d.privateKey || '(none)'}\n`,
  'listen-port': (_w, d, lead) => `${lead}${d.port}\n`,
  fwmark: (_w, d, lead) => `${lead}${d.fwmark ? hex(d.fwmark) : 'off'}\n`,
  peers: (_w, d, lead) => d.peers.map((p) => `${lead}${p.publicKey}\n`).join(''),
  'preshared-keys': (_w, d, lead) => each(d, lead, (p) => p.psk || '(none)'),
  endpoints: (_w, d, lead) => each(d, lead, (p) => (p.endpoint ? endpoint(p.endpoint) : '(none)')),
  'allowed-ips': (_w, d, lead) => each(d, lead, (p) => p.allowed.map(formatPrefix).join(' ') || '(none)'),
  'latest-handshakes': (w, d, lead) => each(d, lead, (p) => String(p.handshake < 0 ? 0 : wallSeconds(w, p.handshake))),
  transfer: (_w, d, lead) => each(d, lead, (p) => `${p.rx}\t${p.tx}`),
  'persistent-keepalive': (_w, d, lead) => each(d, lead, (p) => String(p.keepalive || 'off')),
};

/** One field of `wg show`, or null when there is none of that name. */
export const field = (world: World, data: WgData, name: string, lead: string): string | null =>
  Object.hasOwn(FIELDS, name) ? (FIELDS[name]?.(world, data, lead) ?? null) : null;

/** `wg showconf`. */
export function configuration(data: WgData): string {
  let text = '[Interface]\n';
  if (data.port) text += `ListenPort = ${data.port}\n`;
  if (data.fwmark) text += `FwMark = ${hex(data.fwmark)}\n`;
  if (data.privateKey) text += `PrivateKey = ${data.privateKey}\n`;
  text += '\n';
  const peers = data.peers.map((p) => {
    let one = `[Peer]\nPublicKey = ${p.publicKey}\n`;
    if (p.psk) one += `PresharedKey = ${p.psk}\n`;
    if (p.allowed.length > 0) one += `AllowedIPs = ${p.allowed.map(formatPrefix).join(', ')}\n`;
    if (p.endpoint) one += `Endpoint = ${endpoint(p.endpoint)}\n`;
    if (p.keepalive) one += `PersistentKeepalive = ${p.keepalive}\n`;
    return one;
  });
  return text + peers.join('\n');
}
