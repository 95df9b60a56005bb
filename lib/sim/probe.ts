/**
 * Sends one flow through the data plane and says what became of it: what `flatnet trace`, reachability checks and the
 * matrix use. The probe is a real program (ping, nc) started where the flow begins.
 */
import { formatIp, type Ip, parseIp } from './addr/ip.ts';
import { hostEnvironment } from './environment.ts';
import { sendFlow } from './flow.ts';
import { findPod, findService, podSpawnOptions } from './k8s/lookup.ts';
import type { Machine, SpawnOptions } from './kernel/machine.ts';
import type { FileDesc } from './kernel/process.ts';
import type { TraceEvent } from './kernel/trace.ts';
import type { NetNs } from './linux/types.ts';
import { drain } from './run-steps.ts';

/** `ns/pod`, a host's name, or `host:netns` for a named namespace. */
export type ProbeSource = string;
/** `ns/pod`, `ns/service` or an address. */
export type ProbeTarget = string;

export interface ProbeResult {
  reached: boolean;
  /** What the program printed on stderr or stdout when it failed. */
  output: string;
  target: string;
  /** Every step of every packet of the flow, replies included. */
  events: TraceEvent[];
}

export type ProbeError = { error: string };

interface Protocol {
  name: 'ICMP' | 'TCP' | 'UDP' | 'SCTP';
  port: number;
}

/** `ICMP`, `TCP/80`, `UDP/53`, `SCTP/7777`. Null when it is none of them. */
export function parseProtocol(text: string): Protocol | null {
  if (text.toUpperCase() === 'ICMP') return { name: 'ICMP', port: 0 };
  const m = /^(TCP|UDP|SCTP)\/(\d{1,5})$/.exec(text.toUpperCase());
  if (!m || Number(m[2]) < 1 || Number(m[2]) > 65535) return null;
  return { name: m[1] as 'TCP' | 'UDP' | 'SCTP', port: Number(m[2]) };
}

/** Where a source's programs run. */
export function sourceOptions(machine: Machine, source: ProbeSource): Omit<SpawnOptions, 'argv'> | ProbeError {
  const { world } = machine;
  if (source.includes('/')) {
    const [ns = '', name = ''] = source.split('/');
    return podSpawnOptions(machine, ns, name) ?? { error: `no running pod ${source}` };
  }
  const [hostName = '', nsName] = source.split(':');
  const host = world.hosts.get(hostName);
  if (!host) return { error: `no host ${hostName}` };
  if (nsName === undefined) return { host };
  const netns = namedNetns(machine, hostName, nsName);
  return netns ? { host, netns } : { error: `no network namespace ${nsName} on ${hostName}` };
}

function namedNetns(machine: Machine, host: string, name: string): NetNs | null {
  const run = machine.world.hosts.get(host)?.fs.entries.get('run');
  const dir = run?.type === 'dir' ? run.entries.get('netns') : undefined;
  const node = dir?.type === 'dir' ? dir.entries.get(name) : undefined;
  return node?.type === 'netns' ? (machine.world.netns.get(node.netns) ?? null) : null;
}

/** The address of a target, or why there is none. */
export function targetAddress(machine: Machine, target: ProbeTarget): Ip | ProbeError | string {
  if (!target.includes('/')) return target;
  const [ns = '', name = ''] = target.split('/');
  const pod = findPod(machine, ns, name);
  if (pod) return pod.ip;
  const service = findService(machine, ns, name);
  return service ?? { error: `no pod or service ${target}` };
}

const ARGS = {
  ICMP: (to: string) => ['ping', '-n', '-c', '1', '-W', '2', to],
  TCP: (to: string, port: number) => ['nc', '-n', '-z', '-w', '3', to, String(port)],
  UDP: (to: string, port: number) => ['nc', '-n', '-u', '-z', '-w', '1', to, String(port)],
} as const;

/** Sends the flow. Virtual time passes as the program takes it (at most 10 s). */
export function probe(
  machine: Machine,
  source: ProbeSource,
  target: ProbeTarget,
  protocol: Protocol,
): ProbeResult | ProbeError {
  const from = sourceOptions(machine, source);
  if ('error' in from) return from;
  const address = targetAddress(machine, target);
  if (typeof address === 'object') return address;
  const to = typeof address === 'string' ? address : formatIp(address);
  const since = machine.world.trace.nextSeq;
  if (protocol.name === 'SCTP') return probeSctp(machine, from, to, protocol.port);
  const out: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const proc = machine.spawn({
    env: hostEnvironment(),
    cwd: '/',
    tty: null,
    ...from,
    argv: ARGS[protocol.name](to, protocol.port),
    fds: new Map<number, FileDesc>([
      [0, { kind: 'null' }],
      [1, out],
      [2, out],
    ]),
  });
  if (!proc) return { error: 'too many processes' };
  drain(machine, proc, { maxTime: 10_000_000, maxSteps: 200_000, maxOutput: 100_000 });
  return {
    reached: proc.status === 0,
    output: out.chunks.join(''),
    target: to,
    events: flowEvents(machine, since, to),
  };
}

/** SCTP has no program of the model's that tries a port: the association is made straight from a socket. */
function probeSctp(
  machine: Machine,
  from: Omit<SpawnOptions, 'argv'>,
  to: string,
  port: number,
): ProbeResult | ProbeError {
  const ip = parseIp(to);
  const ns = from.netns ?? machine.world.netns.get(from.host?.rootNs ?? 0);
  if (ip === null || !ns) return { error: `no address ${to}` };
  const since = machine.world.trace.nextSeq;
  const { delivered, answered, error } = sendFlow(machine, ns, 'SCTP', ip, port);
  const reached = delivered !== null && answered && error === null;
  return { reached, output: error ?? '', target: to, events: flowEvents(machine, since, to) };
}

/** The events of the probe's own packets: those that name the target on one side, and what answers them. */
function flowEvents(machine: Machine, since: number, to: string): TraceEvent[] {
  const events = machine.world.trace.since(since);
  const touched = new Set(events.filter((e) => e.header.dst === to || e.header.src === to).map((e) => e.pkt));
  return events.filter((e) => touched.has(e.pkt));
}
