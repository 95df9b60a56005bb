import { stopSandbox } from '../../k8s/kubelet/sandbox.ts';
import { unitProcess, units } from '../../k8s/node/units.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { findProgram } from '../../shell/program.ts';
import { sendSignal } from '../../shell/send-signal.ts';
import { type FlagSpec, type Flags, flagValue, isOn, parseFlags } from '../../text/pflag.ts';
import { defineCommand } from '../contract.ts';
import { isTty, notModelled, print, printErr, runChild, waitFor } from '../io.ts';
import { optionDocs } from '../options.ts';
import { containerTable, imageTable, podTable, sandboxes, workloads } from './tables.ts';

interface Sub {
  flags: FlagSpec[];
  run(proc: Proc, flags: Flags): Program;
}

const flag = (name: string, short?: string, bool = false): FlagSpec => ({
  name,
  ...(short ? { short } : {}),
  ...(bool ? { bool } : {}),
});
const GLOBAL = [
  flag('runtime-endpoint', 'r'),
  flag('image-endpoint', 'i'),
  flag('timeout', 't'),
  flag('debug', 'D', true),
  flag('config', 'c'),
];
const UNMODELLED = [
  'image',
  'inspect',
  'inspectp',
  'inspecti',
  'info',
  'stats',
  'statsp',
  'rmi',
  'start',
  'run',
  'runp',
  'create',
  'pull',
  'port-forward',
  'attach',
  'update',
  'events',
  'checkpoint',
  'config',
  'completion',
  'imagefsinfo',
  'metricsp',
  'runtime-config',
];

/** Filters that -q, --name, --namespace, --pod set. */
function filtered(list: Container[], flags: Flags, named: 'pod' | 'name'): Container[] {
  const name = flagValue(flags, 'name');
  const namespace = flagValue(flags, 'namespace');
  return list.filter(
    (c) => (name === undefined || c[named].includes(name)) && (namespace === undefined || c.namespace === namespace),
  );
}

function* output(flags: Flags, list: Container[], table: string): Program {
  const format = flagValue(flags, 'output');
  if (format !== undefined && format !== 'table') return yield* notModelled(`crictl -o ${format}`);
  yield* print(isOn(flags, 'quiet') ? list.map((c) => `${c.id}\n`).join('') : table);
  return 0;
}

const LIST = [
  flag('quiet', 'q', true),
  flag('name'),
  flag('namespace'),
  flag('output', 'o'),
  flag('no-trunc', undefined, true),
];

/** The one container whose id begins so. */
function pick(proc: Proc, id: string | undefined, verb: string): Container | string {
  if (id === undefined) return 'ID cannot be empty';
  const found = workloads(proc.host).filter((c) => c.id.startsWith(id));
  if (found.length === 1) return found[0] as Container;
  return `${verb} container "${id}": rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`;
}

function* fatal(message: string): Program {
  yield* printErr(`FATA[0000] ${message} \n`);
  return 1;
}

/** The one sandbox whose id begins so. */
function pickPod(proc: Proc, id: string): Container | string {
  const found = sandboxes(proc.host).filter((c) => c.id.startsWith(id));
  if (found.length === 1) return found[0] as Container;
  return `getting sandbox status of pod "${id}": rpc error: code = NotFound desc = an error occurred when try to find sandbox "${id}": not found`;
}

/** Does one thing with each of the ids given; ends at the first that cannot be found or done. */
function* each(
  flags: Flags,
  find: (id: string) => Container | string,
  act: (container: Container) => Io<string | null>,
): Program {
  if (flags.args.length === 0) return yield* fatal('ID cannot be empty');
  for (const id of flags.args) {
    const found = find(id);
    const error = typeof found === 'string' ? found : yield* act(found);
    if (error !== null) return yield* fatal(error);
  }
  return 0;
}

/** SIGTERM, and SIGKILL after so many seconds. */
function* stopContainer(proc: Proc, container: Container, seconds: number): Io<void> {
  if (container.exited !== null) return;
  if (seconds > 0) {
    sendSignal(proc, container.pid, 15);
    yield* waitFor(() => container.exited !== null, proc.world.now + seconds * 1_000_000);
  }
  if (container.exited === null) sendSignal(proc, container.pid, 9);
}

