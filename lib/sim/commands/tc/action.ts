/** Actions of filters, and `tc actions`: m_action.c, m_mirred.c, m_gact.c of iproute2 6.1.0. */
import { linkName } from '../../linux/link/find.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import { actionsOf } from '../../linux/tc/filter-ops.ts';
import { noCounters, type TcAction } from '../../linux/tc/types.ts';
import { type Args, Exit, type Json, matches, notModelledExit, writeJson } from '../../text/iproute.ts';
import type { Tc } from './context.ts';
import { USAGE } from './help.ts';
import { countersText } from './qdisc.ts';

const GACT: Readonly<Record<string, TcAction['verdict']>> = { drop: 'drop', shot: 'drop', pass: 'pass', ok: 'pass' };
const UNMODELLED = [
  ...[
    'police',
    'skbedit',
    'bpf',
    'csum',
    'ct',
    'ctinfo',
    'connmark',
    'gate',
    'ife',
    'ipt',
    'xt',
    'mpls',
    'nat',
    'pedit',
  ],
  ...['sample', 'simple', 'skbmod', 'tunnel_key', 'vlan', 'reclassify', 'continue', 'pipe', 'goto', 'jump', 'trap'],
];

const blank = (tc: Tc) => ({ ...noCounters(), index: 0, installed: tc.world.now, used: 0 });

function mirred(tc: Tc, args: Args): TcAction {
  const from = args.at;
  const bad = (why: string): Exit => {
    const left = args.words.length - from;
    return new Exit(1, `${why}\nbad action parsing\nparse_action: bad value (${left}:mirred)!\nIllegal "action"\n`);
  };
  const way = args.next();
  if (!matches(way, 'egress') && !matches(way, 'ingress')) throw bad(`mirred option not supported ${way}`);
  const what = args.next();
  const mirror = matches(what, 'mirror');
  if (!mirror && !matches(what, 'redirect')) throw notModelledExit(`tc action mirred ${way} ${what}`);
  const key = args.next();
  if (key !== 'dev') throw notModelledExit(`tc action mirred ${key}`);
  const name = args.next();
  const link = getLink(tc.world, tc.ns, name);
  if (!link) throw bad(`Cannot find device "${name}"`);
  const ingress = matches(way, 'ingress');
  args.skip();
  const verdict = mirror ? 'pipe' : 'stolen';
  if (args.word === verdict) args.skip();
  else if (['index', 'reclassify', 'drop', 'continue', 'pass', 'pipe'].includes(args.word))
    throw notModelledExit(`tc action mirred … ${args.word}`);
  return { ...blank(tc), kind: 'mirred', verdict, dev: link.ifindex, mirror, ingress };
}

/** One action; the word after `action` is at hand, and at the end the first word after it. */
export function parseAction(tc: Tc, args: Args): TcAction {
  if (args.word === 'mirred') return mirred(tc, args);
  const word = args.word === 'gact' ? args.next() : args.word;
  const verdict = GACT[word];
  if (UNMODELLED.includes(word)) throw notModelledExit(`tc action ${word}`);
  if (!verdict) throw new Exit(255, `Bad action type ${word}\n${USAGE.gact}`);
  args.skip();
  if (args.word === 'index' || args.word === 'random') throw notModelledExit(`tc action gact ${args.word}`);
  return { ...blank(tc), kind: 'gact', verdict };
}

const target = (tc: Tc, a: TcAction): string => (a.dev ? linkName(tc.ns, a.dev) : '*');

function times(tc: Tc, a: TcAction): string {
  if (!tc.opts.stats) return '';
  const seconds = (at: number) => Math.floor((tc.world.now - at) / 1e6);
  const used = a.used === 0 ? a.installed : a.used;
  return ` installed ${seconds(a.installed)} sec used ${seconds(used)} sec`;
}

/** tc_print_action(): each of a filter's actions, numbered from `first`. */
export function actionText(tc: Tc, a: TcAction, order: number): string {
  const ids = `index ${a.index} ref 1 bind 1${times(tc, a)}\n`;
  let text = `\taction order ${order}: `;
  if (a.kind === 'mirred') {
    const way = `${a.ingress ? 'Ingress' : 'Egress'} ${a.mirror ? 'Mirror' : 'Redirect'}`;
    text += `mirred (${way} to device ${target(tc, a)}) ${a.verdict}\n\t${ids}`;
  } else text += `gact action ${a.verdict}\n\t random type none pass val 0\n\t ${ids}`;
  return tc.opts.stats ? `${text}\tAction statistics:\n${countersText(a, 0, 0, '\t')}\n` : text;
}

/** The same as JSON. */
export function actionJson(tc: Tc, a: TcAction, order: number): { [key: string]: Json } {
  if (tc.opts.stats) throw notModelledExit('tc -j -s of actions');
  const ids = { index: a.index, ref: 1, bind: 1 };
  if (a.kind === 'gact')
    return {
      order,
      kind: 'gact',
      control_action: { type: a.verdict },
      prob: { random_type: 'none', control_action: { type: 'pass' }, val: 0 },
      ...ids,
    };
  const mirred_action = a.mirror ? 'mirror' : 'redirect';
  const direction = a.ingress ? 'ingress' : 'egress';
  const control_action = { type: a.verdict };
  return { order, kind: 'mirred', mirred_action, direction, to_dev: target(tc, a), control_action, ...ids };
}

/** The object `actions`: what filters have made is listed; actions on their own are not modelled. */
export function actions(tc: Tc, words: readonly string[]): number {
  const [verb, key, kind] = words;
  const listing = verb !== undefined && ['list', 'show', 'lst', 'ls'].some((v) => matches(verb, v));
  if (verb !== undefined && matches(verb, 'help')) throw new Exit(0, USAGE.actions);
  if (
    verb !== undefined &&
    matches(verb, 'flush') &&
    key !== undefined &&
    matches(key, 'action') &&
    kind !== undefined
  ) {
    // Those that filters hold stay, and there are no others.
    if (actionsOf(tc.ns).every((a) => a.kind !== kind)) return 0;
    throw new Exit(1, 'RTNETLINK answers: Operation not permitted\nWe have an error flushing\n');
  }
  if (!listing) throw notModelledExit(`tc actions ${verb ?? ''}`.trim());
  if (key === undefined || !matches(key, 'action') || kind === undefined) throw new Exit(255, USAGE.actions);
  const found = actionsOf(tc.ns).filter((a) => a.kind === kind);
  if (found.length === 0) return 0;
  if (tc.opts.json) {
    const list = found.map((a, i) => ({ ...actionJson(tc, a, i), not_in_hw: true, used_hw_stats: ['disabled'] }));
    tc.out += `${writeJson([{ 'total acts': found.length }, { actions: list }], tc.opts.pretty)}\n`;
    return 0;
  }
  const hardware = '\tnot_in_hw\n\tused_hw_stats disabled\n';
  tc.out += `total acts ${found.length}\n`;
  found.forEach((a, i) => {
    tc.out += `\n${actionText(tc, a, i)}${hardware}`;
  });
  return 0;
}
