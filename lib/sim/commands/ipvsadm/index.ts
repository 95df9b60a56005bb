/** ipvsadm 1.31: the virtual services of IPVS. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import {
  addDest,
  addService,
  deleteDest,
  deleteService,
  editDest,
  editService,
  findService,
  flushServices,
  zeroService,
} from '../../linux/ipvs/service.ts';
import { daemonsOf, ipvsOf, type SyncDaemon } from '../../linux/ipvs/types.ts';
import { findLink } from '../../linux/link/find.ts';
import type { Link } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
import { USAGE } from './help.ts';
import { type Format, listConnections, listServices } from './list.ts';
import { NotThere, Refused } from './options.ts';
import { type Line, readLine, TRY_HELP } from './parse.ts';

/** libipvs's words for what the kernel answers, by command. */
const ERRORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'add-service': { EEXIST: 'Service already exists', ENOENT: 'Scheduler or persistence engine not found' },
  'edit-service': { ESRCH: 'No such service', ENOENT: 'Scheduler or persistence engine not found' },
  'delete-service': { ESRCH: 'No such service' },
  zero: { ESRCH: 'No such service' },
  'add-server': { ESRCH: 'Service not defined', EEXIST: 'Destination already exists' },
  'edit-server': { ESRCH: 'Service not defined', ENOENT: 'No such destination' },
  'delete-server': { ESRCH: 'Service not defined', ENOENT: 'No such destination' },
};
const INVALID = 'Invalid operation.  Possibly wrong module version, address not unicast, ...';

/** What a changing command asks of the kernel: an errno name or null. */
function change(proc: Proc, line: Line): string | null {
  const { world, netns: ns } = proc;
  const { svc, dest, seen } = line;
  switch (line.command) {
    case 'add-service':
      return addService(world, ns, svc);
    case 'edit-service':
      return editService(ns, svc);
    case 'delete-service':
      return deleteService(ns, svc);
    case 'add-server':
      return addDest(world, ns, svc, dest);
    case 'edit-server':
      return editDest(ns, svc, dest);
    case 'delete-server':
      return deleteDest(ns, svc, dest);
    case 'zero':
      return zeroService(world, ns, seen.has('service-address') ? svc : null);
    case 'flush':
      flushServices(ns);
      return null;
    default: {
      const { timeouts } = ipvsOf(ns);
      for (const i of [0, 1, 2]) timeouts[i] = line.timeouts[i] || (timeouts[i] as number);
      return null;
    }
  }
}

function* list(proc: Proc, line: Line): Io<number> {
  const { seen } = line;
  const has = (kinds: string) => kinds.split(' ').some((k) => seen.has(k));
  if (
    (has('connection timeout daemon') && has('stats rate thresholds')) ||
    (has('timeout daemon') && has('persistent-conn'))
  )
    throw new Refused('options conflicts in the list command');
  const { services, timeouts } = ipvsOf(proc.netns);
  const format: Format = { rule: false, numeric: seen.has('numeric'), seen };
  if (seen.has('connection')) yield* print(listConnections(proc, format));
  else if (seen.has('service-address')) {
    const svc = findService(proc.netns, line.svc);
    if (!svc) throw new Refused('No such service', 1);
    yield* print(listServices(proc, format, svc));
  } else if (seen.has('daemon')) yield* print([...daemonsOf(proc.netns).values()].map(daemonText).join(''));
  else if (seen.has('timeout')) yield* print(`Timeout (tcp tcpfin udp): ${timeouts.join(' ')}\n`);
  else {
    if (seen.has('nosort') && services.size > 1) throw new NotThere("the kernel's own order of services");
    yield* print(listServices(proc, format));
  }
  return 0;
}

