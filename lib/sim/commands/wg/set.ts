/** `wg set`. */
import { network, type Prefix, parseIp, parsePrefix } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { openSockets, type WgData, type WgPeer } from '../../linux/link/wireguard.ts';
import type { Link, SockAddr } from '../../linux/types.ts';
import { isKey, publicKey } from '../../linux/wireguard/key.ts';
import { sendKeepalive, sendStaged } from '../../linux/wireguard/send.ts';
import { stopPeer } from '../../linux/wireguard/timers.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { errnoText } from '../../text/strerror.ts';

/** A wrong command line or file: what is printed. */
export class Refused extends Error {}
/** Something wg knows and the model does not. */
export class NotThere extends Error {}

interface PeerChange {
  publicKey: string;
  remove: boolean;
  psk?: string;
  endpoint?: SockAddr;
  keepalive?: number;
  allowed?: Prefix[];
}

interface Change {
  port?: number;
  fwmark?: number;
  privateKey?: string;
  peers: PeerChange[];
}

function keyOf(text: string): string {
  if (!isKey(text)) throw new Refused(`Key is not the correct length or format: \`${text}'`);
  return text;
}

/** A key from a file; an empty file (or /dev/null) is no key. */
function keyFile(proc: Proc, path: string): string {
  const read = vfsOf(proc).readFile(path);
  if (!read.ok) throw new Refused(`fopen: ${errnoText(read.errno)}`);
  const text = read.value.trim();
  return text === '' ? '' : keyOf(text);
}

function number(text: string, max: number): number | null {
  const n = /^(\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : Number.NaN;
  return n <= max ? n : null;
}

function endpointOf(text: string): SockAddr {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const ip = parts ? parseIp((parts[1] ?? parts[2]) as string) : null;
  const port = parts ? number(parts[3] as string, 65_535) : null;
  if (ip === null || port === null) throw new NotThere(`wg set … endpoint ${text}`);
  return { ip, port };
}

function allowedOf(text: string): Prefix[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    const word = part.trim();
    const prefix = parsePrefix(word);
    if (!prefix) throw new NotThere(`wg set … allowed-ips ${text}`);
    return { ip: network(prefix.ip, prefix.len), len: prefix.len };
  });
}

/** Reads the words after the interface's name. */
export function readChange(proc: Proc, words: readonly string[]): Change {
  const change: Change = { peers: [] };
  let at = 0;
  const value = (): string => {
    const word = words[at++];
    if (word === undefined) throw new NotThere(`wg set ${words.join(' ')}`);
    return word;
  };
  const bounded = (max: number, off: boolean): number => {
    const word = value();
    const n = off && word === 'off' ? 0 : number(word, max);
    if (n === null) throw new NotThere(`wg set … ${word}`);
    return n;
  };
  while (at < words.length) {
    const word = value();
    const peer = change.peers.at(-1);
    if (word === 'peer') change.peers.push({ publicKey: keyOf(value()), remove: false });
    else if (!peer && word === 'listen-port') change.port = bounded(65_535, false);
    else if (!peer && word === 'fwmark') change.fwmark = bounded(0xffffffff, true);
    else if (!peer && word === 'private-key') change.privateKey = keyFile(proc, value());
    else if (peer && word === 'remove') peer.remove = true;
    else if (peer && word === 'preshared-key') peer.psk = keyFile(proc, value());
    else if (peer && word === 'endpoint') peer.endpoint = endpointOf(value());
    else if (peer && word === 'persistent-keepalive') peer.keepalive = bounded(65_535, true);
    else if (peer && word === 'allowed-ips') peer.allowed = allowedOf(value());
    else throw new NotThere(`wg set ${words.join(' ')}`);
  }
  return change;
}

/** What the kernel does with a change: an errno name or null. */
export function apply(proc: Proc, link: Link, change: Change): string | null {
  const { world, netns: ns } = proc;
  const data = link.data as WgData;
  if (change.fwmark !== undefined) data.fwmark = change.fwmark;
  if (change.port !== undefined && change.port !== data.port) {
    data.port = change.port;
    const refused = link.up ? openSockets(world, ns, link) : null;
    if (refused) return refused.errno;
  }
  if (change.privateKey !== undefined && change.privateKey !== data.privateKey) {
    data.privateKey = change.privateKey;
    data.publicKey = change.privateKey ? publicKey(change.privateKey) : '';
    for (const peer of data.peers) stopPeer(world, peer);
    data.peers = data.peers.filter((p) => p.publicKey !== data.publicKey);
  }
  for (const wanted of change.peers) changePeer(proc, link, wanted);
  return null;
}

function changePeer(proc: Proc, link: Link, wanted: PeerChange): void {
  const { world, netns: ns } = proc;
  const data = link.data as WgData;
  let peer = data.peers.find((p) => p.publicKey === wanted.publicKey);
  if (wanted.remove) {
    if (peer) stopPeer(world, peer);
    data.peers = data.peers.filter((p) => p !== peer);
    return;
  }
  if (!peer) {
    // A device is no peer of itself.
    if (wanted.publicKey === data.publicKey) return;
    peer = newPeer(wanted.publicKey);
    data.peers.push(peer);
  }
  if (wanted.psk !== undefined) peer.psk = wanted.psk;
  if (wanted.endpoint) peer.endpoint = wanted.endpoint;
  if (wanted.allowed) {
    const own = peer;
    const same = (a: Prefix) => (b: Prefix) => a.ip === b.ip && a.len === b.len;
    for (const other of data.peers)
      if (other !== own) other.allowed = other.allowed.filter((a) => !wanted.allowed?.some(same(a)));
    own.allowed = wanted.allowed.filter((a, i, all) => all.findIndex(same(a)) === i);
  }
  const before = peer.keepalive;
  if (wanted.keepalive !== undefined) peer.keepalive = wanted.keepalive;
  if (!link.up) return;
  if (before === 0 && peer.keepalive > 0) sendKeepalive(world, ns, link, peer);
  sendStaged(world, ns, link, peer);
}

const newPeer = (key: string): WgPeer => ({
  publicKey: key,
  psk: '',
  endpoint: null,
  allowed: [],
  keepalive: 0,
  rx: 0,
  tx: 0,
  handshake: -1,
  sessions: [],
  queue: [],
  attempts: 0,
  initiated: -1e15,
  keepaliveAgain: false,
  timers: {},
});
