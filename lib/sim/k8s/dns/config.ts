/** Plugins of a Corefile, checked and ready: setup() of each. Source: coredns/coredns core/dnsserver, plugin/<name>/setup.go. */
import { formatIp, parseIp } from '../../addr/ip.ts';
import { parseResolvConf } from '../../linux/resolve/config.ts';
import {
  argError,
  CorefileError,
  type Directive,
  type Line,
  parseCorefile,
  parseError,
  type ServerBlock,
} from './corefile.ts';

export interface KubernetesConfig {
  zones: string[];
  pods: 'disabled' | 'insecure' | 'verified';
  endpointPodNames: boolean;
  ttl: number;
  /** Zones for which the next plugin is asked when nothing is found; null: none, empty: all. */
  fall: string[] | null;
}

export interface RewriteRule {
  stop: boolean;
  kind: 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';
  from: string;
  to: string;
  answerAuto: boolean;
}

export interface Server {
  zones: string[];
  port: number;
  bind: string[];
  errors: boolean;
  log: boolean;
  health: string | null;
  ready: string | null;
  prometheus: string | null;
  /** Interval of reload in µs; null without the plugin. */
  reload: number | null;
  loop: boolean;
  loadbalance: boolean;
  cache: { success: number; denial: number; zones: string[]; noSuccess: string[]; noDenial: string[] } | null;
  rewrite: RewriteRule[];
  hosts: { entries: { ip: string; names: string[] }[]; fall: string[] | null; ttl: number } | null;
  template: { zones: string[]; types: string[]; rcode: number }[];
  kubernetes: KubernetesConfig | null;
  forward: { from: string; except: string[]; upstreams: { ip: string; port: number }[]; forceTcp: boolean }[];
}

/** What the model's CoreDNS does. */
const MODELLED =
  'bind cache errors forward health hosts kubernetes loadbalance log loop prometheus ready reload rewrite template'.split(
    ' ',
  );
/** What the real one knows, too: plugin.cfg. */
const OTHERS =
  'root metadata geoip cancel tls quic timeouts multisocket nsid bufsize debug trace pprof dnstap local dns64 acl any chaos tsig header dnssec autopath minimal transfer route53 azure clouddns k8s_external file auto secondary etcd grpc erratic whoami on sign view nomad'.split(
    ' ',
  );

/** A plugin that CoreDNS has and the model does not. */
export class NotModelledPlugin extends Error {}

const norm = (zone: string): string => zone.toLowerCase().replace(/\.$/, '');
export const inZone = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);
/** The zone of a list that a name belongs to most closely; undefined when to none. */
export const zoneOf = (name: string, zones: readonly string[]): string | undefined =>
  zones.filter((z) => inZone(name, z)).sort((a, b) => b.length - a.length)[0];

const plugin = (name: string, error: Error): CorefileError => new CorefileError(`plugin/${name}: ${error.message}`);

/** A Go duration in µs, whole units; null when it is none. */
function duration(text: string): number | null {
  const m = /^(\d+)(ms|s|m|h)$/.exec(text);
  return m ? Number(m[1]) * ({ ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 }[m[2] as string] ?? 1) : null;
}

