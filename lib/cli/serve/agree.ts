/**
 * Two clients that must agree: each command line is run by the real kubectl over HTTP and by the modelled one. Lines that only read are
 * run on one world whose clock stands still and compared to the letter; lines that write are run on two equal worlds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { runStep, Session } from '#sim/index.ts';
import { LiveWorld } from './live.ts';
import { type Outcome, RealClient } from './real-client.ts';
import { apiServer } from './server.ts';

const FOLDER = fileURLToPath(new URL('./agree', import.meta.url));

const line = z.union([
  z.string(),
  z.strictObject({
    cmd: z.string(),
    stdin: z.string().optional(),
    /** Why the two may differ: a known difference of versions, or something that is not the client's. */
    differs: z.string().optional(),
  }),
]);

const script = z.strictObject({
  scenario: z.string().default('flannel-vxlan'),
  /** Lines that write; virtual seconds that pass after each. */
  writes: z.boolean().default(false),
  pause: z.number().default(3),
  /** Whether clients reckon ages by their own clocks here, so that only what stands around them can agree. */
  ages: z.boolean().default(false),
  /** Run first, on every world, by the modelled client. */
  setup: z.array(z.string()).default([]),
  commands: z.array(line),
});

export interface Pair {
  cmd: string;
  real: Outcome;
  model: Outcome;
  differs: string | undefined;
}

export const agreeScripts = (): string[] =>
  readdirSync(FOLDER)
    .filter((f) => f.endsWith('.yaml'))
    .sort();

/** What two worlds, or two moments, may have different: names drawn by chance, uids, versions, ages, temporary paths. */
function normalise(text: string): string {
  return text
    .replace(/^([IWE])\d{4} [\d:.]+ +\d+ /gm, '$1 ')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID')
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/(resourceVersion"?: )"?\d+"?/g, '$1RV')
    .replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-RAND')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME')
    .replace(/\b(?:\d+[smhdy]){1,2}\b/g, 'AGE')
    .replace(/\/tmp\/[\w./-]+/g, 'TMP')
    .replace(/ {2,}/g, '  ')
    .replace(/-{5,}/g, '-----');
}

const exact = (o: Outcome): Outcome => o;
const loose = (o: Outcome): Outcome => ({ ...o, stdout: normalise(o.stdout), stderr: normalise(o.stderr) });

async function listen(world: LiveWorld): Promise<{ server: Server; port: number }> {
  const server = apiServer(world);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

function model(world: LiveWorld, cmd: string, stdin: string | undefined): Outcome {
  const { stdout, stderr, exit } = runStep(world.session.machine, { cmd, ...(stdin === undefined ? {} : { stdin }) });
  return { stdout, stderr, exit };
}

/** Runs one script with both clients. */
export async function agree(file: string, client: string): Promise<Pair[]> {
  const { scenario, writes, pause, ages, setup, commands } = script.parse(
    parse(readFileSync(`${FOLDER}/${file}`, 'utf8')),
  );
  const open = (): LiveWorld => {
    const world = new LiveWorld(Session.open(scenario, 1), { still: true });
    for (const cmd of setup) model(world, cmd, undefined);
    world.pass(pause * 1e6);
    return world;
  };
  const served = open();
  const own = writes ? open() : served;
  const kubeconfig = model(own, 'cat /root/.kube/config', undefined).stdout;
  const { server, port } = await listen(served);
  const real = new RealClient(client, port, kubeconfig);
  const shown = writes || ages ? loose : exact;
  const pairs: Pair[] = [];
  try {
    for (const entry of commands) {
      const { cmd, stdin, differs } =
        typeof entry === 'string' ? { cmd: entry, stdin: undefined, differs: undefined } : entry;
      // A client that waits for the world needs time to pass there meanwhile.
      const clock = writes ? setInterval(() => served.pass(50_000), 10) : null;
      const theirs = await real.run(cmd, stdin);
      if (clock) clearInterval(clock);
      const ours = model(own, cmd, stdin);
      if (writes) for (const world of [served, own]) world.pass(pause * 1e6);
      pairs.push({ cmd, real: shown(theirs), model: shown(ours), differs });
    }
  } finally {
    server.close();
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    real.close();
  }
  return pairs;
}
