import { bitsOf, formatIp, type Ip, inPrefix } from '../../../addr/ip.ts';
import type { Packet } from '../../../packet/packet.ts';
import { backward, connOut, flowTuple } from '../../ipvs/conn.ts';
import { ipvsOf, type VsConn, type VsForward } from '../../ipvs/types.ts';
import type { NetNs } from '../../types.ts';
import { defineMatch, fail } from '../ext.ts';
import { parseProtocol } from '../head.ts';
import { resolvePort } from '../values.ts';
import { hostmaskOption } from '../xtopt.ts';

interface Negatable<T> {
  value: T;
  not: boolean;
}

interface IpvsArgs {
  ipvs: boolean | null;
  vproto: Negatable<number> | null;
  vaddr: Negatable<{ ip: Ip; len: number }> | null;
  vport: Negatable<number> | null;
  vdir: 'ORIGINAL' | 'REPLY' | null;
  vmethod: Negatable<VsForward> | null;
  vportctl: Negatable<number> | null;
}

const METHODS: Readonly<Record<string, VsForward>> = { GATE: 'route', IPIP: 'tunnel', MASQ: 'masq' };

const methodName = (way: VsForward): string => Object.keys(METHODS).find((name) => METHODS[name] === way) ?? 'UNKNOWN';

function text(args: IpvsArgs, prefix: string): string {
  let out = '';
  const add = (name: string, option: Negatable<unknown> | null, value: string | number | undefined) => {
    if (option) out += `${option.not ? ' !' : ''} ${prefix}${name} ${value}`;
  };
  const others = [args.vproto, args.vaddr, args.vport, args.vdir, args.vmethod, args.vportctl];
  if (args.ipvs !== null && others.every((o) => o === null)) out += `${args.ipvs ? '' : ' !'} ${prefix}ipvs`;
  const net = args.vaddr?.value;
  add('vproto', args.vproto, args.vproto?.value);
  add('vaddr', args.vaddr, net && `${formatIp(net.ip)}${net.len === bitsOf(net.ip) ? '' : `/${net.len}`}`);
  add('vport', args.vport, args.vport?.value);
  if (args.vdir) out += ` ${prefix}vdir ${args.vdir}`;
  add('vmethod', args.vmethod, args.vmethod ? methodName(args.vmethod.value) : '');
  add('vportctl', args.vportctl, args.vportctl?.value);
  return out;
}

/** The connection of a request that IPVS has sent to a real server. */
function connection(ns: NetNs, packet: Packet): VsConn | undefined {
  const flow = flowTuple(packet);
  return flow ? connOut(ipvsOf(ns), backward(flow)) : undefined;
}

/** `controller`: the connection that controls this one, for a persistent service its template. */
function fits(args: IpvsArgs, conn: VsConn, controller: VsConn | undefined, reply: boolean | null): boolean {
  const { vproto, vaddr, vport, vdir, vmethod, vportctl } = args;
  if (vproto && (conn.proto === vproto.value) === vproto.not) return false;
  if (vport && (conn.vport === vport.value) === vport.not) return false;
  if (vportctl && (controller?.vport === vportctl.value) === vportctl.not) return false;
  if (vdir && (reply === null || (vdir === 'REPLY') !== reply)) return false;
  if (vmethod && (conn.fwd === vmethod.value) === vmethod.not) return false;
  return !vaddr || inPrefix(conn.vaddr, vaddr.value) !== vaddr.not;
}

/** Connections of IPVS. Source: extensions/libxt_ipvs.c of iptables 1.8.9, net/netfilter/xt_ipvs.c of Linux. */
export const ipvs = defineMatch<IpvsArgs>({
  name: 'ipvs',
  options: [
    { name: 'ipvs', invert: true },
    { name: 'vproto', arg: true, invert: true },
    { name: 'vaddr', arg: true, invert: true },
    { name: 'vport', arg: true, invert: true },
    { name: 'vdir', arg: true },
    { name: 'vmethod', arg: true, invert: true },
    { name: 'vportctl', arg: true, invert: true },
  ],
  init: () => ({ ipvs: null, vproto: null, vaddr: null, vport: null, vdir: null, vmethod: null, vportctl: null }),
  option(args, id, value, not, ctx) {
    if (id === 'ipvs') args.ipvs = !not;
    else if (id === 'vproto') args.vproto = { value: parseProtocol(value), not };
    else if (id === 'vaddr') args.vaddr = { value: hostmaskOption('ipvs', id, value, ctx), not };
    else if (id === 'vdir') {
      const upper = value.toUpperCase();
      if (upper !== 'ORIGINAL' && upper !== 'REPLY') fail(`ipvs: Bad value for "--vdir" option: "${value}"`);
      args.vdir = upper;
    } else if (id === 'vmethod') {
      const way = METHODS[value.toUpperCase()];
      if (!way) fail(`ipvs: Bad value for "--vmethod" option: "${value}"`);
      args.vmethod = { value: way, not };
    } else args[id as 'vport' | 'vportctl'] = { value: resolvePort(value), not };
  },
  done(args, seen) {
    if (seen.size === 0) fail('IPVS: At least one option is required');
    if (args.ipvs === false && seen.size > 1) fail('! --ipvs cannot be together with other options');
  },
  save: (args) => text(args, '--'),
  list: (args) => text(args, '').slice(1),
  apply(args, { ns, packet }) {
    const own = packet.ipvs === ns.id;
    const { ipvs: wanted, ...others } = args;
    if (Object.values(others).every((o) => o === null)) return own === wanted;
    const conn = own ? connection(ns, packet) : undefined;
    if (!conn) return false;
    const reply = packet.ct && packet.ct.id !== 0 ? packet.ct.reply : null;
    return fits(args, conn, ipvsOf(ns).conns.get(conn.control), reply);
  },
});
