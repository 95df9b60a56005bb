/** Versions of the kernel and of the tools a recording was made with: only equal ones are compared. */
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import recordings from '#sim/test/oracle/versions.json' with { type: 'json' };
import type { Versions } from '#sim/test/replay.ts';

/** How each tool is asked for its version, and where its answer has it. */
const ASK: Record<string, [cmd: string, pattern: RegExp]> = {
  arping: ['arping --help 2>&1', /ARPing ([\d.]+)/],
  bash: ['bash --version', /version (\d+\.\d+)/],
  bridge: ['ip -V', /iproute2-([\d.]+)/],
  cni: ['CNI_COMMAND=VERSION /usr/lib/cni/bridge </dev/null', /"([\d.]+)"\]/],
  conntrack: ['conntrack -V', /v([\d.]+)/],
  curl: ['curl -V', /curl ([\d.]+)/],
  dig: ['dig -v 2>&1', /DiG (\d+\.\d+)/],
  ip: ['ip -V', /iproute2-([\d.]+)/],
  ipset: ['ipset -v', /v([\d.]+)/],
  iptables: ['iptables -V', /v(.*)/],
  ip6tables: ['ip6tables -V', /v(.*)/],
  ipvsadm: ['ipvsadm -v', /v([\d.]+)/],
  jq: ['jq -V', /jq-([\d.]+)/],
  nc: ['nc -h 2>&1', /patchlevel ([\d.]+)/],
  ncat: ['ncat --version 2>&1', /Version ([\d.]+)/],
  nft: ['nft -v', /v([\d.]+)/],
  ping: ['ping -V', /iputils (\d+)/],
  ss: ['ss -V', /iproute2-([\d.]+)/],
  sysctl: ['sysctl -V', /procps-ng (\d+\.\d+)/],
  tc: ['tc -V', /iproute2-([\d.]+)/],
  tcpdump: ['tcpdump --version 2>&1', /tcpdump version ([\d.]+)/],
  tracepath: ['tracepath -V', /iputils (\d+)/],
  traceroute: ['traceroute -V 2>&1', /version ([\d.]+)/],
  wg: ['wg --version', /v([\d.]+)/],
};

/** Those of this machine; tools that are not there are left out. */
export function versionsHere(): Versions {
  const tools: Record<string, string> = {};
  for (const [tool, [cmd, pattern]] of Object.entries(ASK)) {
    const { stdout } = spawnSync('bash', ['-c', cmd], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = pattern.exec(stdout ?? '')?.[1];
    if (version) tools[tool] = version.trim();
  }
  return { kernel: release(), tools };
}

/** `6.18` of `6.18.44-amd64`: within a series the kernel's answers stay. */
const series = (kernel: string): string => /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel;

/**
 * What keeps a recording that uses `used` tools from being compared with this machine, in words; empty when nothing.
 */
export function versionDifferences(recorded: Versions, here: Versions, used: Iterable<string>): string[] {
  const found: string[] = [];
  if (series(recorded.kernel) !== series(here.kernel)) found.push(`kernel ${recorded.kernel}, here ${here.kernel}`);
  for (const tool of new Set(used)) {
    const [then, now] = [recorded.tools[tool], here.tools[tool]];
    if (then !== undefined && then !== now) found.push(`${tool} ${then}, here ${now ?? 'missing'}`);
  }
  return found;
}

/** Why this machine does not stand for the one whose answers the engine models; empty when it does. */
export function otherMachine(here: Versions = versionsHere()): string[] {
  const modelled = (recordings as unknown as Versions[]).at(-1) as Versions;
  return versionDifferences(modelled, here, Object.keys(modelled.tools));
}

export { versionsOf } from '#sim/test/replay.ts';
