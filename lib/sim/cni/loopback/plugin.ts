/** loopback: brings `lo` up. Source: containernetworking/plugins plugins/main/loopback. */
import { formatIp } from '../../addr/ip.ts';
import { findLink, setLink } from '../../linux/link/ops.ts';
import { type CniPlugin, internal } from '../contract.ts';
import { findNetns, openNetns } from '../netns.ts';

export const loopback: CniPlugin = {
  type: 'loopback',
  about: 'CNI loopback plugin version unknown',
  *add(call) {
    const ns = openNetns(call);
    const lo = findLink(ns, 'lo');
    if (!lo) throw internal('Link not found');
    setLink(call.proc.world, ns, lo, { up: true });
    if (call.config.prevResult) return call.config.prevResult;
    return {
      cniVersion: call.config.cniVersion ?? '0.1.0',
      interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: call.netns }],
      ips: lo.addrs.map((a) => ({ interface: 0, address: `${formatIp(a.local)}/${a.len}` })),
      dns: {},
    };
  },
  *check(call) {
    const lo = findLink(openNetns(call), 'lo');
    if (!lo?.up) throw internal('loopback interface is down');
  },
  *del(call) {
    const ns = findNetns(call);
    const lo = ns && findLink(ns, 'lo');
    if (ns && lo) setLink(call.proc.world, ns, lo, { up: false });
  },
};
