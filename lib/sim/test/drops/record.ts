/**
 * Asks the kernel why it frees packets: runs each case of cases.json in namespaces of its own and
 * reads the reason from the tracepoint skb:kfree_skb (include/trace/events/skb.h). Writes the answers beside the cases.
 * Needs root and tracefs: `npx tsx lib/sim/test/drops/record.ts [FILTER]`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DropCases, RecordedDrops } from './recorded.ts';

const dir = fileURLToPath(new URL('./', import.meta.url));
const { topologies, cases } = JSON.parse(readFileSync(`${dir}cases.json`, 'utf8')) as DropCases;
const filter = process.argv[2] ?? '';
const instance = `/sys/kernel/tracing/instances/flatnet-${process.pid}`;
const tracing = (file: string, text: string): void => writeFileSync(`${instance}/${file}`, text);

/** Freed by a timer, outside the process that sent: nothing to follow by its id. */
const BY_TIMER = ['NEIGH_FAILED', 'FRAG_REASM_TIMEOUT'];
/** Freed with their socket, or handed to a raw socket as a copy: no loss. */
const NO_LOSS =
  /^(?:QUEUE_PURGE|NOT_SPECIFIED)@(?:skb_queue_purge_reason|skb_release_data|inet_sock_destruct)|@ping_rcv$/;

async function reasonsOf(setup: readonly string[], trigger: string): Promise<Map<string, number>> {
  const script = [
    'mount -t tmpfs t /run/netns',
    'ip link set lo up',
    ...setup,
    'sleep 1.2; echo ready; read -r _',
    trigger,
  ];
  const child = spawn('unshare', ['-n', '-m', 'bash', '-c', script.join('\n')], { stdio: ['pipe', 'pipe', 'ignore'] });
  tracing('set_event_pid', String(child.pid));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => data.includes('ready') && resolve());
    child.on('close', () => resolve());
  });
  tracing('trace', '');
  tracing('events/skb/kfree_skb/enable', '1');
  child.stdin.end('\n');
  await ended;
  tracing('events/skb/kfree_skb/enable', '0');
  const counts = new Map<string, number>();
  for (const line of readFileSync(`${instance}/trace`, 'utf8').split('\n')) {
    const found = /location=(\w+)\S* reason: (\w+)/.exec(line);
    if (!found) continue;
    const name = `${found[2]}@${found[1]}`;
    if (!NO_LOSS.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

mkdirSync(instance);
try {
  tracing('options/event-fork', '1');
  const out: RecordedDrops = { kernel: release(), reasons: {} };
  for (const { name, topology, setup, trigger, reason } of cases) {
    if (!name.includes(filter)) continue;
    if (reason && BY_TIMER.includes(reason)) {
      out.reasons[name] = reason;
      continue;
    }
    const counts = await reasonsOf([...(topologies[topology] ?? []), ...setup], trigger);
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    const found = most?.[0].split('@')[0] ?? '';
    console.log(name.padEnd(28), [...counts].map(([what, n]) => `${what} ×${n}`).join('  '));
    out.reasons[name] = found;
  }
  if (filter === '') writeFileSync(`${dir}recorded.json`, `${JSON.stringify(out, null, 2)}\n`);
} finally {
  rmdirSync(instance);
}
