/** GNU wget 1.21.3. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { closeSocket } from '../../linux/socket/index.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { headerOf, hostText, parseUrl, resolveUrl, type Url } from '../../text/http.ts';
import { isTty, notModelled, print, printErr, sleep } from '../io.ts';
import { CONNECT_ERRORS, connectTo, exchange, toBytes, toText } from './fetch.ts';
import { parseSettings, type Settings } from './gnu-options.ts';
import { barRow, dateTime, dotRows, rateText } from './gnu-progress.ts';

const NETWORK_FAILURE = 4;
const SERVER_ERROR = 8;

interface Run {
  proc: Proc;
  s: Settings;
  say(text: string): Io<void>;
}

/** Runs `wget [OPTION]… URL…`. */
export function* gnuWget(proc: Proc): Io<number> {
  const parsed = parseSettings(proc.argv.slice(1));
  if (!parsed.ok) {
    if (parsed.notModelled) return yield* notModelled(parsed.text);
    yield* printErr(parsed.text);
    return parsed.status;
  }
  const s = parsed.settings;
  const run: Run = { proc, s, say: (text) => printErr(s.quiet || s.brief ? '' : text) };
  let status = 0;
  for (const url of s.urls) {
    const one = yield* download(run, url);
    if (one !== 0 && (status === 0 || one < status)) status = one;
  }
  return status;
}

const clock = (proc: Proc): string => dateTime(proc.world.epoch + proc.world.now / 1e6);

type Attempt = { status: number } | { retry: true } | { follow: string };

function* download(run: Run, text: string): Io<number> {
  const { s, say } = run;
  let target = text;
  let redirects = 0;
  for (let attempt = 1; ; attempt++) {
    const url = parseUrl(target);
    if (!url) {
      yield* printErr(`${target}: Invalid host name.\n`);
      return 1;
    }
    if (url.scheme !== 'http') {
      if (url.scheme === 'https' || url.scheme === 'ftp') return yield* notModelled(`${url.scheme} (wget)`);
      yield* printErr(`${target}: Unsupported scheme ‘${url.scheme}’.\n`);
      return 1;
    }
    if (s.spider && attempt === 1 && redirects === 0) yield* say('Spider mode enabled. Check if remote file exists.\n');
    const shown = `http://${hostText(url)}${url.target}`;
    yield* say(`--${clock(run.proc)}--  ${attempt > 1 ? `(try:${String(attempt).padStart(2)})  ` : ''}${shown}\n`);
    const result = yield* fetch(run, url, shown);
    if ('status' in result) return result.status;
    if ('follow' in result) {
      if (++redirects > s.maxRedirect) {
        yield* say(`${s.maxRedirect} redirections exceeded.\n`);
        return SERVER_ERROR;
      }
      target = result.follow;
      attempt = 0;
      continue;
    }
    if (attempt >= s.tries) {
      yield* say('Giving up.\n\n');
      return NETWORK_FAILURE;
    }
    yield* say('Retrying.\n\n');
    yield* sleep(Math.min(attempt, s.waitRetry) * 1e6);
  }
}

function* fetch(run: Run, url: Url, shown: string): Io<Attempt> {
  const { proc, s, say } = run;
  const ips = yield* addresses(run, url);
  if (!ips) return { status: NETWORK_FAILURE };
  const port = url.port ?? 80;
  const literal = parseIp(url.host) !== null;
  for (const ip of ips) {
    const name = literal ? formatIp(ip) : `${url.host} (${url.host})|${formatIp(ip)}|`;
    yield* say(`Connecting to ${name}:${port}... `);
    const made = yield* connectTo(proc, ip, port, s.connectTimeout > 0 ? s.connectTimeout * 1e6 : null);
    if ('socket' in made) {
      yield* say('connected.\n');
      const result = yield* request(run, url, shown, made.socket);
      closeSocket(proc.world, made.socket);
      return result;
    }
    const errno = 'timeout' in made ? 'ETIMEDOUT' : made.errno;
    yield* say(`failed: ${CONNECT_ERRORS[errno] ?? errno}.\n`);
    const final = ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'].includes(errno) && !s.retryRefused;
    if (ip === ips.at(-1)) return final ? { status: NETWORK_FAILURE } : { retry: true };
  }
  return { status: NETWORK_FAILURE };
}

function* addresses(run: Run, url: Url): Io<Ip[] | null> {
  const literal = parseIp(url.host);
  if (literal !== null) return [literal];
  yield* run.say(`Resolving ${url.host} (${url.host})... `);
  const found = yield* resolveHost(run.proc, url.host, run.s.family ?? undefined);
  if (found.ok) {
    const shown = found.ips.slice(0, 3).map(formatIp).join(', ');
    yield* run.say(`${shown}${found.ips.length > 3 ? ', ...' : ''}\n`);
    return found.ips;
  }
  yield* run.say(`failed: ${GAI_TEXT[found.error]}.\n`);
  if (!run.s.quiet) yield* printErr(`wget: unable to resolve host address ‘${url.host}’\n`);
  return null;
}

