import type { DirNode } from '../shell/vfs/types.ts';
import { seedRng } from './rng.ts';
import { TraceLog } from './trace-ring.ts';
import type { Host, Segment, World } from './world.ts';

/** Virtual time zero of every scene: 2026-01-15 09:00:00 UTC. */
export const SCENE_EPOCH = 1_768_467_600;

/** A world without hosts. */
export const createWorld = (scenario: string, seed: number): World => ({
  seed,
  scenario,
  rng: seedRng(seed),
  now: 0,
  epoch: SCENE_EPOCH,
  hosts: new Map(),
  netns: new Map(),
  segments: [],
  linkKinds: new Set(),
  timers: [],
  backlog: 0,
  carrierChanged: Number.NEGATIVE_INFINITY,
  linkwatch: { next: Number.NEGATIVE_INFINITY, armed: false, pending: [] },
  next: { timer: 1, netns: 1, packet: 1, socket: 1, capture: 1, container: 1 },
  trace: new TraceLog(),
  cluster: null,
});

/** A host without namespaces; the caller gives it a root one ({@link Host.rootNs}). */
export const createHost = (world: World, name: string, fs: DirNode): Host => {
  const host: Host = {
    name,
    rootNs: 0,
    fs,
    nextPid: 1000,
    processes: new Map(),
    modules: new Set(),
    kernel: '6.18.0',
    cpus: 2,
    iptables: 'nf_tables',
    namespaces: [],
    containers: new Map(),
    images: new Map(),
    dmesg: [],
    sysctl: new Map(),
  };
  world.hosts.set(name, host);
  return host;
};

/** A layer-2 network that NICs can be plugged into. `delay` in µs a frame. */
export const createSegment = (world: World, name: string, delay: number, mtu = 1500): Segment => {
  const segment: Segment = { id: world.segments.length + 1, name, delay, mtu, ports: [] };
  world.segments.push(segment);
  return segment;
};
