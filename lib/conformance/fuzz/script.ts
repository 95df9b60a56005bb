/** A random script: a network, then commands that change it, use it and show it, one in seven of them spoilt. */
import type { Step } from '../record.ts';
import type { Topic } from './action.ts';
import { addr } from './actions/addr.ts';
import { bridging, tuning } from './actions/bridge.ts';
import { ipset } from './actions/ipset.ts';
import { iptables } from './actions/iptables.ts';
import { link } from './actions/link.ts';
import { nft } from './actions/nft.ts';
import { namespace, neighbour, rule } from './actions/policy.ts';
import { route } from './actions/route.ts';
import { traffic } from './actions/traffic.ts';
import { exec, ip, Lab } from './lab.ts';
import { spoil } from './spoil.ts';
import { buildTopology } from './topology.ts';

const TOPICS: readonly Topic[] = [
  link,
  addr,
  route,
  rule,
  neighbour,
  namespace,
  bridging,
  tuning,
  iptables,
  ipset,
  nft,
  traffic,
];
const ACTIONS = 40;
const SPOILT = 0.11;

/** The same seed gives the same steps. */
export function randomScript(seed: number): Step[] {
  const lab = new Lab(seed);
  const { random } = lab;
  buildTopology(lab);
  // A seed goes deep in some topics and leaves others out.
  const topics = TOPICS.map((t) => [t.weight * random.pick([0, 0.5, 1, 1, 3]), t] as const);
  for (let n = 0; n < ACTIONS; n++) {
    const topic = random.weighted(topics);
    const from = lab.steps.length;
    random.weighted(topic.actions.map((a) => [a.weight, a] as const)).act(lab);
    for (const step of lab.steps.slice(from)) if (random.chance(SPOILT)) step.cmd = spoil(random, step.cmd);
  }
  for (const ns of lab.namespaces) {
    lab.run(`${ip(ns)} addr`);
    lab.run(`${ip(ns)} route show table all`);
    lab.run(`${exec(ns)} iptables-save -c`);
    if (random.chance(0.3)) lab.run(`${exec(ns)} nft list ruleset`);
  }
  return lab.steps;
}
