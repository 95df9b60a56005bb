import { lookupRoute } from '../../route/lookup.ts';
import { defineTarget, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

export const tcpmss = defineTarget<{ mss: number | null }>({
  name: 'TCPMSS',
  options: [
    { name: 'set-mss', arg: true, excl: ['clamp-mss-to-pmtu'] },
    { name: 'clamp-mss-to-pmtu', excl: ['set-mss'] },
  ],
  init: () => ({ mss: null }),
  option(args, id, value) {
    args.mss = id === 'set-mss' ? uintOption('TCPMSS', id, value, 0, 65495) : null;
  },
  done(_args, seen) {
    if (seen.size === 0) fail('TCPMSS target: At least one parameter is required');
  },
  accept(args, { hooks, head, deep }) {
    if (deep) return null;
    if (head.proto?.number !== 6 || head.proto.not) return 'EINVAL';
    const late = ['FORWARD', 'OUTPUT', 'POSTROUTING'];
    return args.mss === null && [...hooks].some((h) => !late.includes(h)) ? 'EINVAL' : null;
  },
  save: (args) => (args.mss === null ? ' --clamp-mss-to-pmtu' : ` --set-mss ${args.mss}`),
  list: (args) => (args.mss === null ? 'TCPMSS clamp to PMTU' : `TCPMSS set ${args.mss}`),
  apply(args, { world, ns, packet, out, family }) {
    const t = packet.tcp;
    if (!t?.syn || !packet.ip) return 'CONTINUE';
    let mss = args.mss;
    if (mss === null) {
      const overhead = family === 'ip' ? 40 : 60;
      const back = lookupRoute(world, ns, { dst: packet.ip.src });
      const there = out?.mtu ?? 65535;
      mss = Math.max(Math.min(there, back.ok ? back.mtu : there) - overhead, 0);
    }
    if (t.mss === undefined) t.mss = Math.min(mss, family === 'ip' ? 536 : 1220);
    else if (t.mss > mss) t.mss = mss;
    return 'CONTINUE';
  },
});
