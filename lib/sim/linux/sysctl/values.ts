/** What a sysctl takes: numbers within bounds, as proc_dointvec and its siblings read them, or text. */

/** Bounds of single numbers: net/ipv4/sysctl_net_ipv4.c, net/netfilter/nf_conntrack_standalone.c. */
const BOUNDS: readonly [RegExp, number, number][] = [
  [/^net\.ipv4\.ip_default_ttl$/, 1, 255],
  [/^net\.ipv4\.icmp_echo_ignore_(all|broadcasts)$/, 0, 1],
  [/^net\.ipv4\.fib_multipath_hash_policy$/, 0, 3],
  [/^net\.ipv4\.tcp_(syn_retries|synack_retries)$/, 1, 127],
  [/^net\.ipv4\.tcp_retries1$/, 0, 255],
  [/^net\.ipv4\.ip_unprivileged_port_start$/, 0, 65535],
  [/^net\.ipv4\.tcp_ecn$/, 0, 2],
  [/^net\.ipv4\.(ip_nonlocal_bind|tcp_timestamps|tcp_sack|tcp_window_scaling)$/, 0, 255],
  [/^net\.netfilter\.nf_conntrack_log_invalid$/, 0, 255],
  [/^net\.netfilter\.nf_conntrack_(acct|checksum|timestamp|tcp_loose|tcp_be_liberal|tcp_ignore_invalid_rst)$/, 0, 1],
  [/^net\.ipv4\.route\.min_pmtu$/, 68, 2147483647],
  [/^vm\.swappiness$/, 0, 200],
  [/^vm\.overcommit_memory$/, 0, 2],
  [/^net\.ipv6\.conf\..*\.addr_gen_mode$/, 0, 3],
];

const TEXT =
  /^(kernel\.(core_pattern|hostname|domainname|modprobe|printk_devkmsg|panic_sys_info|arch)|net\.ipv4\.(tcp_congestion_control|tcp_allowed_congestion_control|ip_local_reserved_ports|tcp_fastopen_key)|net\.core\.(default_qdisc|netdev_rss_key)|net\.netfilter\.nf_log\.|net\.ipv6\.icmp\.ratemask)/;
const READ_ONLY =
  /^(net\.netfilter\.nf_conntrack_count|net\.ipv4\.tcp_available_congestion_control|net\.ipv4\.(tcp|udp)_(ehash|hash|child_\w+)_entries|kernel\.(osrelease|ostype|version|arch|cap_last_cap|ngroups_max)|net\.mptcp\.available_\w+)$/;
const CONGESTION = ['reno', 'cubic'];

/**
 * Reads a written value the way the kernel does. `old` gives the number of fields, `unprivileged` the
 * first port that needs no privilege.
 */
export function checkValue(
  key: string,
  old: string,
  text: string,
  unprivileged: number,
): { value: string } | { errno: string } {
  if (READ_ONLY.test(key)) return { errno: 'EACCES' };
  const trimmed = text.replace(/\n+$/, '');
  if (key === 'net.ipv4.tcp_congestion_control')
    return CONGESTION.includes(trimmed.trim()) ? { value: trimmed.trim() } : { errno: 'ENOENT' };
  if (TEXT.test(key)) return { value: trimmed };
  const words = trimmed.split(/[\s]+/).filter((w) => w !== '');
  const fields = old.split('\t');
  if (words.length === 0) return { errno: 'EINVAL' };
  const values = [...fields];
  for (const [i, word] of words.slice(0, fields.length).entries()) {
    if (!/^-?(0[xX][0-9a-fA-F]+|\d+)$/.test(word)) return { errno: 'EINVAL' };
    const octal = /^-?0[0-7]+$/.test(word);
    const n = octal ? Number.parseInt(word, 8) : word.startsWith('-') ? -Number(word.slice(1)) : Number(word);
    if (n > 4294967295 || n < -2147483648) return { errno: 'EINVAL' };
    const bound = BOUNDS.find(([pattern]) => pattern.test(key));
    if (bound && (n < bound[1] || n > bound[2])) return { errno: 'EINVAL' };
    values[i] = String(n);
  }
  if (
    key === 'net.ipv4.ip_local_port_range' &&
    (Number(values[0]) > Number(values[1]) ||
      Number(values[0]) < Math.max(1, unprivileged) ||
      Number(values[1]) > 65535)
  ) {
    return { errno: 'EINVAL' };
  }
  // ipv4_ping_group_range: a range the wrong way round is none.
  if (key === 'net.ipv4.ping_group_range' && Number(values[0]) > Number(values[1])) return { value: '1\t0' };
  return { value: values.join('\t') };
}
