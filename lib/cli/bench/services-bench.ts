/** kube-proxy's iptables rules for 10 to 10,000 Services: loading, showing, changing them, and the first packet through. */
import { ConnectMeter } from '#sim/index.ts';
import { type Context, rounds } from './context.ts';
import { KernelShell, kernelConnects, startListeners } from './kernel.ts';
import { heapMb, Model, type Timed } from './model.ts';
import { clusterIp, deltaTable, fullTable, liveServices, partialTable } from './services.ts';
import { rowOf } from './stats.ts';
import { TOPOLOGY_SCRIPT } from './topology.ts';

const SIZES = [10, 100, 1000, 10_000];
const NODE = 'ip netns exec n1';
const EMPTY = '*nat\nCOMMIT\n';
const PODS = ['p22', 'p32', 'p23'];
const PLACES = ['first', 'middle', 'last'];
/** Goals stand for 10,000 Services; fewer have no goal of their own. */
const GOAL = { restore: 300, save: 100, list: 100, 'list-chain': null, 'add-delta': 0.5, 'add-partial': null } as const;
const FIRST_PACKET_GOAL = 20;
const ROUNDS = 5;
const BUDGET = 40_000;
const CONNECTS = 300;

type Work = keyof typeof GOAL;

const WHAT: Record<Work, string> = {
  restore: 'iptables-restore of the whole text',
  save: 'iptables-save -t nat',
  list: 'iptables -t nat -L -n',
  'list-chain': 'iptables -t nat -L KUBE-SERVICES -n',
  'add-delta': 'one Service more by --noflush, its own rules only',
  'add-partial': 'one Service more by --noflush, KUBE-SERVICES whole',
};

class Times {
  readonly ours: number[] = [];
  readonly cpu: number[] = [];
  readonly kernel: number[] = [];

  take(ran: Timed): string {
    this.ours.push(ran.ms);
    this.cpu.push(ran.cpu);
    return ran.stdout;
  }
}

/** Text that must be equal on both sides; dates stand in comments. */
function compare(what: string, ours: string, kernel: string): void {
  const lines = (text: string) => text.split('\n').filter((l) => !l.startsWith('#'));
  const [a, b] = [lines(ours), lines(kernel)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) throw new Error(`${what} differs at line ${i + 1}:\n  ours:   ${a[i]}\n  kernel: ${b[i]}`);
  }
}

async function ask(kernel: KernelShell, cmd: string, stdin?: string): Promise<{ ms: number; stdout: string }> {
  const ran = await kernel.run(`${NODE} ${cmd}`, stdin);
  if (ran.exit !== 0) throw new Error(`the kernel's ${cmd}: ${ran.stderr}`);
  return ran;
}

async function both(
  times: Times,
  model: Model,
  kernel: KernelShell | null,
  cmd: string,
  stdin?: string,
): Promise<void> {
  const ours = times.take(model.run(`${NODE} ${cmd}`, stdin));
  if (!kernel) return;
  const ran = await ask(kernel, cmd, stdin);
  times.kernel.push(ran.ms);
  if (stdin === undefined) compare(cmd, ours, ran.stdout);
}

async function loadAndShow(c: Context, model: Model, kernel: KernelShell | null, count: number): Promise<void> {
  const text = fullTable(count);
  const times: Record<string, Times> = {};
  const at = (work: Work) => (times[work] ??= new Times());
  const most = count === 10 ? 1 : ROUNDS;
  await rounds(most, BUDGET, async () => {
    model.run(`${NODE} iptables-restore`, EMPTY);
    if (kernel) await kernel.run(`${NODE} iptables-restore`, EMPTY);
    await both(at('restore'), model, kernel, 'iptables-restore', text);
    if (c.wants(`save-${count}`)) await both(at('save'), model, kernel, 'iptables-save -t nat');
    if (c.wants(`list-${count}`)) await both(at('list'), model, kernel, 'iptables -t nat -L -n');
    if (c.wants(`list-chain-${count}`))
      await both(at('list-chain'), model, kernel, 'iptables -t nat -L KUBE-SERVICES -n');
  });
  if (count > 10) report(c, times, count);
}

function report(c: Context, times: Record<string, Times>, count: number): void {
  for (const [work, t] of Object.entries(times)) {
    const name = `${work}-${count}`;
    if (!c.wants(name)) continue;
    const what = `${WHAT[work as Work]}, ${count.toLocaleString('en')} Services`;
    const goal = count === 10_000 ? GOAL[work as Work] : null;
    c.add(rowOf({ name, what, unit: 'ms', goal }, t.ours, t.kernel, t.cpu));
  }
}