function* request(run: Run, url: Url, shown: string, socket: Parameters<typeof exchange>[1]): Io<Attempt> {
  const { proc, s, say } = run;
  yield* say('HTTP request sent, awaiting response... ');
  const body = s.post === null ? '' : toBytes(s.post);
  const lines = [
    `${s.spider ? 'HEAD' : s.post === null ? 'GET' : 'POST'} ${url.target} HTTP/1.1`,
    `Host: ${hostText(url)}`,
    `User-Agent: ${s.agent}`,
    'Accept: */*',
    'Accept-Encoding: identity',
    'Connection: Keep-Alive',
    ...(s.post === null ? [] : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`]),
    ...s.headers,
  ];
  const result = yield* exchange(
    proc,
    socket,
    `${lines.map(toBytes).join('\r\n')}\r\n\r\n${body}`,
    s.readTimeout > 0 ? s.readTimeout * 1e6 : null,
    s.spider,
  );
  if ('failed' in result) {
    const words = {
      closed: 'No data received.',
      timeout: 'Read error (Connection timed out) in headers.',
      reset: 'Read error (Connection reset by peer) in headers.',
      garbage: '200 No headers, assuming HTTP/0.9',
    };
    yield* say(`${words[result.failed]}\n`);
    return { retry: true };
  }
  const { reader } = result;
  const head = reader.head!;
  if (s.serverResponse)
    yield* say(
      `\n${toText(head.raw)
        .split(/\r?\n/)
        .slice(0, -2)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
  else yield* say(`${head.status}${head.reason ? ` ${head.reason}` : ''}\n`);
  const location = headerOf(head, 'location');
  if ([301, 302, 303, 307, 308].includes(head.status) && location !== null) {
    yield* say(`Location: ${location} [following]\n`);
    return { follow: resolveUrl(url, location) };
  }
  if (head.status < 200 || head.status >= 300) return yield* serverError(run, shown, head.status, head.reason);
  return yield* save(run, url, shown, reader.body, head, result.us);
}

function* serverError(run: Run, shown: string, status: number, reason: string): Io<Attempt> {
  const { s, say } = run;
  if (s.spider) {
    yield* say('Remote file does not exist -- broken link!!!\n\n');
    return { status: SERVER_ERROR };
  }
  if (s.brief && !s.quiet) yield* printErr(`${shown}:\n`);
  if (!s.quiet)
    yield* printErr(`${clock(run.proc)} ERROR ${status}: ${reason || '(no description)'}.\n${s.brief ? '' : '\n'}`);
  return { status: SERVER_ERROR };
}

function* save(
  run: Run,
  url: Url,
  shown: string,
  body: string,
  head: Parameters<typeof headerOf>[0],
  us: number,
): Io<Attempt> {
  const { proc, s, say } = run;
  const length = headerOf(head, 'content-length');
  const type = headerOf(head, 'content-type')?.split(';')[0]?.trim();
  yield* say(`Length: ${length ?? 'unspecified'}${type ? ` [${type}]` : ''}\n`);
  if (s.spider) {
    yield* say('Remote file exists.\n\n');
    return { status: 0 };
  }
  const vfs = vfsOf(proc);
  const toStdout = s.file === '-';
  const name =
    s.file ?? freeName(proc, (s.dir ? `${s.dir}/` : '') + (/([^/]*)$/.exec(url.target)?.[1] || 'index.html'));
  yield* say(`Saving to: ‘${toStdout ? 'STDOUT' : name}’\n\n`);
  if (toStdout) yield* print(toText(body));
  else {
    const written = vfs.writeFile(name, toText(body));
    if (!written.ok) {
      yield* printErr(`${name}: ${written.errno === 'ENOENT' ? 'No such file or directory' : written.errno}\n`);
      return { status: 3 };
    }
  }
  const seconds = Math.max(us, 1) / 1e6;
  yield* say(isTty(proc, 2) ? barRow(name, body.length, seconds, proc.tty?.cols ?? 80) : dotRows(body.length, seconds));
  const sizes = `[${body.length}${length === null ? '' : `/${length}`}]`;
  const verb = toStdout ? 'written to stdout' : `‘${name}’ saved`;
  yield* say(`${clock(proc)} (${rateText(body.length / seconds)}) - ${verb} ${sizes}\n\n`);
  if (s.brief && !s.quiet) yield* printErr(`${clock(proc)} URL:${shown} ${sizes} -> "${toStdout ? '-' : name}" [1]\n`);
  return { status: 0 };
}

/** `index.html`, or with a number when it is there already. */
function freeName(proc: Proc, name: string): string {
  const vfs = vfsOf(proc);
  if (!vfs.exists(name)) return name;
  for (let n = 1; ; n++) if (!vfs.exists(`${name}.${n}`)) return `${name}.${n}`;
}
