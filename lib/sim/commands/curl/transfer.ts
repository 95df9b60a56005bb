/** One URL: connect, send, read, follow redirects, write the body where it goes. */
import { formatIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { closeSocket, recv, send } from '../../linux/socket/index.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { headerOf, parseUrl, ResponseReader, resolveUrl, type Url } from '../../text/http.ts';
import { utf8Decode } from '../../text/utf8.ts';
import { isTty } from '../io.ts';
import { type Connection, type Deadlines, type Failure, milliseconds, openConnection } from './connect.ts';
import { Console } from './console.ts';
import type { Options } from './options.ts';
import { output } from './output.ts';
import { buildRequest, type Request } from './request.ts';
import type { Facts } from './writeout.ts';

export interface Outcome {
  facts: Facts;
  failure: Failure | null;
}

/** A byte string as text. */
export const toText = (bytes: string): string => utf8Decode([...bytes].map((ch) => ch.charCodeAt(0)));

interface Job {
  proc: Proc;
  o: Options;
  con: Console;
  at: Deadlines;
  facts: Facts;
  /** Where the body goes: null for standard output. */
  file: string | null;
}

const emptyFacts = (url: string, method: string): Facts => ({
  url,
  method,
  scheme: 'http',
  head: null,
  headerBytes: 0,
  bodyBytes: 0,
  uploadBytes: 0,
  requestBytes: 0,
  connects: 0,
  redirects: 0,
  redirectUrl: '',
  localIp: '',
  localPort: 0,
  remoteIp: '',
  remotePort: 0,
  file: '',
  exitCode: 0,
  error: '',
  times: { lookup: 0, connect: 0, pretransfer: 0, start: 0, total: 0, redirect: 0 },
});

/** Runs the transfer of one URL. `body` is the data to send, or null. */
export function* transfer(proc: Proc, o: Options, text: string, file: string | null, body: string | null): Io<Outcome> {
  const { world } = proc;
  const started = world.now;
  const toTerminal = file === null && isTty(proc, 1);
  const con = new Console(proc, started, !o.silent && !o.noProgress && !toTerminal, o.verbose, toTerminal);
  const method = o.method || (o.head ? 'HEAD' : body !== null && !o.get ? 'POST' : 'GET');
  const facts = emptyFacts(text, method);
  facts.file = file ?? '';
  const at: Deadlines = {
    started,
    total: o.maxTime > 0 ? started + o.maxTime * 1e6 : null,
    connect: o.connectTimeout > 0 ? started + o.connectTimeout * 1e6 : null,
  };
  const job: Job = { proc, o, con, at, facts, file };
  const failure = yield* follow(job, text, body, method);
  facts.times.total = world.now - started;
  facts.exitCode = failure?.code ?? 0;
  facts.error = failure?.text ?? '';
  return { facts, failure };
}

function* follow(job: Job, text: string, body: string | null, firstMethod: string): Io<Failure | null> {
  const { o, con, facts } = job;
  let target = o.get && body !== null ? `${text}${text.includes('?') ? '&' : '?'}${body}` : text;
  let data = o.get ? null : body;
  let method = firstMethod;
  let connection: Connection | null = null;
  let began = false;
  for (;;) {
    const url = parseUrl(target);
    if (!url) return { code: 3, text: 'URL using bad/illegal format or missing URL' };
    if (url.scheme !== 'http')
      return { code: 1, text: `Protocol "${url.scheme}" not supported or disabled in libcurl` };
    facts.url = `${url.scheme}://${target.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/, '')}${url.target}`;
    if (!began) yield* con.begin();
    began = true;
    if (!connection) {
      const made: Connection | Failure = yield* openConnection(job.proc, o, url, job.at, con);
      if ('code' in made) {
        if (made.code !== 45) yield* con.info(made.text);
        yield* con.done();
        yield* con.info('Closing connection 0');
        return made;
      }
      connection = made;
      noteConnection(job, made);
    }
    const result: Failure | ResponseReader = yield* exchange(job, connection, buildRequest(o, url, data, method));
    if (!(result instanceof ResponseReader)) {
      closeSocket(job.proc.world, connection.socket);
      return result;
    }
    const next = redirect(job, url, result);
    if (next !== null && o.location && facts.redirects >= o.maxRedirs && o.maxRedirs >= 0) {
      yield* con.done();
      return { code: 47, text: `Maximum (${o.maxRedirs}) redirects followed` };
    }
    const keep: boolean = result.keepAlive;
    if (next === null || !o.location) yield* con.done();
    yield* con.info(keep ? `Connection #0 to host ${connection.host} left intact` : 'Closing connection 0');
    if (next === null || !o.location) {
      closeSocket(job.proc.world, connection.socket);
      return null;
    }
    yield* con.info(`Issue another request to this URL: '${next}'`);
    facts.redirects++;
    facts.redirectUrl = '';
    const to = parseUrl(next);
    const same: boolean = keep && to !== null && to.host === url.host && to.port === url.port;
    if (!same) {
      closeSocket(job.proc.world, connection.socket);
      connection = null;
    } else {
      yield* con.info('Found bundle for host: 0x55d0c0de0000 [serially]');
      yield* con.info('Can not multiplex, even if we wanted to');
      yield* con.info(`Re-using existing connection #0 with host ${connection.host}`);
    }
    if (!o.method && data !== null && [301, 302, 303].includes(result.head!.status)) {
      yield* con.info('Switch from POST to GET');
      data = null;
      method = 'GET';
    }
    target = next;
  }
}

function noteConnection(job: Job, made: Connection): void {
  const { facts } = job;
  facts.connects++;
  facts.remoteIp = formatIp(made.ip);
  facts.remotePort = made.port;
  facts.localIp = formatIp(made.socket.local.ip);
  facts.localPort = made.socket.local.port;
  facts.times.connect = facts.times.pretransfer = job.proc.world.now - job.at.started;
}

function redirect(job: Job, url: Url, reader: ResponseReader): string | null {
  const location = reader.head ? headerOf(reader.head, 'location') : null;
  if (location === null || ![301, 302, 303, 307, 308].includes(reader.head!.status)) return null;
  const next = resolveUrl(url, location);
  job.facts.redirectUrl = next;
  return next;
}

/** Sends one request and reads its response. The failure's lines are printed here. */
function* exchange(job: Job, connection: Connection, request: Request): Io<Failure | ResponseReader> {
  const { proc, o, con, at, facts } = job;
  yield* con.headers('>', request.head);
  facts.requestBytes += request.head.length + request.body.length;
  con.meter.uploadTotal = con.meter.uploaded = facts.uploadBytes = request.body.length;
  const broken = yield* send(proc, connection.socket, request.head + request.body);
  if (request.body) yield* con.data('}', request.body.length);
  if (broken)
    return yield* failed(job, {
      code: 55,
      text: `Send failure: ${broken === 'ECONNRESET' ? 'Connection reset by peer' : 'Broken pipe'}`,
    });
  const reader = new ResponseReader(request.method === 'HEAD');
  let headShown = false;
  while (reader.state === 'head' || reader.state === 'body') {
    const second = at.started + (Math.floor((proc.world.now - at.started) / 1e6) + 1) * 1e6;
    const got = yield* recv(proc, connection.socket, Math.min(at.total ?? Number.POSITIVE_INFINITY, second));
    yield* con.tick();
    if ('timeout' in got) {
      if (at.total === null || proc.world.now < at.total) continue;
      const ms = milliseconds(proc.world.now - at.started);
      const known = con.meter.total > 0 ? ` out of ${con.meter.total}` : '';
      return yield* failed(job, {
        code: 28,
        text: `Operation timed out after ${ms} milliseconds with ${con.meter.received}${known} bytes received`,
      });
    }
    if ('error' in got)
      return yield* failed(job, {
        code: 56,
        text: `Recv failure: ${got.error === 'ECONNRESET' ? 'Connection reset by peer' : got.error}`,
      });
    if ('eof' in got) {
      if (reader.state === 'head' && reader.unread > 0)
        return yield* failed(job, { code: 1, text: 'Received HTTP/0.9 when not allowed' });
      if (reader.state === 'head') return yield* failed(job, { code: 52, text: 'Empty reply from server' });
      reader.end();
      break;
    }
    const body = reader.feed(got.data);
    if ((reader.state as string) === 'garbage')
      return yield* failed(job, { code: 1, text: 'Received HTTP/0.9 when not allowed' });
    if (reader.head && !headShown) {
      headShown = true;
      facts.times.start = proc.world.now - at.started;
      facts.head = reader.head;
      facts.headerBytes += reader.head.raw.length;
      const shown = yield* showHead(job, reader, con);
      if (shown) return yield* failed(job, shown);
    }
    if (body) {
      yield* con.data('{', body.length);
      con.meter.received += body.length;
      facts.bodyBytes += body.length;
      if (!isRedirected(o, reader)) {
        const unwritable = yield* write(job, body);
        if (unwritable) return yield* failed(job, unwritable);
      }
    }
  }
  if (o.failWithBody && reader.state !== 'short' && (reader.head?.status ?? 0) >= 400)
    return yield* failed(job, { code: 22, text: `The requested URL returned error: ${reader.head?.status}` });
  if (reader.state === 'short')
    return yield* failed(job, { code: 18, text: `transfer closed with ${reader.missing} bytes remaining to read` });
  return reader;
}

const isRedirected = (o: Options, reader: ResponseReader): boolean =>
  o.location &&
  reader.head !== null &&
  [301, 302, 303, 307, 308].includes(reader.head.status) &&
  headerOf(reader.head, 'location') !== null;

function* showHead(job: Job, reader: ResponseReader, con: Console): Io<Failure | null> {
  const { o, proc } = job;
  const head = reader.head!;
  yield* con.headers('<', head.raw);
  con.meter.total = Number(headerOf(head, 'content-length') ?? 0) || 0;
  if (o.dumpHeader) {
    const text = toText(head.raw);
    if (o.dumpHeader === '-') yield* output(proc, o, text);
    else vfsOf(proc).appendFile(o.dumpHeader, text);
  }
  if (o.fail && head.status >= 400) return { code: 22, text: `The requested URL returned error: ${head.status}` };
  return o.include || o.head ? yield* write(job, head.raw) : null;
}

function* write(job: Job, bytes: string): Io<Failure | null> {
  const text = toText(bytes);
  if (job.file === null) {
    yield* output(job.proc, job.o, text);
    return null;
  }
  const vfs = vfsOf(job.proc);
  const done = vfs.appendFile(job.file, text);
  return done.ok ? null : { code: 23, text: 'Failure writing output to destination' };
}

function* failed(job: Job, failure: Failure): Io<Failure> {
  yield* job.con.info(failure.text);
  yield* job.con.done();
  yield* job.con.info('Closing connection 0');
  return failure;
}
