/** Every link kind by its name. */
import { bridge } from './bridge.ts';
import { dummy } from './dummy.ts';
import { ipvlan } from './ipvlan.ts';
import type { LinkKind } from './kind.ts';
import { loopback } from './loopback.ts';
import { macvlan } from './macvlan.ts';
import { phys } from './phys.ts';
import { ipip } from './tunnel.ts';
import { veth } from './veth.ts';
import { vlan } from './vlan.ts';
import { vxlan } from './vxlan.ts';

const all: readonly LinkKind[] = [loopback, phys, veth, bridge, vxlan, dummy, vlan, macvlan, ipvlan, ipip];
const byName = new Map(all.map((kind) => [kind.kind, kind]));

/** The kind of that name, or undefined. */
export const linkKind = (name: string): LinkKind | undefined => byName.get(name);

/** The kind of an existing link. */
export function kindOf(link: { kind: string }): LinkKind {
  const kind = byName.get(link.kind);
  if (!kind) throw new Error(`unknown link kind ${link.kind}`);
  return kind;
}
