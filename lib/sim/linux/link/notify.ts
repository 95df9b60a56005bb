/** RTM_NEWLINK and RTM_DELLINK for listeners: rtmsg_ifinfo(). */
import type { World } from '../../kernel/world.ts';
import { nsidOf } from '../netns/nsid.ts';
import { listened, notify } from '../notify.ts';
import type { Link, NetNs } from '../types.ts';
import { iflink } from './find.ts';
import { linkFlags, operState } from './flags.ts';
import { kindOf } from './kinds.ts';

/** Tells how a link stands now. */
export function notifyLink(world: World, ns: NetNs, link: Link, deleted = false): void {
  // The message names the namespace of what the link stands on, and so gives it a number (rtnl_fill_link_netnsid).
  const at = deleted ? null : iflink(world, ns, link);
  if (at && at.ns !== ns.id) nsidOf(ns, at.ns);
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
