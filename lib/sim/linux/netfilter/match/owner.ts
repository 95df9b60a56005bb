import { defineMatch, fail } from '../ext.ts';
import { parseUint } from '../values.ts';

interface IdRange {
  min: number;
  max: number;
  not: boolean;
}

interface OwnerArgs {
  uid: IdRange | null;
  gid: IdRange | null;
  socket: boolean | null;
}

function parseIds(option: string, text: string, not: boolean): IdRange {
  if (text === 'root') return { min: 0, max: 0, not };
  const [low = '', high = low] = text.split('-');
  const min = parseUint(low);
  const max = parseUint(high);
  if (min === null || max === null) fail(`owner: Bad value for "--${option}" option: "${text}"`);
  return { min, max, not };
}

const show = (r: IdRange): string => (r.min === r.max ? `${r.min}` : `${r.min}-${r.max}`);

export const owner = defineMatch<OwnerArgs>({
  name: 'owner',
  options: [
    { name: 'uid-owner', arg: true, invert: true },
    { name: 'gid-owner', arg: true, invert: true },
    { name: 'socket-exists', invert: true },
  ],
  init: () => ({ uid: null, gid: null, socket: null }),
  option(args, id, value, not) {
    if (id === 'uid-owner') args.uid = parseIds(id, value, not);
    else if (id === 'gid-owner') args.gid = parseIds(id, value, not);
    else args.socket = !not;
  },
  done(_args, seen) {
    if (seen.size === 0) fail('owner: At least one of --uid-owner, --gid-owner or --socket-exists is required');
  },
  accept: (_args, { hooks }) => ([...hooks].some((h) => h !== 'OUTPUT' && h !== 'POSTROUTING') ? 'EINVAL' : null),
  save(args) {
    const socket = args.socket === null ? '' : `${args.socket ? '' : ' !'} --socket-exists`;
    const uid = args.uid ? `${args.uid.not ? ' !' : ''} --uid-owner ${show(args.uid)}` : '';
    const gid = args.gid ? `${args.gid.not ? ' !' : ''} --gid-owner ${show(args.gid)}` : '';
    return socket + uid + gid;
  },
  list(args, numeric) {
    const id = (r: IdRange) => (!numeric && r.max === 0 ? 'root' : show(r));
    const parts: string[] = [];
    if (args.socket !== null) parts.push(`${args.socket ? '' : '! '}owner socket exists`);
    if (args.uid) parts.push(`${args.uid.not ? '! ' : ''}owner UID match ${id(args.uid)}`);
    if (args.gid) parts.push(`${args.gid.not ? '! ' : ''}owner GID match ${id(args.gid)}`);
    return parts.join(' ');
  },
  apply(args, { world, ns, packet, hook }) {
    if (hook !== 'OUTPUT' && hook !== 'POSTROUTING') return false;
    const l4 = packet.tcp ?? packet.udp;
    let uid: number | null = packet.iif === 0 && !l4 ? 0 : null;
    for (const socket of ns.sockets.values()) {
      if (
        !l4 ||
        packet.iif !== 0 ||
        socket.local.port !== l4.sport ||
        (socket.kind === 'tcp') !== (packet.tcp !== undefined)
      )
        continue;
      uid = world.hosts.get(ns.host)?.processes.get(socket.pid)?.uid ?? 0;
    }
    if (args.socket !== null && (uid !== null) !== args.socket) return false;
    if (uid === null) return args.uid === null && args.gid === null;
    if (args.uid && (uid >= args.uid.min && uid <= args.uid.max) === args.uid.not) return false;
    return !args.gid || (uid >= args.gid.min && uid <= args.gid.max) !== args.gid.not;
  },
});
