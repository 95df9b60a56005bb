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
import { ipvsOf } from '../../linux/ipvs/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
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
  } else if (seen.has('timeout')) yield* print(`Timeout (tcp tcpfin udp): ${timeouts.join(' ')}\n`);
  else {
    if (seen.has('nosort') && services.size > 1) throw new NotThere("the kernel's own order of services");
    yield* print(listServices(proc, format));
  }
  return 0;
}

/** One command line; `nested` inside -R. */
function* execute(proc: Proc, words: readonly string[], nested: boolean): Io<number> {
  const line = yield* readLine(proc, words);
  switch (line.command) {
    case 'version':
      yield* print('ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n');
      return 0;
    case 'list':
      return yield* list(proc, line);
    case 'save':
      yield* print(listServices(proc, { rule: true, numeric: line.seen.has('numeric'), seen: new Set() }));
      return 0;
    case 'restore':
      if (nested) throw new Refused(TRY_HELP, 255);
      return yield* restore(proc);
  }
  const errno = change(proc, line);
  if (errno === null) return 0;
  const words1 = ERRORS[line.command]?.[errno] ?? (errno === 'EINVAL' ? INVALID : errnoText(errno));
  yield* printErr(`${words1}\n`);
  return 255;
}

/** `-R`: command lines from standard input; the last one's status counts. */
function* restore(proc: Proc): Io<number> {
  let status = 0;
  for (const text of (yield* readAll()).split('\n')) {
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

function* run(proc: Proc): Program {
  if (!moduleThere(proc)) {
    yield* printErr(
      "Can't initialize ipvs: Protocol not available\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
    );
    return 2;
  }
  const words = proc.argv.slice(1);
  try {
    return yield* execute(proc, words.length === 0 ? ['-L'] : words, false);
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
    '-A -E -D -C -R -S -a -e -d -L -Z -t -u -f -s -p -M -b -o -r -m -g -w -x -y -n -c --set --stats --rate --timeout --thresholds --persistent-conn --exact --sort'
      .split(' ')
      .map((flag) => ({ flag, modelled: true })),
  notModelled: ['-i', '-h', '--sctp-service', '--pe', '--start-daemon', '--stop-daemon', '--daemon', '--tun-type'],
  run,
});
