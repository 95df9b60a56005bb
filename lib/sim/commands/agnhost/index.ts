/** agnhost 2.53: the image of Kubernetes' end-to-end tests. Source: kubernetes/kubernetes test/images/agnhost. */
import { idle } from '../../k8s/programs/idle.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { type FlagSpec, parseFlags } from '../../text/pflag.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { connectTo, parseGoDuration } from './connect.ts';
import { log, type Server, serve } from './serve.ts';

const flag = (name: string): FlagSpec => ({ name });
const SUBCOMMANDS: Record<string, FlagSpec[]> = {
  pause: [],
  netexec: [
    'http-port',
    'udp-port',
    'sctp-port',
    'udp-listen-addresses',
    'http-override',
    'tls-cert-file',
    'tls-private-key-file',
  ].map(flag),
  'serve-hostname': [...['tcp', 'udp', 'http', 'close'].map((name) => ({ name, bool: true })), flag('port')],
  porter: [{ name: 'json-response', bool: true }],
  connect: ['timeout', 'protocol', 'udp-data', 'sctp-data'].map(flag),
};
const UNMODELLED = ['udp-listen-addresses', 'http-override', 'tls-cert-file', 'tls-private-key-file', 'json-response'];

function* run(proc: Proc): Program {
  const [, name = '', ...rest] = proc.argv;
  const specs = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!specs) return name === '' || name.startsWith('-') ? yield* usage() : yield* notModelled(`agnhost ${name}`);
  const parsed = parseFlags(rest, specs);
  if (!parsed.ok) {
    yield* printErr(`Error: ${parsed.error}\n`);
    return 1;
  }
  const { values, args } = parsed.flags;
  const value = (key: string, otherwise: string): string => values.get(key)?.at(-1) ?? otherwise;
  const off = UNMODELLED.find((key) => values.has(key));
  if (off) return yield* notModelled(`agnhost ${name} --${off}`);
  switch (name) {
    case 'pause':
      return yield* idle();
    case 'netexec':
      return yield* netexec(proc, value);
    case 'serve-hostname':
      return yield* serveHostname(proc, value);
    case 'porter':
      return yield* serve(proc, porterPorts(proc));
    default: {
      const [dest] = args;
      if (dest === undefined || args.length > 1) {
        yield* printErr(`Error: accepts 1 arg(s), received ${args.length}\n`);
        return 1;
      }
      const timeout = parseGoDuration(value('timeout', '0'));
      const protocol = value('protocol', 'tcp');
      if (timeout === null || !['tcp', 'udp', 'sctp'].includes(protocol)) {
        yield* printErr(
          timeout === null
            ? `Error: invalid argument "${value('timeout', '')}" for "--timeout" flag\n`
            : `Unsupported protocol\n${protocol}`,
        );
        return 1;
      }
      return yield* connectTo(proc, dest, protocol, timeout, value('udp-data', 'hostname'));
    }
  }
}

function* usage(): Program {
  yield* print('Usage:\n  app [command]\n');
  return 0;
}

type Value = (key: string, otherwise: string) => string;

function* netexec(proc: Proc, value: Value): Program {
  const [http, udp, sctp] = [value('http-port', '8080'), value('udp-port', '8081'), value('sctp-port', '-1')];
  const servers: Server[] = [{ kind: 'tcp', port: Number(http) }];
  if (udp !== '-1') servers.push({ kind: 'udp', port: Number(udp) });
  if (sctp !== '-1') servers.push({ kind: 'sctp', port: Number(sctp) });
  yield* log(proc, `Started HTTP server on port ${http}`);
  if (udp !== '-1') yield* log(proc, `Started UDP server on port  ${udp}`);
  return yield* serve(proc, servers);
}

function* serveHostname(proc: Proc, value: Value): Program {
  const [tcp, udp, http] = [value('tcp', 'false'), value('udp', 'false'), value('http', 'true')].map(
    (v) => v === 'true',
  );
  if (http && (tcp || udp)) {
    yield* log(proc, "Can't server TCP/UDP mode and HTTP mode at the same time");
    return 1;
  }
  const port = Number(value('port', '9376'));
  const servers: Server[] = [];
  if (tcp) servers.push({ kind: 'tcp', port, text: proc.hostname, raw: true });
  if (udp) servers.push({ kind: 'udp', port, text: proc.hostname });
  if (http) servers.push({ kind: 'tcp', port, text: proc.hostname });
  yield* log(proc, `Serving on port ${port}.`);
  return yield* serve(proc, servers);
}

/** SERVE_{,TCP_,UDP_,SCTP_}PORT_N=TEXT of the environment. */
function porterPorts(proc: Proc): Server[] {
  return [...proc.env].flatMap(([key, text]): Server[] => {
    const m = /^SERVE_(?:(TCP|UDP|SCTP)_)?PORT_(\d+)$/.exec(key);
    if (!m) return [];
    return [{ kind: (m[1] ?? 'TCP').toLowerCase() as Server['kind'], port: Number(m[2]), text }];
  });
}

/** The image's first process: its CMD is `pause`. */
export function* agnhostImage(proc: Proc): Program {
  if (proc.argv.length === 1) return yield* idle();
  return yield* run(proc);
}

export const command = defineCommand({
  name: 'agnhost',
  dir: '/usr/local/bin',
  summary: "serves and probes ports, as the image of Kubernetes' tests does",
  images: [],
  options: Object.values(SUBCOMMANDS)
    .flat()
    .filter(({ name }) => !UNMODELLED.includes(name))
    .map(({ name, bool }) => ({ flag: `--${name}`, ...(bool ? {} : { value: name }), modelled: true })),
  notModelled: [
    `options ${UNMODELLED.map((name) => `--${name}`).join(', ')}`,
    'other subcommands of agnhost',
    'paths /dial, /exit, /redirect, /shell, /shutdown and /upload of netexec (answer 501)',
    'data over SCTP: an association is made and shut down …',
    'TLS ports of porter',
  ],
  run,
});
