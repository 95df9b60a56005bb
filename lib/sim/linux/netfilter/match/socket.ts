import type { Packet } from '../../../packet/packet.ts';
import type { Socket } from '../../socket-types.ts';
import { defineMatch, type HookState } from '../ext.ts';

const FLAGS = ['transparent', 'nowildcard', 'restore-skmark'] as const;
type SocketArgs = Record<(typeof FLAGS)[number], boolean>;

const words = (args: SocketArgs): string => FLAGS.map((flag) => (args[flag] ? ` --${flag}` : '')).join('');

const ANY = (ip: Socket['local']['ip']): boolean => ip === 0 || ip === 0n;

/** The socket that would take the packet, an open connection before a listener: nf_sk_lookup_slow_v4(). */
function socketFor({ ns, in: dev }: HookState, packet: Packet): Socket | null {
  const { ip } = packet;
  const l4 = packet.tcp ?? packet.udp;
  if (!ip || !l4) return null;
  let best: Socket | null = null;
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== (packet.tcp ? 'tcp' : 'udp') || socket.local.port !== l4.dport) continue;
    if (socket.dev && socket.dev !== dev?.ifindex) continue;
    if (!ANY(socket.local.ip) && socket.local.ip !== ip.dst) continue;
    if (socket.remote) {
      if (socket.remote.ip === ip.src && socket.remote.port === l4.sport) return socket;
      continue;
    }
    if (best === null || ANY(best.local.ip)) best = socket;
  }
  return best;
}

export const socket = defineMatch<SocketArgs>({
  name: 'socket',
  options: FLAGS.map((name) => ({ name })),
  init: () => ({ transparent: false, nowildcard: false, 'restore-skmark': false }),
  option(args, id) {
    args[id as (typeof FLAGS)[number]] = true;
  },
  accept: (_args, { hooks }) => ([...hooks].some((h) => h !== 'PREROUTING' && h !== 'INPUT') ? 'EINVAL' : null),
  save: words,
  list: (args) => `socket${words(args)}`,
  apply(args, state) {
    const found = socketFor(state, state.packet);
    if (!found) return false;
    // Programs of the model set no IP_TRANSPARENT.
    if (args.transparent || (!args.nowildcard && !found.remote && ANY(found.local.ip))) return false;
    if (args['restore-skmark']) state.packet.mark = found.mark;
    return true;
  },
});
