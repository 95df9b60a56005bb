/**
 * kube-proxy: reads its configuration once, then writes the data plane at every change of Services and EndpointSlices, no more often
 * than minSyncPeriod. Source: cmd/kube-proxy/app/{server,server_linux}.go, pkg/proxy/metaproxier, pkg/proxy/runner of 1.34.
 */
import { printErr, waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { type HttpState, httpPending, newHttpState, ownHttp, serveHttp } from '../http.ts';
import { klog } from '../node/journal.ts';
import { getObject, revision } from '../store/store.ts';
import { configText, flagConfig, type ProxyConfig, readConfig } from './config.ts';
import { cleanStaleEntries, concernsUdp } from './conntrack.ts';
import { setConntrack } from './conntrack-sysctls.ts';
import { answerHttp, type Health, listenStandard, newHealth, syncServiceHealth } from './health.ts';
import { startLines } from './log.ts';
import { count } from './metrics.ts';
import type { LocalDetector, Proxier, ProxyFamily, ProxyMode } from './mode.ts';
import { findMode, leftoversOf } from './modes.ts';
import { localDetector, ownIp } from './node-addresses.ts';
import { type Changes, follow, newTracked, type Tracked } from './service-changes.ts';
import { serviceCIDRs } from './service-cidrs.ts';
import type { ServicePort } from './service-ports.ts';
import { validateConfig } from './validate.ts';

/** All is written anew at least this often. */
const FULL_SYNC_PERIOD = 3_600_000_000;
const FAMILIES: readonly ProxyFamily[] = ['ip', 'ip6'];

/** What it remembers between two looks: plain data. */
interface Memory {
  config: ProxyConfig;
  node: string;
  tracked: Tracked;
  families: Record<ProxyFamily, FamilyMemory>;
  /** The API's revision it has seen to. */
  seen: number;
  /** When it synced last, and in full. */
  last: number;
  lastFull: number;
  /** The generation of the node's rules that its last sync left. */
  generation: number | undefined;
  /** When it syncs next without a change: after a failure, or because it is time. */
  syncAt: number;
  /** When it looks again without a change in the API. */
  until: number;
  http: HttpState;
  health: Health;
}

/** What is settled at the start for one family, and the mode's own memory. */
interface FamilyMemory {
  ip: string | null;
  detector: LocalDetector;
  mode: unknown;
  /** The ServiceCIDRs that the mode was told of last. */
  cidrs: string[];
}

const LABEL: Record<ProxyFamily, string> = { ip: 'IPv4', ip6: 'IPv6' };

/** The program on one node. */
export function* kubeProxy(proc: Proc, rest?: Memory): Program {
  const { world } = proc;
  let memory = rest;
  if (!memory) {
    const started = yield* start(proc);
    if (typeof started === 'number') return started;
    memory = started;
  }
  const mode = findMode(memory.config.mode) as ProxyMode;
  const { minSyncPeriod } = memory.config[mode.name];
  const { http } = memory;
  ownHttp(proc, http);
  let looked = rest !== undefined;
  for (;;) {
    if (!looked && (revision(world) !== memory.seen || world.now >= memory.until)) look(proc, mode, memory);
    looked = false;
    yield* serveHttp(proc, http, (tag, _method, path) => answerHttp(world, memory.health, memory, tag, path));
    const { seen, until } = memory;
    const main = { main: kubeProxy, state: memory };
    yield* waitFor(() => revision(world) !== seen || httpPending(http), until, { rest: main });
    // A change waits until a sync may be again; whoever asks in between is answered.
    const free = memory.last + minSyncPeriod;
    while (revision(world) !== seen && world.now < free) {
      yield* waitFor(() => httpPending(http), free);
      yield* serveHttp(proc, http, (tag, _method, path) => answerHttp(world, memory.health, memory, tag, path));
    }
  }
}

function proxierOf(proc: Proc, memory: Memory, family: ProxyFamily): Proxier {
  const { ip, detector, mode } = memory.families[family];
  return {
    world: proc.world,
    host: proc.host,
    ns: proc.netns,
    family,
    config: memory.config,
    detector,
    node: { name: memory.node, ip },
    memory: mode,
    metrics: memory.health.metrics,
  };
}

/** Reads the configuration, removes what other modes left, prepares the node. An exit status when it cannot. */
function* start(proc: Proc): Io<Memory | number> {
  const { world, host, netns } = proc;
  const flags = flagConfig(proc.argv);
  const text = configText(world);
  const config = text === null ? flags : readConfig(text, flags);
  if ('error' in config) return yield* failed(proc, `failed complete: ${config.error}`);
  const wrong = validateConfig(config);
  const asked = config.mode;
  const mode = findMode(asked);
  if (!mode || wrong.length > 0)
    return yield* failed(proc, `failed validate: ${wrong.length === 1 ? wrong[0] : `[${wrong.join(', ')}]`}`);
  if (mode.name === 'nftables' && config.nodePortAddresses.length === 0) config.nodePortAddresses = ['primary'];
  config.mode = mode.name;
  for (const other of leftoversOf(mode)) other.cleanup(world, host, netns);
  const name = config.hostnameOverride || host.name;
  const node = getObject(world, 'nodes', undefined, name);
  const family = (of: ProxyFamily): FamilyMemory => ({
    ip: ownIp(config, of, node),
    detector: localDetector(config, of, node),
    mode: mode.newMemory(),
    cidrs: [],
  });
  const memory: Memory = {
    config,
    node: name,
    tracked: newTracked(),
    families: { ip: family('ip'), ip6: family('ip6') },
    seen: -1,
    last: world.now,
    lastFull: Number.NEGATIVE_INFINITY,
    generation: undefined,
    syncAt: world.now,
    until: world.now,
    http: newHttpState(),
    health: newHealth(world),
  };
  listenStandard(proc, memory.http, config);
  yield* printErr(
    startLines(proc, config, {
      mode: mode.name,
      defaulted: asked === '',
      nodeIps: FAMILIES.flatMap((f) => memory.families[f].ip ?? []),
      conntrackMax: setConntrack(world, host, netns, config.conntrack),
    }),
  );
  for (const of of FAMILIES) {
    const error = mode.start?.(proxierOf(proc, memory, of)) ?? null;
    if (error === null) continue;
    return yield* failed(proc, error);
  }
  return memory;
}

/** Ends the program with an error, as its command line does. */
function* failed(proc: Proc, error: string): Io<number> {
  yield* printErr(klog(proc, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(error)}`));
  return 1;
}

/** Looks at what changed, and has the mode write it for the families that it is about. */
function look(proc: Proc, mode: ProxyMode, memory: Memory): void {
  const { world } = proc;
  const zone = getObject(world, 'nodes', undefined, memory.node)?.metadata.labels?.['topology.kubernetes.io/zone'];
  const changes = follow(world, memory.tracked, { name: memory.node, zone });
  memory.seen = revision(world);
  const due = world.now >= memory.syncAt;
  const full = changes.changed === null || world.now >= memory.lastFull + FULL_SYNC_PERIOD;
  const untouched = proc.netns.nf.generation === memory.generation;
  let synced = false;
  let fine = true;
  for (const family of FAMILIES) {
    const p = proxierOf(proc, memory, family);
    const own = memory.families[family];
    const tick = mode.tick?.(p);
    const cidrs = serviceCIDRs(world, family);
    const other = cidrs.join() !== own.cidrs.join();
    own.cidrs = cidrs;
    const { sorted, endpoints } = memory.tracked.families[family];
    const [before, after] = [changes.before[family], changes.after[family]];
    if (!due && !full && !tick?.resync && !other && before.length + after.length === 0) continue;
    synced = true;
    const changed = full ? null : changes.changed;
    const input = {
      ports: sorted,
      endpoints,
      changed,
      before,
      after: full ? sorted : after,
      untouched,
      serviceCIDRs: cidrs,
    };
    const done = mode.sync(p, input);
    noteSync(proc, memory, family, done);
    fine = done && fine;
    if (done && concernsUdp(before, after)) cleanStaleEntries(world, proc.netns, family, sorted);
  }
  noteChanges(proc, memory, changes);
  if (synced) {
    memory.generation = proc.netns.nf.generation;
    memory.last = world.now;
    if (full && fine) memory.lastFull = world.now;
    const interval = mode.maxInterval?.(memory.config) ?? FULL_SYNC_PERIOD;
    memory.syncAt = world.now + (fine ? interval : memory.config[mode.name].syncPeriod);
  }
  // What a sync has just begun to look after counts too.
  const wakes = FAMILIES.map((family) => mode.tick?.(proxierOf(proc, memory, family)).at ?? Number.POSITIVE_INFINITY);
  memory.until = Math.min(memory.syncAt, ...wakes);
}

const seconds = (world: World): number => world.epoch + world.now / 1e6;

/** What health and metrics say of a sync. */
function noteSync({ world }: Proc, { health }: Memory, family: ProxyFamily, done: boolean): void {
  const label = `{ip_family="${LABEL[family]}"}`;
  health.metrics.set(`kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds${label}`, seconds(world));
  if (!done) {
    health.queued[family] ??= world.now;
    return;
  }
  health.metrics.set(`kubeproxy_sync_proxy_rules_last_timestamp_seconds${label}`, seconds(world));
  delete health.queued[family];
  health.updated[family] = world.now;
}

/** Has health checks follow the Services that changed. */
function noteChanges(proc: Proc, memory: Memory, changes: Changes): void {
  const { health, tracked, config, node, families } = memory;
  const byName = new Map<string, ServicePort[]>();
  for (const family of FAMILIES)
    for (const s of [...changes.before[family], ...changes.after[family]]) byName.set(`${s.namespace}/${s.name}`, []);
  for (const name of byName.keys())
    byName.set(
      name,
      FAMILIES.flatMap((f) => tracked.families[f].byService.get(name) ?? []),
    );
  if (byName.size > 0) count(health.metrics, 'kubeproxy_sync_proxy_rules_service_changes_total', byName.size);
  syncServiceHealth(proc, memory.http, health, { config, node: { name: node, ip: families.ip.ip } }, byName);
}
