/** TUN and TAP devices as `ip -d link` describes them: ip/iplink_tun.c. */
import { tunOf } from '../../../linux/link/tun.ts';
import type { Link } from '../../../linux/types.ts';
import type { Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { defineLinkType } from './type.ts';

/** Names of root's own ids; others are shown as numbers. */
const idName = (id: number): string => (id === 0 ? 'root' : String(id));

function print(_ip: Ip, p: Printer, link: Link): void {
  const data = tunOf(link);
  if (!data) return;
  p.any('type', data.mode, `type ${data.mode} `);
  const onOff = (key: string, on: boolean) => p.any(key, on, `${key} ${on ? 'on' : 'off'} `);
  onOff('pi', data.pi);
  onOff('vnet_hdr', data.vnetHdr);
  if (data.multiQueue) {
    p.any('multi_queue', true, 'multi_queue ');
    p.any('numqueues', 0, 'numqueues 0 ');
    p.any('numdisabled', 0, 'numdisabled 0 ');
  } else p.js('multi_queue', false);
  onOff('persist', true);
  if (data.user !== null) p.any('user', idName(data.user), `user ${idName(data.user)} `);
  if (data.group !== null) p.any('group', idName(data.group), `group ${idName(data.group)} `);
}

export const tunType = defineLinkType({ kind: 'tun', print });
/** The kernel calls both kinds `tun`. */
export const tapType = defineLinkType({ kind: 'tap', shownAs: 'tun', print });
