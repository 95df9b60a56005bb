import { bridge } from './bridge.ts';
import type { Transmit } from './contract.ts';
import { dummy } from './dummy.ts';
import { geneve } from './geneve.ts';
import { ifb } from './ifb.ts';
import { ipvlan } from './ipvlan.ts';
import { loopback } from './loopback.ts';
import { macvlan } from './macvlan.ts';
import { phys } from './phys.ts';
import { tunnel } from './tunnel.ts';
import { veth } from './veth.ts';
import { vlan } from './vlan.ts';
import { vrf } from './vrf.ts';
import { vxlan } from './vxlan.ts';
import { wireguard } from './wireguard.ts';

/** ndo_start_xmit by link kind. */
export const transmitters: ReadonlyMap<string, Transmit> = new Map(
  Object.entries({
    bridge,
    dummy,
    erspan: tunnel,
    geneve,
    gre: tunnel,
    gretap: tunnel,
    ifb,
    ipip: tunnel,
    ipvlan,
    loopback,
    macvlan,
    phys,
    tap: dummy,
    tun: dummy,
    veth,
    vlan,
    vrf,
    vxlan,
    wireguard,
  }),
);
