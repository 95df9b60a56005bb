import { packetRealms } from '../../route/realm.ts';
import { defineMatch, fail } from '../ext.ts';
import { type Mark, markOption, markText, scanUint } from '../values.ts';

/** Names of /etc/iproute2/rt_realms. */
const NAMES: Readonly<Record<string, number>> = { cosmos: 0 };

/** `VALUE[/MASK]` or a name of rt_realms: xtables_parse_val_mask(). */
function parseRealm(text: string): Mark {
  const read = scanUint(text);
  if (read && read.value <= 0xffffffff && /^(?:\/|$)/.test(read.rest)) return markOption('realm', 'realm', text);
  const value = NAMES[text];
  if (value === undefined) fail(`realm: could not map name ${text} to an integer value for option "--realm".\n`);
  return { value, mask: 0xffffffff };
}

/** A realm in words; a value without a mask goes by its name. */
export function realmText(realm: Mark, numeric = false): string {
  const name = Object.entries(NAMES).find(([, n]) => n === realm.value)?.[0];
  return realm.mask === 0xffffffff && !numeric && name !== undefined ? name : markText(realm);
}

/** The realms of the packet's route: net/netfilter/xt_realm.c. */
export const realm = defineMatch<Mark & { not: boolean }>({
  name: 'realm',
  families: ['ip'],
  options: [{ name: 'realm', arg: true, must: true, invert: true }],
  init: () => ({ value: 0, mask: 0xffffffff, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, parseRealm(value), { not });
  },
  accept: (_args, { hooks }) => (hooks.has('PREROUTING') ? 'EINVAL' : null),
  save: (args) => `${args.not ? ' !' : ''} --realm ${realmText(args)}`,
  list: (args, numeric) => `${args.not ? '! ' : ''}realm ${realmText(args, numeric)}`,
  apply: (args, { ns, packet, in: input }) =>
    ((packetRealms(ns, packet, input) & args.mask) >>> 0 === args.value) !== args.not,
});
