/** Every link kind by its name. */
import { bridge } from './bridge.ts';
import { dummy } from './dummy.ts';
import { geneve } from './geneve.ts';
import { erspan, gre, gretap } from './gre.ts';
import { ifb } from './ifb.ts';
import { ipip } from './ipip.ts';
import { ipvlan } from './ipvlan.ts';
import type { LinkKind } from './kind.ts';
import { loopback } from './loopback.ts';
import { macvlan } from './macvlan.ts';
import { phys } from './phys.ts';
import { tap, tun } from './tun.ts';
import { veth } from './veth.ts';
import { vlan } from './vlan.ts';
import { vrf } from './vrf.ts';
import { vxlan } from './vxlan.ts';
import { wireguard } from './wireguard.ts';

let byName: ReadonlyMap<string, LinkKind> | undefined;

/** The kind of that name, or undefined. The map is made at the first question: modules of kinds import each other. */
export function linkKind(name: string): LinkKind | undefined {
  byName ??= new Map(
    [
      loopback,
      ifb,
      tun,
      tap,
      phys,
      veth,
      bridge,
      vxlan,
      dummy,
      vlan,
      macvlan,
      ipvlan,
      ipip,
      gre,
      gretap,
      erspan,
      vrf,
      wireguard,
      geneve,
    ].map((kind) => [kind.kind, kind]),
  );
  return byName.get(name);
}

/** The kind of an existing link. */
export function kindOf(link: { kind: string }): LinkKind {
  const kind = linkKind(link.kind);
  if (!kind) throw new Error(`unknown link kind ${link.kind}`);
  return kind;
}