/** Starts or ends a synchronisation daemon: what it would send to other directors is not modelled. */
function* daemon(proc: Proc, line: Line): Io<number> {
  const daemons = daemonsOf(proc.netns);
  const { role, dev, syncid, maxlen, port, ttl } = line.daemon;
  if (line.command === 'stop-daemon') {
    if (daemons.delete(role)) return 0;
    yield* printErr('No daemon is running\n');
    return 255;
  }
  const link = findLink(proc.netns, dev);
  const wrong = daemons.has(role) ? 'Daemon has already run' : link ? null : 'No such device';
  if (wrong !== null) {
    yield* printErr(`${wrong}\n`);
    return 255;
  }
  daemons.set(role, {
    role,
    dev,
    syncid,
    maxlen: maxlen || (role === 'master' ? 1500 : Math.min(Math.max((link as Link).mtu, 1500), 65_535)) - 28,
    port: port || 8848,
    ttl: ttl || 1,
  });
  return 0;
}

const daemonText = (d: SyncDaemon): string =>
  `${d.role} sync daemon (mcast=${d.dev}, syncid=${d.syncid}, maxlen=${d.maxlen}, group=224.0.0.81, port=${d.port}, ttl=${d.ttl})\n`;

/** One command line; `nested` inside -R. */
function* execute(proc: Proc, words: readonly string[], nested: boolean, input?: string): Io<number> {
  const line = yield* readLine(proc, words);
  switch (line.command) {
    case 'version':
      yield* print('ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n');
      return 0;
    case 'help':
      yield* print(USAGE);
      return 0;
    case 'start-daemon':
    case 'stop-daemon':
      return yield* daemon(proc, line);
    case 'list':
      return yield* list(proc, line);
    case 'save':
      yield* print(listServices(proc, { rule: true, numeric: line.seen.has('numeric'), seen: new Set() }));
      return 0;
    case 'restore':
      if (nested) throw new Refused(TRY_HELP, 255);
      return yield* restore(proc, input ?? (yield* readAll()));
  }
  const errno = change(proc, line);
  if (errno === null) return 0;
  const words1 = ERRORS[line.command]?.[errno] ?? (errno === 'EINVAL' ? INVALID : errnoText(errno));
  yield* printErr(`${words1}\n`);
  return 255;
}

/** `-R`: command lines from standard input; the last one's status counts. */
function* restore(proc: Proc, input: string): Io<number> {
  let status = 0;
  for (const text of input.split('\n')) {
    const words = text
      .replace(/#.*/, '')
      .split(/[ \t]+/)
      .filter((w) => w !== '');
    if (words.length > 0) status = yield* execute(proc, words, true);
  }
  return status;
}

/** The program loads the module when it can; nodes of a cluster have none to load. */
function moduleThere(proc: Proc): boolean {
  const { modules } = proc.host;
  if (!modules.has('ip_vs') && proc.world.cluster === null) modules.add('ip_vs');
  return modules.has('ip_vs');
}

/** Runs the program with these words; `input` stands for its standard input. */
export function* runIpvsadm(proc: Proc, words: readonly string[], input?: string): Io<number> {
  if (!moduleThere(proc)) {
    yield* printErr(
      "Can't initialize ipvs: Protocol not available\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
    );
    return 2;
  }
  try {
    return yield* execute(proc, words.length === 0 ? ['-L'] : words, false, input);
  } catch (error) {
    if (error instanceof NotThere) return yield* notModelled(error.message);
    if (!(error instanceof Refused)) throw error;
    yield* printErr(`${error.message}\n`);
    return error.status;
  }
}

export const command = defineCommand({
  name: 'ipvsadm',
  dir: '/usr/sbin',
  summary: 'virtual services of IPVS',
  images: ['node'],
  options:
    '-i -h --sctp-service --start-daemon --stop-daemon --daemon --tun-type -A -E -D -C -R -S -a -e -d -L -Z -t -u -f -s -p -M -b -o -r -m -g -w -x -y -n -c --set --stats --rate --timeout --thresholds --persistent-conn --exact --sort'
      .split(' ')
      .map((flag) => ({ flag, modelled: true })),
  notModelled: ['--pe', '--mcast-group'],
  *run(proc: Proc): Program {
    return yield* runIpvsadm(proc, proc.argv.slice(1));
  },
});