function serverOf(block: ServerBlock): Server {
  const zones: string[] = [];
  let port = 53;
  for (const key of block.keys) {
    const m = /^(?:dns:\/\/)?(.*?)(?::(\d+))?$/.exec(key);
    if (/^(tls|https|grpc|quic):\/\//.test(key)) throw new NotModelledPlugin(`${key.split(':')[0]} servers of CoreDNS`);
    zones.push(norm(m?.[1] ?? ''));
    if (m?.[2]) port = Number(m[2]);
  }
  return {
    zones,
    port,
    bind: [],
    errors: false,
    log: false,
    health: null,
    ready: null,
    prometheus: null,
    reload: null,
    loop: false,
    loadbalance: false,
    cache: null,
    rewrite: [],
    hosts: null,
    template: [],
    kubernetes: null,
    forward: [],
  };
}

function kubernetes(server: Server, d: Directive): void {
  if (server.kubernetes) throw plugin('kubernetes', new Error('this plugin can only be used once per Server Block'));
  const k: KubernetesConfig = {
    zones: (d.args.length ? d.args : server.zones).map(norm),
    pods: 'disabled',
    endpointPodNames: false,
    ttl: 5,
    fall: null,
  };
  if (k.zones.every((z) => z.endsWith('.arpa')))
    throw plugin('kubernetes', new Error('non-reverse zone name must be used'));
  for (const line of d.body) {
    const [value = ''] = line.args;
    switch (line.name) {
      case 'pods':
        if (line.args.length !== 1) throw plugin('kubernetes', argError(line));
        if (value !== 'disabled' && value !== 'insecure' && value !== 'verified')
          throw plugin(
            'kubernetes',
            new Error(`wrong value for pods: ${value},  must be one of: disabled, verified, insecure`),
          );
        k.pods = value;
        break;
      case 'endpoint_pod_names':
        k.endpointPodNames = true;
        break;
      case 'ttl': {
        const ttl = Number(value);
        if (line.args.length === 0) throw plugin('kubernetes', argError(line));
        if (!/^-?\d+$/.test(value))
          throw plugin('kubernetes', new Error(`strconv.Atoi: parsing "${value}": invalid syntax`));
        if (ttl < 0 || ttl > 3600)
          throw plugin('kubernetes', parseError(line.line, `ttl must be in range [0, 3600]: ${ttl}`));
        k.ttl = ttl;
        break;
      }
      case 'fallthrough':
        k.fall = line.args.map(norm);
        break;
      case 'namespaces':
      case 'endpoint':
      case 'tls':
      case 'kubeconfig':
      case 'labels':
      case 'namespace_labels':
      case 'noendpoints':
      case 'ignore':
        throw new NotModelledPlugin(`${line.name} of CoreDNS's kubernetes plugin`);
      default:
        throw plugin('kubernetes', parseError(line.line, `unknown property '${line.name}'`));
    }
  }
  server.kubernetes = k;
}

function forward(server: Server, d: Directive, resolvConf: string): void {
  const [from, ...to] = d.args;
  if (from === undefined) throw plugin('forward', argError(d));
  if (to.length === 0) throw plugin('forward', argError(d));
  const upstreams = to.flatMap((text) => {
    if (text.startsWith('/'))
      return /^\s*nameserver\s/m.test(resolvConf)
        ? parseResolvConf(resolvConf).nameservers.map((ip) => ({ ip: formatIp(ip), port: 53 }))
        : [];
    if (/^(tls|https|grpc):\/\//.test(text))
      throw new NotModelledPlugin(`upstreams of CoreDNS by ${text.split(':')[0]}`);
    const m = /^(?:dns:\/\/)?(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]|[0-9a-f:]+?)(?::(\d+))?$/i.exec(text);
    const ip = m ? (m[1] as string).replace(/[[\]]/g, '') : '';
    if (parseIp(ip) === null) throw plugin('forward', new Error(`not an IP address or file: "${text}"`));
    return [{ ip, port: Number(m?.[2] ?? 53) }];
  });
  if (upstreams.length === 0) throw plugin('forward', new Error('no nameservers found'));
  const f: Server['forward'][number] = { from: norm(from), except: [], upstreams, forceTcp: false };
  for (const line of d.body) {
    if (line.name === 'except') f.except = line.args.map(norm);
    else if (line.name === 'force_tcp') f.forceTcp = true;
    else if (
      !['max_concurrent', 'expire', 'max_fails', 'health_check', 'prefer_udp', 'policy', 'next', 'failover'].includes(
        line.name,
      )
    )
      throw plugin('forward', parseError(line.line, `unknown property '${line.name}'`));
    else if (line.name === 'policy' || line.name === 'next' || line.name === 'failover')
      throw new NotModelledPlugin(`${line.name} of CoreDNS's forward plugin`);
  }
  server.forward.push(f);
}

function cache(server: Server, d: Directive): void {
  const number = (text: string | undefined, otherwise: number, line: Line): number => {
    if (text === undefined) return otherwise;
    if (!/^\d+$/.test(text)) throw plugin('cache', argError(line));
    if (Number(text) <= 0) throw plugin('cache', new Error(`cache TTL can not be zero or negative: ${text}`));
    return Number(text);
  };
  const [first] = d.args;
  const ttl = first !== undefined && /^\d+$/.test(first) ? number(first, 3600, d) : null;
  const zones = d.args.slice(ttl === null ? 0 : 1).map(norm);
  const c: NonNullable<Server['cache']> = {
    success: ttl ?? 3600,
    denial: ttl ?? 1800,
    zones: zones.length ? zones : server.zones,
    noSuccess: [],
    noDenial: [],
  };
  for (const line of d.body) {
    if (line.name === 'success') c.success = number(line.args[1], c.success, line);
    else if (line.name === 'denial') c.denial = number(line.args[1], c.denial, line);
    else if (line.name === 'disable') {
      const [kind, ...of] = line.args;
      const all = of.length ? of.map(norm) : [''];
      if (kind === 'success') c.noSuccess = all;
      else if (kind === 'denial') c.noDenial = all;
      else throw plugin('cache', new Error(`cache type for disable must be "success" or "denial"`));
    } else if (['prefetch', 'serve_stale', 'servfail', 'keepttl'].includes(line.name))
      throw new NotModelledPlugin(`${line.name} of CoreDNS's cache plugin`);
    else throw plugin('cache', argError(line));
  }
  server.cache = c;
}

const KINDS = ['exact', 'prefix', 'suffix', 'substring', 'regex'] as const;

function rewrite(server: Server, d: Directive): void {
  const args = [...d.args];
  let stop = true;
  if (args[0] === 'stop' || args[0] === 'continue') stop = args.shift() === 'stop';
  // rewrite [continue|stop] { name … }: the rule stands in the block.
  const rule = args.length ? args : [...(d.body[0] ? [d.body[0].name, ...d.body[0].args] : [])];
  const answers = args.length ? d.body : d.body.slice(1);
  if (rule.shift() !== 'name') throw new NotModelledPlugin("rules of CoreDNS's rewrite plugin other than name");
  const kind = KINDS.find((k) => k === rule[0]);
  if (kind) rule.shift();
  const [from, to, ...more] = rule;
  if (from === undefined || to === undefined)
    throw plugin('rewrite', new Error(`name rewrite rules must be 3 arguments long`));
  const auto = more.join(' ') === 'answer auto' || answers.some((l) => l.name === 'answer' && l.args[0] === 'auto');
  if (!auto && (more.length || answers.length)) throw new NotModelledPlugin("answer rules of CoreDNS's rewrite plugin");
  server.rewrite.push({
    stop,
    kind: kind ?? 'exact',
    from: kind === 'regex' ? from : norm(from),
    to: norm(to),
    answerAuto: auto,
  });
}

function hosts(server: Server, d: Directive): void {
  const h: NonNullable<Server['hosts']> = { entries: [], fall: null, ttl: 3600 };
  if (d.args[0]?.startsWith('/')) throw new NotModelledPlugin("a file of CoreDNS's hosts plugin");
  for (const line of d.body) {
    if (line.name === 'fallthrough') h.fall = line.args.map(norm);
    else if (line.name === 'ttl') h.ttl = Number(line.args[0]);
    else if (parseIp(line.name) !== null) h.entries.push({ ip: line.name, names: line.args.map(norm) });
    else if (!['no_reverse', 'reload'].includes(line.name))
      throw plugin('hosts', parseError(line.line, `unknown property '${line.name}'`));
  }
  server.hosts = h;
}

function template(server: Server, d: Directive): void {
  const [, type = 'ANY', ...zones] = d.args;
  const rcode = d.body.find((l) => l.name === 'rcode')?.args[0];
  const other = d.body.find((l) => l.name !== 'rcode');
  const known = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 }[rcode?.toUpperCase() ?? 'NOERROR'];
  if (other || known === undefined) throw new NotModelledPlugin(`${other?.name ?? rcode} of CoreDNS's template plugin`);
  server.template.push({
    zones: zones.length ? zones.map(norm) : server.zones,
    types: [type.toUpperCase()],
    rcode: known,
  });
}

