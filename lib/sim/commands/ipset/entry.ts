/** What stands behind an element: `timeout 5 nomatch comment "…" skbmark 0x1`. */
import { IpsetError, parseNumber } from '../../linux/ipset/element.ts';
import type { EntryOptions } from '../../linux/ipset/store.ts';
import type { IpSet, SetEntry } from '../../linux/ipset/types.ts';
import type { Args } from './args.ts';

const MAX_TIMEOUT = 2147483;
const MAX_COMMENT = 255;

function skbInfo(args: Args): SetEntry['skb'] {
  const skb: NonNullable<SetEntry['skb']> = {};
  const mark = args.get('skbmark');
  if (mark !== undefined) {
    const m = /^0x([0-9a-f]+)(?:\/0x([0-9a-f]+))?/i.exec(mark);
    if (!m)
      throw new IpsetError('Syntax error: Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)');
    skb.mark = {
      value: Number.parseInt(m[1] as string, 16) >>> 0,
      mask: m[2] === undefined ? 0xffffffff : Number.parseInt(m[2], 16) >>> 0,
    };
  }
  const prio = args.get('skbprio');
  if (prio !== undefined) {
    const m = /^([0-9a-f]+):([0-9a-f]+)/i.exec(prio);
    if (!m) throw new IpsetError('Syntax error: Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)');
    skb.prio = [Number.parseInt(m[1] as string, 16) & 0xffff, Number.parseInt(m[2] as string, 16) & 0xffff];
  }
  const queue = args.get('skbqueue');
  if (queue !== undefined) skb.queue = parseNumber(queue, 0, 65535);
  return skb;
}

/** Reads an entry's options and asks whether the set was made for them. Throws {@link IpsetError}. */
export function entryOptions(set: IpSet, args: Args): Omit<EntryOptions, 'exist'> {
  const text = args.get('timeout');
  const timeout = text === undefined ? null : parseNumber(text, 0, MAX_TIMEOUT);
  const count = (name: string) => parseNumber(args.get(name) ?? '0', 0, 18446744073709552000);
  const [packets, bytes] = [count('packets'), count('bytes')];
  const comment = args.get('comment') ?? null;
  if (comment?.includes('"')) throw new IpsetError('Syntax error: " character is not permitted in comments');
  if (comment !== null && comment.length > MAX_COMMENT)
    throw new IpsetError(`Syntax error: Comment is longer than the maximum allowed ${MAX_COMMENT} characters`);
  const skb = skbInfo(args);
  if (timeout !== null && set.timeout === null)
    throw new IpsetError('Timeout cannot be used: set was created without timeout support');
  if ((args.has('packets') || args.has('bytes')) && !set.counters)
    throw new IpsetError('Packet/byte counters cannot be used: set was created without counter support');
  if (comment !== null && !set.comment)
    throw new IpsetError('Comment cannot be used: set was created without comment support');
  if (Object.keys(skb ?? {}).length > 0 && !set.skbinfo)
    throw new IpsetError('Skbinfo mapping cannot be used: set was created without skbinfo support');
  return {
    nomatch: args.has('nomatch'),
    timeout,
    packets,
    bytes,
    comment: comment === '' ? null : comment,
    skb,
    wildcard: args.has('wildcard'),
  };
}