const inSandbox = (proc: Proc, sandbox: Container): Container[] =>
  workloads(proc.host).filter((c) => c.podUid === sandbox.podUid && c.netns === sandbox.netns);

/** Ends a Pod's containers and its sandbox, which the kubelet makes anew. Answers the runtime's error. */
function* stopPod(proc: Proc, sandbox: Container): Io<string | null> {
  for (const c of inSandbox(proc, sandbox)) yield* stopContainer(proc, c, 0);
  return sandbox.exited === null ? yield* stopSandbox(proc, sandbox) : null;
}

const subcommands: Record<string, Sub> = {
  pods: {
    flags: LIST,
    *run(proc, flags) {
      const list = filtered(sandboxes(proc.host), flags, 'pod');
      return yield* output(flags, list, podTable(proc.world, list));
    },
  },
  ps: {
    flags: [...LIST, flag('all', 'a', true), flag('pod', 'p')],
    *run(proc, flags) {
      const pod = flagValue(flags, 'pod');
      const uid = pod === undefined ? undefined : sandboxes(proc.host).find((c) => c.id.startsWith(pod))?.podUid;
      const list = filtered(workloads(proc.host), flags, 'name').filter(
        (c) => (pod === undefined || c.podUid === uid) && (isOn(flags, 'all') || c.exited === null),
      );
      return yield* output(flags, list, containerTable(proc.world, proc.host, list));
    },
  },
  logs: {
    flags: [flag('tail')],
    *run(proc, flags) {
      const found = pick(proc, flags.args[0], 'getting status of');
      if (typeof found === 'string') return yield* fatal(found);
      const tail = flagValue(flags, 'tail');
      const lines =
        tail === undefined || Number(tail) < 0 ? found.log : Number(tail) === 0 ? [] : found.log.slice(-Number(tail));
      yield* print(lines.map((l) => `${l.text}\n`).join(''));
      return 0;
    },
  },
  exec: {
    flags: [flag('interactive', 'i', true), flag('tty', 't', true)],
    *run(proc, flags) {
      const [id, ...more] = [...flags.args, ...flags.after];
      const found = pick(proc, id, 'execing command in');
      if (typeof found === 'string') return yield* fatal(found);
      if (more.length === 0) return yield* fatal('execing command in container: cmd cannot be empty');
      const netns = proc.world.netns.get(found.netns);
      if (!netns) return yield* fatal('execing command in container: container is not running');
      const env = new Map(found.env);
      const program = findProgram({ ...proc, root: found.root, cwd: '/', env } as Proc, more);
      if (!program.ok)
        return yield* fatal(
          `execing command in container: error executing command in container: failed to exec in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "${more[0]}": executable file not found in $PATH: unknown`,
        );
      const fds = new Map(proc.fds);
      if (!isOn(flags, 'interactive')) fds.set(0, { kind: 'null' });
      const tty = isOn(flags, 'tty') && isTty(proc, 0);
      if (tty) env.set('TERM', 'xterm');
      const status = yield* runChild(proc, {
        netns,
        root: found.root,
        hostname: found.hostname,
        container: found.id,
        cwd: '/',
        env,
        fds,
        argv: program.argv,
        main: program.main,
        tty: tty ? proc.tty : null,
      });
      return status === 0
        ? 0
        : yield* fatal(`execing command in container: command terminated with exit code ${status}`);
    },
  },
  images: {
    flags: [flag('quiet', 'q', true), flag('output', 'o')],
    *run(proc, flags) {
      const format = flagValue(flags, 'output');
      if (format !== undefined && format !== 'table') return yield* notModelled(`crictl images -o ${format}`);
      const ids = [...proc.host.images.values()].map((i) => `${i.digest}\n`).sort();
      yield* print(isOn(flags, 'quiet') ? ids.join('') : imageTable(proc.host));
      return 0;
    },
  },
  stop: {
    flags: [flag('timeout', 't')],
    run: (proc, flags) =>
      each(
        flags,
        (id) => pick(proc, id, 'stopping the'),
        function* (c) {
          yield* stopContainer(proc, c, Number(flagValue(flags, 'timeout') ?? '0'));
          yield* print(`${c.id}\n`);
          return null;
        },
      ),
  },
  rm: {
    flags: [flag('force', 'f', true)],
    run: (proc, flags) =>
      each(
        flags,
        (id) => pick(proc, id, 'getting status of'),
        function* (c) {
          if (c.exited === null && !isOn(flags, 'force'))
            return `removing the container "${c.id}": rpc error: code = Unknown desc = container is running, please stop it first`;
          yield* stopContainer(proc, c, 0);
          proc.host.containers.delete(c.id);
          yield* print(`${c.id}\n`);
          return null;
        },
      ),
  },
  stopp: {
    flags: [],
    run: (proc, flags) =>
      each(
        flags,
        (id) => pickPod(proc, id),
        function* (c) {
          const error = yield* stopPod(proc, c);
          if (error !== null) return `stopping the pod sandbox "${c.id}": ${error}`;
          yield* print(`Stopped sandbox ${c.id}\n`);
          return null;
        },
      ),
  },
  rmp: {
    flags: [flag('force', 'f', true)],
    run: (proc, flags) =>
      each(
        flags,
        (id) => pickPod(proc, id),
        function* (c) {
          if (c.exited === null && !isOn(flags, 'force'))
            return `removing the pod sandbox "${c.id}": rpc error: code = Unknown desc = sandbox is running, please stop it first`;
          const error = yield* stopPod(proc, c);
          if (error !== null) return `stopping the pod sandbox "${c.id}": ${error}`;
          for (const { id } of [...inSandbox(proc, c), c]) proc.host.containers.delete(id);
          yield* print(`Removed sandbox ${c.id}\n`);
          return null;
        },
      ),
  },
  version: {
    flags: [],
    *run() {
      yield* print('Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.1.4\nRuntimeApiVersion:  v1\n');
      return 0;
    },
  },
};

