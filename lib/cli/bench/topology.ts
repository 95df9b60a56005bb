/** Three nodes and six Pods wired by hand as flannel and the bridge plugin do: the script, and its commands one by one. */

/** The script as bash runs it. */
export const TOPOLOGY_SCRIPT = `ip link add ul type bridge; ip link set ul up
for n in 1 2 3; do ip netns add n$n; ip link add e$n type veth peer name eth0 netns n$n; ip link set e$n master ul up
 ip -n n$n link set lo up; ip -n n$n addr add 172.18.0.$((n+1))/16 dev eth0; ip -n n$n link set eth0 up
 ip netns exec n$n sysctl -qw net.ipv4.ip_forward=1
 ip -n n$n link add cni0 type bridge; ip -n n$n link set cni0 mtu 1450 up; ip -n n$n addr add 10.244.$n.1/24 dev cni0
 ip -n n$n link add flannel.1 address 0a:00:00:00:00:0$n mtu 1450 type vxlan id 1 local 172.18.0.$((n+1)) dev eth0 dstport 8472 nolearning
 ip -n n$n addr add 10.244.$n.0/32 dev flannel.1; ip -n n$n link set flannel.1 up
 for m in 1 2 3; do [ $m = $n ] && continue; ip -n n$n neigh add 10.244.$m.0 lladdr 0a:00:00:00:00:0$m dev flannel.1 nud permanent
  bridge -n n$n fdb add 0a:00:00:00:00:0$m dev flannel.1 dst 172.18.0.$((m+1)); ip -n n$n route add 10.244.$m.0/24 via 10.244.$m.0 dev flannel.1 onlink; done
 for p in 2 3; do ip netns add p$n$p; ip -n n$n link add veth$p type veth peer name eth0 netns p$n$p; ip -n n$n link set veth$p mtu 1450 master cni0 up
  ip -n p$n$p link set lo up; ip -n p$n$p link set eth0 mtu 1450 up; ip -n p$n$p addr add 10.244.$n.$p/24 dev eth0; ip -n p$n$p route add default via 10.244.$n.1; done
 ip netns exec n$n iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
 for d in s d; do ip netns exec n$n iptables -A FORWARD -$d 10.244.0.0/16 -j ACCEPT; done; done`;

const NODES = [1, 2, 3];
const PODS = [2, 3];

function nodeCommands(n: number): string[] {
  const at = `ip -n n${n}`;
  return [
    `ip netns add n${n}`,
    `ip link add e${n} type veth peer name eth0 netns n${n}`,
    `ip link set e${n} master ul up`,
    `${at} link set lo up`,
    `${at} addr add 172.18.0.${n + 1}/16 dev eth0`,
    `${at} link set eth0 up`,
    `ip netns exec n${n} sysctl -qw net.ipv4.ip_forward=1`,
    `${at} link add cni0 type bridge`,
    `${at} link set cni0 mtu 1450 up`,
    `${at} addr add 10.244.${n}.1/24 dev cni0`,
    `${at} link add flannel.1 address 0a:00:00:00:00:0${n} mtu 1450 type vxlan id 1 local 172.18.0.${n + 1} dev eth0 dstport 8472 nolearning`,
    `${at} addr add 10.244.${n}.0/32 dev flannel.1`,
    `${at} link set flannel.1 up`,
    ...NODES.filter((m) => m !== n).flatMap((m) => [
      `${at} neigh add 10.244.${m}.0 lladdr 0a:00:00:00:00:0${m} dev flannel.1 nud permanent`,
      `bridge -n n${n} fdb add 0a:00:00:00:00:0${m} dev flannel.1 dst 172.18.0.${m + 1}`,
      `${at} route add 10.244.${m}.0/24 via 10.244.${m}.0 dev flannel.1 onlink`,
    ]),
    ...PODS.flatMap((p) => [
      `ip netns add p${n}${p}`,
      `${at} link add veth${p} type veth peer name eth0 netns p${n}${p}`,
      `${at} link set veth${p} mtu 1450 master cni0 up`,
      `ip -n p${n}${p} link set lo up`,
      `ip -n p${n}${p} link set eth0 mtu 1450 up`,
      `ip -n p${n}${p} addr add 10.244.${n}.${p}/24 dev eth0`,
      `ip -n p${n}${p} route add default via 10.244.${n}.1`,
    ]),
    `ip netns exec n${n} iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE`,
    `ip netns exec n${n} iptables -A FORWARD -s 10.244.0.0/16 -j ACCEPT`,
    `ip netns exec n${n} iptables -A FORWARD -d 10.244.0.0/16 -j ACCEPT`,
  ];
}

/** The script's commands with its loops unrolled: what a person would type. */
export const TOPOLOGY_LINES: readonly string[] = [
  'ip link add ul type bridge',
  'ip link set ul up',
  ...NODES.flatMap(nodeCommands),
];

/** The same as few programs as possible: `ip -batch` and `bridge -batch` for each namespace, iptables-restore for the rules. */
export function topologyBatch(): string {
  const parts: string[] = [];
  let pending: { tool: string; lines: string[] } = { tool: '', lines: [] };
  const flush = () => {
    if (pending.lines.length > 0) parts.push(`${pending.tool} -batch - <<'E'\n${pending.lines.join('\n')}\nE`);
    pending = { tool: '', lines: [] };
  };
  for (const line of TOPOLOGY_LINES) {
    const batched = /^(ip|bridge)( -n \S+)? (?!netns exec)(.*)$/.exec(line);
    if (!batched) {
      flush();
      parts.push(line);
      continue;
    }
    const tool = `${batched[1]}${batched[2] ?? ''}`;
    if (tool !== pending.tool) flush();
    pending.tool = tool;
    pending.lines.push(batched[3] as string);
  }
  flush();
  return parts.join('\n');
}
