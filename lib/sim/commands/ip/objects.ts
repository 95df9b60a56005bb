/** Objects of `ip` that are not modelled, or that the modelled kernel has nothing for. */
import { Exit, matches } from '../../text/iproute.ts';
import type { Ip, IpObject } from './context.ts';
import { MORE_USAGE } from './usage-more.ts';

interface Plain {
  /** Key of the usage text. */
  usage: string;
  /** Name in `try "ip NAME help"`. */
  name?: string;
  /** Verbs that the real one takes, in its order. */
  verbs: readonly string[];
  /** What it says to a verb it does not know. */
  unknown?: (verb: string) => Exit;
  /** Without a verb: its usage (else the first verb). */
  usageAlone?: boolean;
}

/** An object that answers help and unknown verbs, and says of the others that they are not modelled. */
export const plainObject =
  (what: Plain): IpObject =>
  (_ip, words) => {
    const text = MORE_USAGE[what.usage] ?? '';
    const [verb] = words;
    if (verb === undefined && what.usageAlone) throw new Exit(255, text);
    if (verb !== undefined && matches(verb, 'help')) throw new Exit(255, text);
    const known = verb === undefined ? what.verbs[0] : what.verbs.find((v) => matches(verb, v));
    const name = what.name ?? what.usage;
    if (known !== undefined) throw new Exit(64, `flatnet: not modelled: ip ${name} ${known}\n`);
    if (what.unknown) throw what.unknown(verb ?? '');
    throw new Exit(255, `Command "${verb}" is unknown, try "ip ${name} help".\n`);
  };

/** An object whose generic netlink family the modelled kernel was built without. */
export const absentFamily =
  (usage: string): IpObject =>
  (_ip, words) => {
    const [verb] = words;
    if (verb === undefined || matches(verb, 'help')) throw new Exit(255, MORE_USAGE[usage] ?? '');
    throw new Exit(1, 'RTNETLINK answers: No such file or directory\nError talking to the kernel\n');
  };

/** `ip xfrm`: states and policies, of which there are none. */
export function xfrm(_ip: Ip, words: readonly string[]): number {
  const [object, verb] = words;
  const known = ['state', 'policy', 'monitor'].find((o) => object !== undefined && matches(object, o));
  if (!known) throw new Exit(255, MORE_USAGE.xfrm);
  const lists = verb === undefined || ['list', 'show', 'lst'].some((v) => matches(verb, v));
  if (known === 'monitor' || !lists) throw new Exit(64, `flatnet: not modelled: ip xfrm ${known}\n`);
  return 0;
}
