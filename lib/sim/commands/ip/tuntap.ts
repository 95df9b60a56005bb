/** `ip tuntap`: ip/iptuntap.c. */
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { addLink, deleteLink, validLinkName } from '../../linux/link/ops.ts';
import { type TunData, tunOf } from '../../linux/link/tun.ts';
import { Args, duparg2, Exit, getUnsigned, invarg, matches, STRERROR, writeJson } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { MORE_USAGE } from './usage-more.ts';

interface Asked extends Omit<TunData, 'mode' | 'type'> {
  name: string;
  mode: TunData['mode'] | null;
}

/** Names of root's own ids; other accounts are given by number. */
function idOf(word: string, what: 'user' | 'group'): number {
  const id = word === 'root' ? 0 : getUnsigned(word);
  if (id === null) throw new Exit(255, `invalid ${what} "${word}"\n`);
  return id;
}

function parse(words: readonly string[]): Asked {
  const asked: Asked = {
    name: '',
    mode: null,
    pi: false,
    vnetHdr: false,
    multiQueue: false,
    oneQueue: false,
    user: null,
    group: null,
  };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'mode')) {
      const mode = args.next();
      if (asked.mode) throw new Exit(255, 'You managed to ask for more than one tunnel mode.\n');
      if (!matches(mode, 'tun') && !matches(mode, 'tap')) throw new Exit(255, `Unknown tunnel mode "${mode}"\n`);
      asked.mode = matches(mode, 'tun') ? 'tun' : 'tap';
    } else if (word === 'user') asked.user = idOf(args.next(), 'user');
    else if (word === 'group') asked.group = idOf(args.next(), 'group');
    else if (word === 'pi') asked.pi = true;
    else if (word === 'one_queue') asked.oneQueue = true;
    else if (word === 'vnet_hdr') asked.vnetHdr = true;
    else if (word === 'multi_queue') asked.multiQueue = true;
    else {
      const name = word === 'dev' || word === 'name' ? args.next() : word;
      if (word !== 'dev' && word !== 'name' && matches(word, 'help')) throw new Exit(255, MORE_USAGE.tuntap);
      if (asked.name) throw duparg2('name', name);
      if (!validLinkName(name)) throw invarg('"name" not a valid ifname', name);
      asked.name = name;
    }
  }
  return asked;
}

const NO_MODE = 'You failed to specify a tunnel mode\n';
const refused = (errno: string): Exit => new Exit(1, `ioctl(TUNSETIFF): ${STRERROR[errno] ?? errno}\n`);

function add(ip: Ip, words: readonly string[]): number {
  const { name, mode, ...data } = parse(words);
  if (!mode) throw new Exit(1, NO_MODE);
  const old = name ? findLink(ip.ns, name) : undefined;
  if (old) throw refused('EBUSY');
  const made = addLink(ip.world, ip.ns, { kind: mode, data: { ...data, mode }, ...(name ? { name } : {}) });
  if ('errno' in made) throw refused(String(made.errno));
  if (data.multiQueue) made.txQueues = made.rxQueues = MAX_QUEUES;
  return 0;
}

const MAX_QUEUES = 256;

/** Opening a device that is not there makes one, and taking its persistence away ends it again. */
function remove(ip: Ip, words: readonly string[]): number {
  const { name, mode, multiQueue } = parse(words);
  if (!mode) throw new Exit(1, NO_MODE);
  const link = name ? findLink(ip.ns, name) : undefined;
  if (!link) return 0;
  const data = tunOf(link);
  if (data?.mode !== mode || data.multiQueue !== multiQueue) throw refused('EINVAL');
  deleteLink(ip.world, ip.ns, link);
  return 0;
}

function show(ip: Ip, words: readonly string[]): number {
  // do_show() reads the words and shows them all.
  parse(words);
  const found = linksByIndex(ip.ns).flatMap((link) => {
    const data = tunOf(link);
    return data ? [{ link, data }] : [];
  });
  if (ip.opts.json) {
    const items = found.map(({ link, data }) => ({ ifname: link.name, flags: flagsOf(data), ...idsOf(data) }));
    ip.out += `${writeJson(items, ip.opts.pretty)}\n`;
    return 0;
  }
  for (const { link, data } of found) {
    const ids = Object.entries(idsOf(data)).map(([k, v]) => ` ${k} ${v}`);
    ip.out += `${link.name}: ${flagsOf(data).join(' ')}${ids.join('')}\n`;
    if (ip.opts.details) ip.out += '\tAttached to processes:\n';
  }
  return 0;
}

const flagsOf = (data: TunData): string[] => [
  data.mode,
  ...(data.pi ? ['pi'] : []),
  ...(data.oneQueue ? ['one_queue'] : []),
  ...(data.multiQueue ? ['multi_queue'] : []),
  ...(data.vnetHdr ? ['vnet_hdr'] : []),
  'persist',
  // IFF_NOFILTER and IFF_NO_PI are the same bit.
  ...(data.pi ? ['filter'] : []),
];

const idsOf = (data: TunData): Record<string, number> => ({
  ...(data.user === null ? {} : { user: data.user }),
  ...(data.group === null ? {} : { group: data.group }),
});

/** `ip tuntap …` */
export function tuntap(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, []);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, MORE_USAGE.tuntap);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip tuntap help".\n`);
}