/** Reads a Corefile; `resolvConf` is the text that `forward . /etc/resolv.conf` means. Throws {@link CorefileError} and {@link NotModelledPlugin}. */
export function loadConfig(text: string, resolvConf: string): Server[] {
  const blocks = parseCorefile(text, (name) => MODELLED.includes(name) || OTHERS.includes(name));
  return blocks.map((block) => {
    const server = serverOf(block);
    for (const d of block.directives) {
      const [first] = d.args;
      switch (d.name) {
        case 'errors':
        case 'log':
        case 'loop':
        case 'loadbalance':
          server[d.name] = true;
          break;
        case 'bind':
          server.bind = d.args;
          break;
        case 'health':
          server.health = first ?? ':8080';
          break;
        case 'ready':
          server.ready = first ?? ':8181';
          break;
        case 'prometheus':
          server.prometheus = first ?? 'localhost:9153';
          break;
        case 'reload': {
          const every = first === undefined ? 30_000_000 : duration(first);
          if (first !== 'off' && every === null) throw plugin('reload', new Error(`time: invalid duration "${first}"`));
          if (every !== null && every < 2_000_000)
            throw plugin('reload', new Error('interval value must be greater or equal to 2s'));
          server.reload = first === 'off' ? null : every;
          break;
        }
        case 'kubernetes':
          kubernetes(server, d);
          break;
        case 'forward':
          forward(server, d, resolvConf);
          break;
        case 'cache':
          cache(server, d);
          break;
        case 'rewrite':
          rewrite(server, d);
          break;
        case 'hosts':
          hosts(server, d);
          break;
        case 'template':
          template(server, d);
          break;
        default:
          throw new NotModelledPlugin(`CoreDNS's plugin ${d.name}`);
      }
    }
    return server;
  });
}