async function firstPackets(c: Context, model: Model, kernel: KernelShell | null, count: number): Promise<void> {
  const meter = new ConnectMeter(
    model.machine,
    () => performance.now(),
    'node:p12',
    PODS.map((p) => `node:${p}`),
    8080,
  );
  try {
    for (const [i, service] of liveServices(count).entries()) {
      const ip = clusterIp(service);
      const name = `-${PLACES[i]}-${count}`;
      if (!c.wants(`first-packet${name}`) && !c.wants(`connect${name}`)) continue;
      const first: number[] = [];
      const connect: number[] = [];
      for (let k = 0; k < CONNECTS * 2; k++) {
        const took = meter.connect(ip, 80);
        if (k < CONNECTS) continue;
        first.push(took.first * 1000);
        connect.push(took.connect * 1000);
      }
      const theirs = kernel ? await kernelConnects(kernel, 'p12', ip, CONNECTS) : null;
      const what = `the ${PLACES[i]} of ${count.toLocaleString('en')} Services, traced`;
      if (c.wants(`first-packet${name}`))
        c.add(
          rowOf({ name: `first-packet${name}`, what: `SYN to ${what}`, unit: 'µs', goal: FIRST_PACKET_GOAL }, first),
        );
      if (c.wants(`connect${name}`))
        c.add(
          rowOf({ name: `connect${name}`, what: `TCP connect to ${what}`, unit: 'µs', goal: null }, connect, theirs),
        );
    }
  } finally {
    meter.close();
  }
}

async function additions(c: Context, model: Model, kernel: KernelShell | null, count: number): Promise<void> {
  const times: Record<string, Times> = {};
  let next = count;
  for (const [work, table, most] of [
    ['add-delta', deltaTable, 25],
    ['add-partial', partialTable, 3],
  ] as const) {
    if (!c.wants(`${work}-${count}`)) continue;
    const t = (times[work] = new Times());
    // Ours first: a kernel's round in between takes a hundred times as long and leaves cold caches behind.
    const tables: string[] = [];
    await rounds(most, BUDGET, () => {
      tables.push(table(next++));
      t.take(model.run(`${NODE} iptables-restore --noflush`, tables.at(-1)));
    });
    if (kernel) for (const text of tables) t.kernel.push((await ask(kernel, 'iptables-restore --noflush', text)).ms);
  }
  if (next === count) return;
  report(c, times, count);
  if (kernel) {
    // Policies have counted the connections made in between, more on one side than on the other.
    const uncounted = (text: string) => text.replace(/^(:\S+ ACCEPT) \[.*/gm, '$1');
    const saved = (await kernel.run(`${NODE} iptables-save -t nat`)).stdout;
    const ours = model.run(`${NODE} iptables-save -t nat`).stdout;
    compare('iptables-save after the additions', uncounted(ours), uncounted(saved));
  }
}

const ROWS = Object.keys(GOAL) as Work[];

export async function servicesBench(c: Context): Promise<void> {
  const wanted = (n: number) =>
    [
      ...ROWS.map((w) => `${w}-${n}`),
      ...PLACES.flatMap((p) => [`first-packet-${p}-${n}`, `connect-${p}-${n}`]),
      `memory-services-${n}`,
    ].some((name) => c.wants(name));
  const sizes = SIZES.filter(wanted);
  if (sizes.length === 0) return;
  const base = heapMb();
  const model = new Model();
  model.run(TOPOLOGY_SCRIPT);
  const empty = heapMb();
  const kernel = c.kernel ? await KernelShell.open() : null;
  try {
    let listening = false;
    if (kernel) {
      await kernel.run(TOPOLOGY_SCRIPT);
      listening = await startListeners(kernel, PODS);
      if (!listening) c.say('no python3: the kernel is not asked for connections');
    }
    for (const count of sizes) {
      c.say(`${count} Services × 3`);
      await loadAndShow(c, model, kernel, count);
      if (c.wants(`memory-services-${count}`)) {
        const what = `heap of the rules of ${count.toLocaleString('en')} Services (nodes and Pods: ${(empty - base).toFixed(1)} MB)`;
        c.add(rowOf({ name: `memory-services-${count}`, what, unit: 'MB', goal: null }, [heapMb() - empty]));
      }
      await firstPackets(c, model, listening ? kernel : null, count);
      if (count > 10) await additions(c, model, kernel, count);
    }
  } finally {
    await kernel?.close();
  }
}
