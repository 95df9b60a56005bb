/** kube-proxy in IPVS mode. Source: kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (NewProxier, CanUseIPVSProxier) of 1.34. */
import { kernelBefore } from '../../../kernel/release.ts';
import { isScheduler } from '../../../linux/ipvs/sched.ts';
import { ipvsOf } from '../../../linux/ipvs/types.ts';
import { getSysctl, setSysctl } from '../../../linux/sysctl/sysctl.ts';
import { defineMode, type Proxier } from '../mode.ts';
import { cleanupIpvs } from './cleanup.ts';
import './matches.ts';
import { type IpvsMemory, schedulerOf, syncIpvs } from './sync.ts';
import { checkTerminating } from './termination.ts';

const SECOND = 1_000_000;

/** Sysctls as the mode needs them. conn_reuse_mode is left alone where the kernel (5.9 on) does well with it. */
function sysctls(p: Proxier): [string, string][] {
  const wanted: [string, string][] = [
    ['net.ipv4.vs.conntrack', '1'],
    ['net.ipv4.vs.expire_nodest_conn', '1'],
    ['net.ipv4.vs.expire_quiescent_template', '1'],
    ['net.ipv4.ip_forward', '1'],
  ];
  if (kernelBefore(p.world, p.ns, 5, 9)) wanted.splice(1, 0, ['net.ipv4.vs.conn_reuse_mode', '0']);
  if (p.config.ipvs.strictARP)
    wanted.push(['net.ipv4.conf.all.arp_ignore', '1'], ['net.ipv4.conf.all.arp_announce', '2']);
  return wanted;
}

function start(p: Proxier<IpvsMemory>): string | null {
  const { world, host, ns, config } = p;
  if (!isScheduler(schedulerOf(p))) return "can't use the IPVS proxier: no such file or directory";
  host.modules.add('ip_vs');
  host.modules.add(`ip_vs_${schedulerOf(p)}`);
  for (const [key, value] of sysctls(p))
    if (getSysctl(world, host, ns, key) !== value) setSysctl(world, host, ns, key, value);
  const { timeouts } = ipvsOf(ns);
  const { tcpTimeout, tcpFinTimeout, udpTimeout } = config.ipvs;
  // A time of 0 leaves the kernel's as it is.
  for (const [i, time] of [tcpTimeout, tcpFinTimeout, udpTimeout].entries())
    if (time > 0) timeouts[i as 0 | 1 | 2] = Math.floor(time / SECOND);
  p.memory.start = world.now;
  return null;
}

export const ipvsMode = defineMode<IpvsMemory>({
  name: 'ipvs',
  newMemory: () => ({ start: 0, first: true, terminating: [] }),
  maxInterval: (config) => config.ipvs.syncPeriod,
  start,
  sync: syncIpvs,
  tick: ({ world, ns, memory }) => ({
    at: checkTerminating(world, ns, memory.terminating, memory.start),
    resync: false,
  }),
  cleanup: cleanupIpvs,
});