function* run(proc: Proc): Program {
  const words = proc.argv.slice(1);
  const at = words.findIndex(
    (w, i) =>
      !w.startsWith('-') && !/^(-[ritc]|--(runtime-endpoint|image-endpoint|timeout|config))$/.test(words[i - 1] ?? ''),
  );
  const [name] = at < 0 ? [] : words.slice(at);
  if (words.includes('--version') || words.includes('-v')) {
    yield* print('crictl version v1.34.0\n');
    return 0;
  }
  if (name === undefined || UNMODELLED.includes(name))
    return yield* notModelled(`crictl ${name ?? 'without a command'}`);
  const sub = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!sub) {
    yield* printErr(`No help topic for '${name}'\n`);
    return 3;
  }
  const global = parseFlags(words.slice(0, at), GLOBAL);
  const rest = words.slice(at + 1);
  // What follows the container's id is its command line.
  const cut = name === 'exec' ? rest.findIndex((w) => !w.startsWith('-')) : -1;
  const parsed = parseFlags(cut < 0 ? rest : rest.slice(0, cut + 1), sub.flags);
  if (!global.ok || !parsed.ok) return yield* notModelled(`crictl ${words.join(' ')}`);
  if (cut >= 0) parsed.flags.after = rest.slice(cut + 1).filter((w, i) => i > 0 || w !== '--');
  const containerd = units.find((u) => u.name === 'containerd.service');
  if (!containerd || !unitProcess(proc.machine, proc.host, containerd)) {
    return yield* fatal(
      'validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    );
  }
  return yield* sub.run(proc, parsed.flags);
}

export const command = defineCommand({
  name: 'crictl',
  dir: '/usr/bin',
  summary: 'ask the container runtime',
  images: ['node'],
  options: optionDocs('-a -q -o=table --name=NAME --namespace=NS -p=POD --tail=LINES -i -t -r=ENDPOINT'),
  notModelled: UNMODELLED,
  run,
  complete: ({ words }) => (words.length <= 1 ? Object.keys(subcommands) : []),
});
