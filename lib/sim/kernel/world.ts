/**
 * The world as plain data: everything that a snapshot, a hash or a picture needs. Running programs (generators) live
 * beside it in the {@link import('./machine.ts').Machine}; replaying the transcript makes them anew.
 */
import type { Cluster } from '../k8s/types.ts';
import type { NetNs } from '../linux/types.ts';
import type { DirNode } from '../shell/vfs/types.ts';
import type { RngState } from './rng.ts';
import type { TraceLog } from './trace-ring.ts';

export interface World {
  seed: number;
  scenario: string;
  rng: RngState;
  /** Virtual time in whole microseconds since the scene began. */
  now: number;
  /** Unix time in seconds at now = 0. */
  epoch: number;
  hosts: Map<string, Host>;
  netns: Map<number, NetNs>;
  segments: Segment[];
  /** Link kinds that were ever made: the data path asks no device of a kind that never was. */
  linkKinds: Set<string>;
  /** A binary heap by time and id. */
  timers: Timer[];
  /** Frames between one device and the next. */
  backlog?: number;
  /** When a carrier last changed: the kernel tells of it with a delay. */
  carrierChanged: number;
  /** Devices not yet told of their carrier, and when all of them will be: net/core/link_watch.c. */
  linkwatch: { next: number; armed: boolean; pending: { ns: number; dev: number }[] };
  /** Counters for ids that must be unique in the world. */
  next: { timer: number; netns: number; packet: number; socket: number; capture: number; container: number };
  trace: TraceLog;
  cluster: Cluster | null;
}

/** A layer-2 network between hosts: a switch that learns nothing wrong and delays each frame by `delay` µs. */
export interface Segment {
  id: number;
  name: string;
  delay: number;
  mtu: number;
  ports: { ns: number; ifindex: number }[];
}

export interface Host {
  name: string;
  /** Its initial network namespace. */
  rootNs: number;
  /** Root file system of the host. */
  fs: DirNode;
  nextPid: number;
  /** Processes by pid: what ps shows. */
  processes: Map<number, ProcessInfo>;
  /** Loaded modules, in order of loading. */
  modules: Set<string>;
  /** kernel release, machine: uname. */
  kernel: string;
  cpus: number;
  /** `nf_tables` or `legacy`: what `iptables -V` says. */
  iptables: 'nf_tables' | 'legacy';
  /** Namespace ids that belong to it (root, named, Pods'). */
  namespaces: number[];
  /** Kernel ring buffer: dmesg. */
  dmesg: { at: number; text: string }[];
  /** What systemd's units wrote: journalctl. Bounded; absent where no systemd runs. */
  journal?: JournalEntry[];
  /** Containers the runtime has made, by id, in order of creation. */
  containers: Map<string, Container>;
  /** Images the runtime has, by full reference. */
  images: Map<string, { size: number; digest: string }>;
  /** `kern.*`, `vm.*` sysctls that are not per namespace. */
  sysctl: Map<string, string>;
}

/** One line of the journal. */
export interface JournalEntry {
  /** Virtual microseconds. */
  at: number;
  unit: string;
  /** Name and pid of the program that wrote it. */
  program: string;
  pid: number;
  text: string;
}

/** A container as the runtime keeps it. A Pod's sandbox is one, too (name `POD`). */
export interface Container {
  id: string;
  name: string;
  namespace: string;
  pod: string;
  podUid: string;
  image: string;
  netns: number;
  root: DirNode;
  hostname: string;
  env: [string, string][];
  /** Process of its program on the host. */
  pid: number;
  /** Virtual microseconds. */
  started: number;
  /** What it wrote: `kubectl logs`. Bounded. */
  log: LogLine[];
  /** What it wrote after its last whole line, by stream. */
  partial: { stdout: string; stderr: string };
  /** How many of its name in its Pod were there before it. */
  attempt: number;
  /** A sandbox's addresses, as its network plugin gave them; a container's stay empty. */
  ips: string[];
  /** How it ended; null while it runs. */
  exited: ContainerExit | null;
}

export interface LogLine {
  /** Virtual microseconds. */
  at: number;
  stream: 'stdout' | 'stderr';
  text: string;
}

export interface ContainerExit {
  /** Virtual microseconds. */
  at: number;
  /** As a shell has it: 128 + signal number for one that a signal ended. */
  status: number;
  /** Why it never ran, as the runtime says it. */
  error?: string;
}

export interface ProcessInfo {
  pid: number;
  ppid: number;
  argv: string[];
  uid: number;
  netns: number;
  /** Container id when it runs in one. */
  container: string;
  tty: number;
  state: 'R' | 'S' | 'Z';
  started: number;
  exit: number | null;
  /** Ended by a signal, not by itself: shells tell of it. */
  signalled?: boolean;
}

/** A pending kernel event: plain data, dispatched by `kind` to the handler registered for it. */
export interface Timer {
  id: number;
  at: number;
  kind: string;
  data: unknown;
}
