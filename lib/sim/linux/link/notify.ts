/** RTM_NEWLINK and RTM_DELLINK for listeners: rtmsg_ifinfo(). */
import type { World } from '../../kernel/world.ts';
import { listened, notify } from '../notify.ts';
import type { Link, NetNs } from '../types.ts';
import { linkFlags, operState } from './flags.ts';
import { kindOf } from './kinds.ts';

/** Tells how a link stands now. */
export function notifyLink(world: World, ns: NetNs, link: Link, deleted = false): void {
  if (!listened(ns)) return;
  const copy = { ...link, data: { ...link.data } };
  const view = { link: copy, flags: linkFlags(world, ns, link), state: operState(world, ns, link) };
  notify(ns, { kind: 'link', deleted, ...view });
}

/** A link that was just brought up: the operational state follows the carrier a moment later (linkwatch). */
export function notifyUp(world: World, ns: NetNs, link: Link, lowerDown: boolean): void {
  if (!listened(ns)) return;
  if (kindOf(link).watched && link.carrier) {
    const flags = ['NO-CARRIER', ...linkFlags(world, ns, link)];
    notify(ns, {
      kind: 'link',
      deleted: false,
      link: { ...link },
      flags,
      state: lowerDown ? 'LOWERLAYERDOWN' : 'DOWN',
    });
  }
  notifyLink(world, ns, link);
}
