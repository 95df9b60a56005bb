import { defineMatch, fail } from '../ext.ts';
import { scanUint } from '../values.ts';

interface IdRange {
  min: number;
  max: number;
  not: boolean;
}

interface OwnerArgs {
  uid: IdRange | null;
  gid: IdRange | null;
  socket: boolean | null;
  suppl: boolean;
}

/** The last number stands for nobody. */
const MAX_ID = 0xfffffffe;

function parseIds(option: string, text: string, not: boolean): IdRange {
  if (text === 'root') return { min: 0, max: 0, not };
  const bad = (): never => fail(`owner: Bad value for "--${option}" option: "${text}"`);
  const low = scanUint(text) ?? bad();
  const high = /^[-:]/.test(low.rest) ? (scanUint(low.rest.slice(1)) ?? bad()) : low;
  if (Math.max(low.value, high.value) > MAX_ID || (high !== low && high.rest !== '')) bad();
  if (high === low && low.rest !== '') bad();
  return { min: low.value, max: high.value, not };
}

const show = (r: IdRange): string => (r.min === r.max ? `${r.min}` : `${r.min}-${r.max}`);

export const owner = defineMatch<OwnerArgs>({
  name: 'owner',
  options: [
    { name: 'uid-owner', arg: true, invert: true },
    { name: 'gid-owner', arg: true, invert: true },
    { name: 'socket-exists', invert: true },
    { name: 'suppl-groups' },
  ],
  init: () => ({ uid: null, gid: null, socket: null, suppl: false }),
  option(args, id, value, not) {
    if (id === 'uid-owner') args.uid = parseIds(id, value, not);
    else if (id === 'gid-owner') args.gid = parseIds(id, value, not);
    else if (id === 'suppl-groups') {
      if (!args.gid) fail('owner: Bad value for "--suppl-groups" option: "you need to use --gid-owner first"');
      args.suppl = true;
    } else args.socket = !not;
  },
  done(_args, seen) {
    if (seen.size === 0) fail('owner: At least one of --uid-owner, --gid-owner or --socket-exists is required');
  },
  accept: (_args, { hooks }) => ([...hooks].some((h) => h !== 'OUTPUT' && h !== 'POSTROUTING') ? 'EINVAL' : null),
  save(args) {
    const socket = args.socket === null ? '' : `${args.socket ? '' : ' !'} --socket-exists`;
    const uid = args.uid ? `${args.uid.not ? ' !' : ''} --uid-owner ${show(args.uid)}` : '';
    const gid = args.gid ? `${args.gid.not ? ' !' : ''} --gid-owner ${show(args.gid)}` : '';
    return socket + uid + gid + (args.suppl ? ' --suppl-groups' : '');
  },
  list(args, numeric) {
    const id = (r: IdRange) => (!numeric && r.max === 0 ? 'root' : show(r));
    const parts: string[] = [];
    if (args.socket !== null) parts.push(`${args.socket ? '' : '! '}owner socket exists`);
    if (args.uid) parts.push(`${args.uid.not ? '! ' : ''}owner UID match ${id(args.uid)}`);
    if (args.gid) parts.push(`${args.gid.not ? '! ' : ''}owner GID match ${id(args.gid)}`);
    if (args.suppl) parts.push('incl. suppl. groups');
    return parts.join(' ');
  },
  apply(args, { world, ns, packet, hook }) {
    if (hook !== 'OUTPUT' && hook !== 'POSTROUTING') return false;
    // ICMP errors and replies, resets and connections that nobody holds any more have no owner.
    const sent = packet.iif === 0 ? packet.sender : undefined;
    const uid = sent === undefined ? null : (world.hosts.get(ns.host)?.processes.get(sent)?.uid ?? 0);
    if (args.socket !== null && (uid !== null) !== args.socket) return false;
    if (uid === null) return args.uid === null && args.gid === null;
    if (args.uid && (uid >= args.uid.min && uid <= args.uid.max) === args.uid.not) return false;
    return !args.gid || (uid >= args.gid.min && uid <= args.gid.max) !== args.gid.not;
  },
});
