/** `ip monitor`: ip/ipmonitor.c. Events come from {@link subscribe}. */
import type { Program } from '../../kernel/process.ts';
import { type NlEvent, subscribe, unsubscribe } from '../../linux/notify.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { Args, Exit, invarg, matches, Printer } from '../../text/iproute.ts';
import { print, waitFor } from '../io.ts';
import { printAddress } from './addr-print.ts';
import type { Ip } from './context.ts';
import { printLink } from './link-print.ts';
import { printNeighbour } from './neigh.ts';
import { printNetconfKey } from './netconf.ts';
import { namedNetns } from './netns.ts';
import { printRoute } from './route-print.ts';
import { printRule } from './rule.ts';
import { stamp } from './timestamp.ts';
import { MORE_USAGE } from './usage-more.ts';

type Kind = NlEvent['kind'];

/** Words for the groups; those without a kind never tell of anything here. */
const OBJECTS: readonly [string, Kind | null][] = [
  ['link', 'link'],
  ['address', 'addr'],
  ['nexthop', 'nexthop'],
  ['route', 'route'],
  ['mroute', null],
  ['prefix', null],
  ['neigh', 'neigh'],
  ['netconf', 'netconf'],
  ['rule', 'rule'],
  ['nsid', 'nsid'],
  ['stats', null],
];

const LABELS: Readonly<Record<Kind, string>> = {
  link: '[LINK]',
  addr: '[ADDR]',
  route: '[ROUTE]',
  neigh: '[NEIGH]',
  rule: '[RULE]',
  nexthop: '[NEXTHOP]',
  netconf: '[NETCONF]',
  nsid: '[NSID]',
};

interface Asked {
  kinds: Set<Kind>;
  label: boolean;
  dev: number;
}

function parse(ip: Ip, words: readonly string[]): Asked {
  const kinds = new Set<Kind>();
  let label = false;
  let some = false;
  let allNsid = false;
  let dev = 0;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'file')) {
      const name = args.next();
      const found = vfsOf(ip.proc).stat(name);
      if (!found.ok) throw new Exit(255, 'Cannot fopen: No such file or directory\n');
      throw new Exit(64, 'flatnet: not modelled: ip monitor file\n');
    }
    if (matches(word, 'label')) label = true;
    else if (matches(word, 'all')) label = true;
    else if (matches(word, 'all-nsid')) allNsid = true;
    else if (matches(word, 'help')) throw new Exit(255, MORE_USAGE.monitor);
    else if (word === 'dev') {
      const name = args.next();
      const link = [...ip.ns.links.values()].find((l) => l.name === name);
      if (!link) throw invarg('Device does not exist\n', name);
      dev = link.ifindex;
    } else {
      const object = OBJECTS.find(([name]) => matches(word, name));
      if (!object) throw new Exit(255, `Argument "${word}" is unknown, try "ip monitor help".\n`);
      some = true;
      if (object[1]) kinds.add(object[1]);
    }
  }
  if (allNsid) throw new Exit(64, 'flatnet: not modelled: ip monitor all-nsid\n');
  if (!some) for (const [, kind] of OBJECTS) if (kind) kinds.add(kind);
  return { kinds, label, dev };
}

const familyOf = (event: NlEvent): 0 | 4 | 6 => {
  if (event.kind === 'addr') return typeof event.address.local === 'bigint' ? 6 : 4;
  if (event.kind === 'route') return typeof event.route.dst.ip === 'bigint' ? 6 : 4;
  if (event.kind === 'neigh') return typeof event.entry.ip === 'bigint' ? 6 : 4;
  return event.kind === 'rule' || event.kind === 'netconf' ? event.family : 0;
};

const deviceOf = (event: NlEvent): number => {
  switch (event.kind) {
    case 'link':
      return event.link.ifindex;
    case 'addr':
      return event.ifindex;
    case 'route':
      return event.route.nexthops[0]?.dev ?? 0;
    case 'neigh':
      return event.entry.dev;
    case 'nexthop':
      return event.dev;
    default:
      return 0;
  }
};

/** The print functions of the objects, for one event. */
function render(ip: Ip, p: Printer, event: NlEvent, asked: Asked): void {
  switch (event.kind) {
    case 'link':
      printLink(ip, p, event.link, {
        doLink: false,
        linkLayer: true,
        event: { flags: event.flags, state: event.state, gone: event.deleted },
      });
      break;
    case 'addr':
      if (!ip.opts.oneline && !ip.opts.brief) p.fp(`${event.ifindex}: ${event.dev}`);
      printAddress(ip, p, { ifindex: event.ifindex, name: event.dev }, event.address);
      break;
    case 'route':
      printRoute(ip, p, event.route, { dev: asked.dev !== 0 });
      break;
    case 'neigh':
      printNeighbour(ip, p, event.entry, asked.dev !== 0);
      break;
    case 'rule':
      printRule(ip, p, event.rule, event.family);
      break;
    case 'nexthop':
      p.fp(event.text);
      break;
    case 'netconf':
      printNetconfKey(ip, p, event.dev, event.family, event.key);
      break;
    case 'nsid': {
      const name = namedNetns(ip).find((n) => n.netns === event.netns)?.name;
      p.fp(`nsid ${event.id} ${name === undefined ? '' : `(iproute2 netns name: ${name})`}\n`);
      break;
    }
  }
}

/** One event's lines. */
function lines(ip: Ip, event: NlEvent, asked: Asked): string {
  const p = new Printer(false, ip.opts.oneline, ip.opts.colour);
  const when = stamp(ip);
  p.fp(when);
  if (asked.label) p.fp(LABELS[event.kind]);
  if (event.deleted) p.fp('Deleted ');
  render(ip, p, event, asked);
  return p.text;
}

function wanted(ip: Ip, event: NlEvent, asked: Asked): boolean {
  if (!asked.kinds.has(event.kind)) return false;
  if (asked.dev && deviceOf(event) !== asked.dev) return false;
  const family = familyOf(event);
  if (event.kind === 'link' || family === 0) return true;
  return ip.opts.family === 0 || ip.opts.family === family;
}

/** `ip monitor …`: until it is stopped. */
export function* monitor(ip: Ip, words: readonly string[]): Program {
  const asked = parse(ip, words);
  const queue = subscribe(ip.ns);
  try {
    for (;;) {
      yield* waitFor(() => queue.length > 0);
      const event = queue.shift();
      if (event && wanted(ip, event, asked)) yield* print(lines(ip, event, asked));
    }
  } finally {
    unsubscribe(ip.ns, queue);
  }
}
