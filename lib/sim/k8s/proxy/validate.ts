/** What is wrong with a configuration, as kube-proxy words it. Source: pkg/proxy/apis/config/validation/validation.go of 1.34. */
import { parseIp, parsePrefix } from '../../addr/ip.ts';
import type { ProxyConfig } from './config.ts';
import { modes } from './modes.ts';

const invalid = (path: string, value: string | number, why: string): string =>
  `KubeProxyConfiguration.${path}: Invalid value: ${typeof value === 'number' ? value : `"${value}"`}: ${why}`;

const isCidr = (text: string): boolean => text.includes('/') && parsePrefix(text) !== null;
const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', ''];
const PAIR = 'must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]';

function masqueradeBit(section: string, bit: number): string[] {
  return bit < 0 || bit > 31
    ? [invalid(`KubeProxy${section}Configuration.MasqueradeBit`, bit, 'must be within the range [0, 31]')]
    : [];
}

function mode(name: string): string[] {
  if (name === '' || modes.some((m) => m.name === name)) return [];
  const known = modes.map((m) => m.name).join(', ');
  const why = `must be ${known} or blank (blank means the best-available proxy [currently iptables])`;
  return [invalid('Mode.ProxyMode', name, why)];
}

function hostPort(field: string, text: string): string[] {
  const m = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (!m) return [invalid(field, text, 'must be IP:port')];
  const [host, port] = [m[1] ?? m[2] ?? '', m[3] ?? ''];
  const fits = /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535;
  return [
    ...(parseIp(host) === null ? [invalid(field, host, 'must be a valid IP')] : []),
    ...(fits ? [] : [invalid(field, port, 'must be a valid port')]),
  ];
}

function nodePorts(addresses: readonly string[]): string[] {
  const wrong: string[] = [];
  for (const [i, text] of addresses.entries()) {
    const path = `NodePortAddresses[${i}]`;
    if (text === 'primary') {
      if (addresses.length !== 1) wrong.push(invalid(path, text, "can't use both 'primary' and CIDRs"));
      break;
    }
    if (!isCidr(text)) wrong.push(invalid(path, text, 'must be a valid CIDR'));
  }
  return wrong;
}

function localMode(config: ProxyConfig): string[] {
  const { detectLocalMode, detectLocal, clusterCIDR } = config;
  if (!LOCAL_MODES.includes(detectLocalMode)) {
    const known = [...LOCAL_MODES]
      .sort()
      .map((m) => `"${m}"`)
      .join(', ');
    return [
      `KubeProxyConfiguration.DetectLocalMode: Unsupported value: "${detectLocalMode}": supported values: ${known}`,
    ];
  }
  const path = 'DetectLocalConfiguration';
  const named = (field: string, name: string) =>
    name === '' ? [invalid(`${path}.${field}`, name, 'must not be empty')] : [];
  if (detectLocalMode === 'BridgeInterface') return named('InterfaceName', detectLocal.bridgeInterface);
  if (detectLocalMode === 'InterfaceNamePrefix') return named('InterfacePrefix', detectLocal.interfaceNamePrefix);
  if (detectLocalMode !== 'ClusterCIDR' || clusterCIDR === '') return [];
  const cidrs = clusterCIDR.split(',');
  const shown = `[${cidrs.map((c) => `"${c}"`).join(',')}]`;
  const whole = `KubeProxyConfiguration.${path}.ClusterCIDRs: Invalid value: ${shown}: ${PAIR}`;
  if (cidrs.length > 2) return [whole];
  const wrong = cidrs.flatMap((text, i) =>
    isCidr(text)
      ? []
      : [
          invalid(
            `${path}.ClusterCIDRs[${i}]`,
            text,
            'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
          ),
        ],
  );
  const families = new Set(cidrs.map((text) => text.includes(':')));
  return wrong.length === 0 && cidrs.length === 2 && families.size === 1 ? [whole] : wrong;
}

/** The complaints, in the order in which kube-proxy lists them; none for a good one. */
export function validateConfig(config: ProxyConfig): string[] {
  return [
    ...masqueradeBit('IPTables', config.iptables.masqueradeBit),
    ...(config.mode === 'nftables' ? masqueradeBit('NFTables', config.nftables.masqueradeBit) : []),
    ...mode(config.mode),
    ...(parseIp(config.bindAddress) === null
      ? [invalid('BindAddress', config.bindAddress, 'not a valid textual representation of an IP address')]
      : []),
    ...(config.healthzBindAddress === '' ? [] : hostPort('HealthzBindAddress', config.healthzBindAddress)),
    ...hostPort('MetricsBindAddress', config.metricsBindAddress),
    ...nodePorts(config.nodePortAddresses),
    ...localMode(config),
  ];
}
