/** The capture devices libpcap finds, in its order: running ones first, then as the kernel has them. */
import type { Link, NetNs } from '../../linux/types.ts';
import type { LinkType } from './filter/frame.ts';

export interface CaptureDevice {
  name: string;
  description: string;
  flags: string;
}

const isLoopback = (link: Link): boolean => link.kind === 'loopback';
const running = (link: Link): boolean => link.up && link.carrier;

function merit(link: Link): number {
  let n = 0;
  if (isLoopback(link)) n += 0x20000000;
  else if (!link.carrier) n += 0x10000000;
  if (!link.up) n += 0x40000000;
  if (!running(link)) n += 0x80000000;
  return n;
}

const ANY_MERIT = 0x1fffffff;

function flagText(link: Link): string {
  const words = [link.up && 'Up', running(link) && 'Running', isLoopback(link) && 'Loopback'].filter(Boolean);
  const connected = isLoopback(link) ? '' : `, ${link.carrier && link.up ? 'Connected' : 'Disconnected'}`;
  return `[${words.join(', ') || 'none'}${connected}]`;
}

const PSEUDO: CaptureDevice[] = [
  { name: 'bluetooth-monitor', description: 'Bluetooth Linux Monitor', flags: '[Wireless]' },
  { name: 'nflog', description: 'Linux netfilter log (NFLOG) interface', flags: '[none]' },
  { name: 'nfqueue', description: 'Linux netfilter queue (NFQUEUE) interface', flags: '[none]' },
  { name: 'dbus-system', description: 'D-Bus system bus', flags: '[none]' },
  { name: 'dbus-session', description: 'D-Bus session bus', flags: '[none]' },
];

/** All devices, best first. */
export function captureDevices(ns: NetNs): CaptureDevice[] {
  const entries = [...ns.links.values()].map((link) => ({
    merit: merit(link),
    device: { name: link.name, description: '', flags: flagText(link) },
  }));
  const any = { name: 'any', description: 'Pseudo-device that captures on all interfaces', flags: '[Up, Running]' };
  entries.push({ merit: ANY_MERIT, device: any });
  const sorted = entries.map((e, i) => ({ ...e, i })).sort((a, b) => a.merit - b.merit || a.i - b.i);
  const up = sorted.filter((e) => e.merit < 0x40000000).map((e) => e.device);
  const down = sorted.filter((e) => e.merit >= 0x40000000).map((e) => e.device);
  return [...up, ...PSEUDO, ...down];
}

/** `1.eth0 [Up, Running, Connected]` … */
export const listDevices = (ns: NetNs): string =>
  captureDevices(ns)
    .map((d, i) => `${i + 1}.${d.name} ${d.description ? `(${d.description}) ` : ''}${d.flags}\n`)
    .join('');

const RAW_IP_KINDS = ['ipip', 'sit', 'wireguard', 'tun', 'vti', 'xfrm'];

/** The link type a capture on this device has. ARPHRD_IPGRE has none of its own: libpcap falls back to cooked capture. */
export const linkKind = (link: Link): LinkType => {
  if (link.kind === 'gre') return 'LINUX_SLL';
  return RAW_IP_KINDS.includes(link.kind) ? 'RAW' : 'EN10MB';
};

/** Link types as header lines and error messages name them. */
export const LINK_NAMES: Record<LinkType, string> = {
  EN10MB: 'Ethernet',
  RAW: 'Raw IP',
  LINUX_SLL: 'Linux cooked v1',
  LINUX_SLL2: 'Linux cooked v2',
};

/** -L: the types one may choose from. */
export function listLinkTypes(link: Link | null, name: string): string {
  const types: LinkType[] = link ? [linkKind(link)] : ['LINUX_SLL', 'LINUX_SLL2'];
  let lines = types.map((type) => `  ${type} (${LINK_NAMES[type]})\n`).join('');
  if (link && linkKind(link) === 'EN10MB' && !isLoopback(link)) lines += '  DOCSIS (DOCSIS) (printing not supported)\n';
  return `Data link types for ${name} (use option -y to set):\n${lines}`;
}
