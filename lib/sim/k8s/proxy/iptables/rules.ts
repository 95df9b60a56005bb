/**
 * The rules that kube-proxy writes for Services in iptables mode, as text for iptables-restore. Source:
 * kubernetes/kubernetes pkg/proxy/iptables/proxier.go (syncProxyRules) of 1.34.
 */
import { inPrefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
import type { ProxyConfig } from '../config.ts';
import { type Endpoint, portText, type ServicePort } from '../service-ports.ts';
import { endpointChain, serviceChain } from './names.ts';

export interface RuleText {
  /** Chains made anew, by table. */
  natChains: string[];
  filter: string[];
  nat: string[];
}

const MASQ_ALL_LIMIT = 1000;

/** `0.3333333333`: what the statistic match is asked for. */
const probability = (n: number): string => (1 / n).toFixed(10);

class Builder {
  readonly out: RuleText = { natChains: [], filter: [], nat: [] };
  private readonly large: boolean;

  constructor(
    private readonly config: ProxyConfig,
    private readonly nodeIps: readonly string[],
    ports: readonly ServicePort[],
  ) {
    this.large = ports.reduce((n, s) => n + s.cluster.length, 0) > MASQ_ALL_LIMIT;
  }

  comment(text: string): string {
    return this.large ? '' : `-m comment --comment "${text}" `;
  }

  service(s: ServicePort): void {
    const name = portText(s);
    const usesCluster = s.cluster.length > 0 && (!s.internalLocal || this.external(s));
    const usesLocal = s.local.length > 0 && (s.internalLocal || s.externalLocal);
    const svc = serviceChain('SVC', s);
    const svl = serviceChain('SVL', s);
    const ext = serviceChain('EXT', s);
    const internal = s.internalLocal ? svl : svc;
    const dport = `-m ${s.protocol} -p ${s.protocol} --dport ${s.port}`;
    const inside = s.internalLocal ? s.local : s.cluster;
    const outside = s.externalLocal ? s.local : s.cluster;
    const external = this.external(s);

    if (inside.length > 0)
      this.nat(`-A KUBE-SERVICES -m comment --comment "${name} cluster IP" ${dport} -d ${s.clusterIP} -j ${internal}`);
    else this.refuse('KUBE-SERVICES', s, `-d ${s.clusterIP}`, s.internalLocal);

    // A pod or the node itself may use external addresses even when no endpoint of this node takes outside traffic.
    const extUsed = external && s.hasEndpoints;
    for (const ip of s.externalIPs) this.externalAddress(s, `${name} external IP`, ip, ext, extUsed, outside);
    const firewall = s.sourceRanges.length > 0;
    for (const ip of s.loadBalancerIPs) {
      if (extUsed)
        this.nat(
          `-A KUBE-SERVICES -m comment --comment "${name} loadbalancer IP" ${dport} -d ${ip} -j ${firewall ? serviceChain('FW', s) : ext}`,
        );
      if (firewall && extUsed)
        this.filter(
          `-A KUBE-PROXY-FIREWALL -m comment --comment "${name} traffic not accepted by ${serviceChain('FW', s)}" ${dport} -d ${ip} -j DROP`,
        );
      if (outside.length === 0) this.refuse('KUBE-EXTERNAL-SERVICES', s, `-d ${ip}`, s.externalLocal);
    }
    if (s.nodePort > 0) this.nodePort(s, ext, extUsed, outside);
    if (s.healthCheckNodePort > 0) {
      this.filter(
        `-A KUBE-NODEPORTS -m comment --comment "${name} health check node port" -m tcp -p tcp --dport ${s.healthCheckNodePort} -j ACCEPT`,
      );
    }

    if (usesCluster) this.clusterChain(s, svc, s.internalLocal ? null : s.clusterIP);
    if (usesLocal) this.localChain(s, svl);
    if (extUsed) this.externalChain(s, ext, svc, svl, outside);
    if (firewall && extUsed && s.loadBalancerIPs.length > 0) this.firewallChain(s, ext);
    const endpoints = new Map<string, Endpoint>();
    if (usesCluster) for (const e of s.cluster) endpoints.set(`${e.ip}:${e.port}`, e);
    if (usesLocal) for (const e of s.local) endpoints.set(`${e.ip}:${e.port}`, e);
    for (const key of [...endpoints.keys()].sort()) this.endpoint(s, endpoints.get(key) as Endpoint);
  }

  private external(s: ServicePort): boolean {
    return s.nodePort > 0 || s.externalIPs.length > 0 || s.loadBalancerIPs.length > 0;
  }

  private nat(line: string): void {
    this.out.nat.push(line);
  }

  private filter(line: string): void {
    this.out.filter.push(line);
  }

  private chain(name: string): void {
    this.out.natChains.push(name);
  }

  /** Nobody answers: a refusal, or, where only this node has nobody, silence. */
  private refuse(chain: string, s: ServicePort, to: string, local: boolean): void {
    const silent = local && s.hasEndpoints;
    const text = `${portText(s)} has no ${silent ? 'local ' : ''}endpoints`;
    this.filter(
      `-A ${chain} -m comment --comment "${text}" -m ${s.protocol} -p ${s.protocol} ${to} --dport ${s.port} -j ${silent ? 'DROP' : 'REJECT'}`,
    );
  }

  private externalAddress(
    s: ServicePort,
    text: string,
    ip: string,
    ext: string,
    used: boolean,
    outside: readonly Endpoint[],
  ): void {
    if (used)
      this.nat(
        `-A KUBE-SERVICES -m comment --comment "${text}" -m ${s.protocol} -p ${s.protocol} -d ${ip} --dport ${s.port} -j ${ext}`,
      );
    if (outside.length === 0) this.refuse('KUBE-EXTERNAL-SERVICES', s, `-d ${ip}`, s.externalLocal);
  }

  private nodePort(s: ServicePort, ext: string, used: boolean, outside: readonly Endpoint[]): void {
    const name = portText(s);
    if (used) {
      this.nat(
        `-A KUBE-NODEPORTS -m comment --comment "${name}" -m ${s.protocol} -p ${s.protocol} --dport ${s.nodePort} -j ${ext}`,
      );
    }
    if (outside.length > 0) return;
    const silent = s.externalLocal && s.hasEndpoints;
    const text = `${name} has no ${silent ? 'local ' : ''}endpoints`;
    this.filter(
      `-A KUBE-EXTERNAL-SERVICES -m comment --comment "${text}" -m addrtype --dst-type LOCAL -m ${s.protocol} -p ${s.protocol} --dport ${s.nodePort} -j ${silent ? 'DROP' : 'REJECT'}`,
    );
  }

  private clusterChain(s: ServicePort, svc: string, clusterIP: string | null): void {
    this.chain(svc);
    const to = `${this.comment(`${portText(s)} cluster IP`)}-m ${s.protocol} -p ${s.protocol} -d ${clusterIP} --dport ${s.port}`;
    if (clusterIP !== null && this.config.masqueradeAll) this.nat(`-A ${svc} ${to} -j KUBE-MARK-MASQ`);
    else if (clusterIP !== null && this.config.clusterCIDR !== '')
      this.nat(`-A ${svc} ${to} ! -s ${this.config.clusterCIDR} -j KUBE-MARK-MASQ`);
    this.balance(s, svc, s.cluster);
  }

  private localChain(s: ServicePort, svl: string): void {
    this.chain(svl);
    if (s.internalLocal) {
      const to = `${this.comment(`${portText(s)} cluster IP`)}-m ${s.protocol} -p ${s.protocol} -d ${s.clusterIP} --dport ${s.port}`;
      if (this.config.masqueradeAll) this.nat(`-A ${svl} ${to} -j KUBE-MARK-MASQ`);
      else if (this.config.clusterCIDR !== '')
        this.nat(`-A ${svl} ${to} ! -s ${this.config.clusterCIDR} -j KUBE-MARK-MASQ`);
    }
    this.balance(s, svl, s.local);
  }

  private balance(s: ServicePort, chain: string, endpoints: readonly Endpoint[]): void {
    if (s.affinity > 0) {
      for (const e of endpoints) {
        const sep = endpointChain(s, e);
        this.nat(
          `-A ${chain} ${this.comment(`${portText(s)} -> ${e.ip}:${e.port}`)}-m recent --name ${sep} --rcheck --seconds ${s.affinity} --reap -j ${sep}`,
        );
      }
    }
    endpoints.forEach((e, i) => {
      const left = endpoints.length - i;
      const share = left > 1 ? `-m statistic --mode random --probability ${probability(left)} ` : '';
      this.nat(`-A ${chain} ${this.comment(`${portText(s)} -> ${e.ip}:${e.port}`)}${share}-j ${endpointChain(s, e)}`);
    });
  }

  private externalChain(s: ServicePort, ext: string, svc: string, svl: string, outside: readonly Endpoint[]): void {
    const name = portText(s);
    this.chain(ext);
    if (!s.externalLocal) {
      this.nat(`-A ${ext} ${this.comment(`masquerade traffic for ${name} external destinations`)}-j KUBE-MARK-MASQ`);
      this.nat(`-A ${ext} -j ${svc}`);
      return;
    }
    if (this.config.clusterCIDR !== '')
      this.nat(
        `-A ${ext} ${this.comment(`pod traffic for ${name} external destinations`)}-s ${this.config.clusterCIDR} -j ${svc}`,
      );
    this.nat(
      `-A ${ext} ${this.comment(`masquerade LOCAL traffic for ${name} external destinations`)}-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    );
    this.nat(
      `-A ${ext} ${this.comment(`route LOCAL traffic for ${name} external destinations`)}-m addrtype --src-type LOCAL -j ${svc}`,
    );
    if (outside.length > 0) this.nat(`-A ${ext} -j ${svl}`);
  }

  private firewallChain(s: ServicePort, ext: string): void {
    const fw = serviceChain('FW', s);
    const name = portText(s);
    this.chain(fw);
    let allowsNode = false;
    for (const range of s.sourceRanges) {
      this.nat(`-A ${fw} ${this.comment(`${name} loadbalancer IP`)}-s ${range} -j ${ext}`);
      const prefix = parsePrefix(range);
      allowsNode ||= prefix !== null && this.nodeIps.some((ip) => inPrefix(parseIp(ip) ?? 0n, prefix));
    }
    if (allowsNode)
      for (const ip of s.loadBalancerIPs)
        this.nat(`-A ${fw} ${this.comment(`${name} loadbalancer IP`)}-s ${ip} -j ${ext}`);
    this.nat(`-A ${fw} ${this.comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`)}`.trimEnd());
  }

  private endpoint(s: ServicePort, e: Endpoint): void {
    const sep = endpointChain(s, e);
    this.chain(sep);
    this.nat(`-A ${sep} ${this.comment(portText(s))}-s ${e.ip} -j KUBE-MARK-MASQ`);
    const remember = s.affinity > 0 ? `-m recent --name ${sep} --set ` : '';
    this.nat(
      `-A ${sep} ${this.comment(portText(s))}${remember}-m ${s.protocol} -p ${s.protocol} -j DNAT --to-destination ${e.ip}:${e.port}`,
    );
  }
}

/** All rules for the given Service ports, but for the static ones. */
export function serviceRules(ports: readonly ServicePort[], config: ProxyConfig, nodeIps: readonly string[]): RuleText {
  const builder = new Builder(config, nodeIps, ports);
  for (const port of ports) builder.service(port);
  return builder.out;
}
