/** portmap's chains in the nat table. Source: containernetworking/plugins plugins/meta/portmap/portmap_iptables.go (1.1). */
import { formatIp, type Prefix } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { apply, ensureRules, type WantedRule } from '../../linux/netfilter/ensure-rules.ts';
import { restore } from '../../linux/netfilter/restore.ts';
import { findTable } from '../../linux/netfilter/tables.ts';
import type { NetNs } from '../../linux/types.ts';
import type { CniCall } from '../contract.ts';
import { chainName } from '../masquerade.ts';

export interface PortMapping {
  hostPort: number;
  containerPort: number;
  protocol: string;
  hostIP: string;
}

const SHARED = ['CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-DNAT'];

const SNAT_RULES: WantedRule[] = [
  {
    table: 'nat',
    chain: 'CNI-HOSTPORT-SETMARK',
    rule: '-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
  },
  { table: 'nat', chain: 'CNI-HOSTPORT-MASQ', rule: '-m mark --mark 0x2000/0x2000 -j MASQUERADE' },
  {
    table: 'nat',
    chain: 'POSTROUTING',
    rule: '-m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    prepend: true,
  },
];

const DNAT_RULES: WantedRule[] = ['PREROUTING', 'OUTPUT'].map((chain) => ({
  table: 'nat',
  chain,
  rule: '-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
}));

/** The container's own chain. */
export const containerChain = (call: CniCall): string => chainName(call.config.name ?? '', call.containerId, 'DN-');

const comment = (call: CniCall): string =>
  `-m comment --comment "dnat name: \\"${call.config.name}\\" id: \\"${call.containerId}\\""`;

/** Whether the container has its chain. */
export const isForwarded = (ns: NetNs, call: CniCall): boolean =>
  findTable(ns, 'ip', 'nat')?.chains.has(containerChain(call)) ?? false;

/** Forwards host ports to a container's IPv4 address. */
export function forwardPorts(
  world: World,
  ns: NetNs,
  call: CniCall,
  container: Prefix,
  mappings: readonly PortMapping[],
  snat: boolean,
): void {
  const missing = SHARED.filter((chain) => !findTable(ns, 'ip', 'nat')?.chains.has(chain));
  if (missing.length > 0) apply(world, ns, `*nat\n${missing.map((chain) => `:${chain} - [0:0]\n`).join('')}COMMIT\n`);
  if (snat) ensureRules(world, ns, SNAT_RULES);
  ensureRules(world, ns, DNAT_RULES);
  const chain = containerChain(call);
  const rules = mappings.flatMap(({ hostPort, containerPort, protocol, hostIP }) => {
    const to = `-p ${protocol} ${hostIP ? `-d ${hostIP} ` : ''}--dport ${hostPort}`;
    const marks = snat
      ? [
          `-A ${chain} ${to} -s ${formatIp(container.ip)}/${container.len} -j CNI-HOSTPORT-SETMARK`,
          `-A ${chain} ${to} -s 127.0.0.1 -j CNI-HOSTPORT-SETMARK`,
        ]
      : [];
    return [...marks, `-A ${chain} ${to} -j DNAT --to-destination ${formatIp(container.ip)}:${containerPort}`];
  });
  const entries = [...new Set(mappings.map((m) => m.protocol))].map((protocol) => {
    const ports = [...new Set(mappings.filter((m) => m.protocol === protocol).map((m) => m.hostPort))];
    return `-A CNI-HOSTPORT-DNAT ${comment(call)} -m multiport -p ${protocol} --destination-ports ${ports.join(',')} -j ${chain}`;
  });
  apply(world, ns, `*nat\n:${chain} - [0:0]\n${[...rules, ...entries].join('\n')}\nCOMMIT\n`);
}

/** Takes a container's forwards away; what is gone already is no error. */
export function unforwardPorts(world: World, ns: NetNs, call: CniCall): void {
  const chain = containerChain(call);
  const table = findTable(ns, 'ip', 'nat');
  if (!table?.chains.has(chain)) return;
  const entries = table.chains.get('CNI-HOSTPORT-DNAT')?.rules ?? [];
  const numbers = entries.flatMap((rule, i) => (rule.target?.chain === chain ? [i + 1] : [])).reverse();
  restore(
    world,
    ns,
    'ip',
    `*nat\n${numbers.map((n) => `-D CNI-HOSTPORT-DNAT ${n}\n`).join('')}-F ${chain}\n-X ${chain}\nCOMMIT\n`,
    { noflush: true },
  );
}
