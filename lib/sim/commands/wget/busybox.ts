/** wget of busybox 1.35. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { closeSocket } from '../../linux/socket/index.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { headerOf, hostText, parseUrl, resolveUrl } from '../../text/http.ts';
import { notModelled, print, printErr } from '../io.ts';
import { CONNECT_ERRORS, connectTo, exchange, toBytes, toText } from './fetch.ts';

const USAGE = `BusyBox v1.35.0 (2022-12-26 15:33:28 UTC) multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP

	--spider	Only check URL existence: $? is 0 if exists
	--header STR	Add STR (of form 'header: value') to headers
	--post-data STR	Send STR using POST method
	--post-file FILE	Send FILE using POST method
	--no-check-certificate	Don't validate the server's certificate
	-c		Continue retrieval of aborted transfer
	-q		Quiet
	-P DIR		Save to DIR (default .)
	-S    		Show server response
	-T SEC		Network read timeout is SEC seconds
	-O FILE		Save to FILE ('-' for stdout)
	-o LOGFILE	Log messages to FILE
	-U STR		Use STR for User-Agent header
	-Y on/off	Use proxy
`;
const DEFAULT_TIMEOUT = 900;
const MAX_REDIRECTS = 6;

interface Settings {
  quiet: boolean;
  show: boolean;
  spider: boolean;
  file: string | null;
  dir: string;
  headers: string[];
  post: string | null;
  agent: string;
  timeout: number;
}

/** Runs `wget [-q] [-O FILE] [-T SEC] URL…`. */
export function* busyboxWget(proc: Proc): Io<number> {
  const s: Settings = {
    quiet: false,
    show: false,
    spider: false,
    file: null,
    dir: '',
    headers: [],
    post: null,
    agent: 'Wget',
    timeout: DEFAULT_TIMEOUT,
  };
  const urls: string[] = [];
  const args = proc.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-') || arg === '-') {
      urls.push(arg);
      continue;
    }
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    if (long) {
      const name = long[1] as string;
      if (name === 'spider') s.spider = true;
      else if (name === 'quiet') s.quiet = true;
      else if (name === 'no-check-certificate' || name === 'passive-ftp') continue;
      else if (
        ['header', 'post-data', 'timeout', 'tries', 'output-document', 'user-agent', 'directory-prefix'].includes(name)
      ) {
        const value = long[2] ?? args[++i];
        if (value === undefined) return yield* usage(`wget: option '--${name}' requires an argument\n`);
        if (name === 'header') s.headers.push(value);
        else if (name === 'post-data') s.post = value;
        else if (
          name !== 'tries' &&
          !set(
            s,
            { timeout: 'T', 'output-document': 'O', 'user-agent': 'U', 'directory-prefix': 'P' }[name] as string,
            value,
          )
        ) {
          return yield* invalid(value);
        }
      } else if (name === 'post-file' || name === 'continue') return yield* notModelled(`wget --${name}`);
      else return yield* usage(`wget: unrecognized option '--${name}'\n`);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      if (letter === 'q') s.quiet = true;
      else if (letter === 'S') s.show = true;
      else if (letter === 'c') return yield* notModelled('wget -c');
      else if ('OoPYUTtn'.includes(letter)) {
        const value = arg.slice(at + 1) || args[++i];
        if (value === undefined) return yield* usage(`wget: option requires an argument -- '${letter}'\n`);
        if (letter === 'o') return yield* notModelled('wget -o');
        if (!set(s, letter, value)) return yield* invalid(value);
        break;
      } else return yield* usage(`wget: invalid option -- '${letter}'\n`);
    }
  }
  if (urls.length === 0) return yield* usage('');
  for (const url of urls) {
    const status = yield* download(proc, s, url);
    if (status !== 0) return status;
  }
  return 0;
}

function* usage(first: string): Io<number> {
  yield* printErr(first + USAGE);
  return 1;
}

function* invalid(value: string): Io<number> {
  yield* printErr(`wget: invalid number '${value}'\n`);
  return 1;
}

function set(s: Settings, letter: string, value: string): boolean {
  if (letter === 'O') s.file = value;
  if (letter === 'P') s.dir = value;
  if (letter === 'U') s.agent = value;
  if (letter !== 'T') return true;
  if (!/^\d+$/.test(value)) return false;
  s.timeout = Number(value);
  return true;
}

function* die(text: string): Io<number> {
  yield* printErr(`wget: ${text}\n`);
  return 1;
}

function* download(proc: Proc, s: Settings, text: string): Io<number> {
  let target = text;
  for (let hops = 0; hops < MAX_REDIRECTS; hops++) {
    const url = parseUrl(target);
    if (!url) return yield* die(`bad address '${target}'`);
    if (url.scheme === 'https' || url.scheme === 'ftp') return yield* notModelled(`${url.scheme} (wget)`);
    if (url.scheme !== 'http') return yield* die(`not an http or ftp url: ${target}`);
    const found = yield* resolveHost(proc, url.host);
    if (!found.ok) return yield* die(`bad address '${url.host}'`);
    const ip = found.ips[0] as Ip;
    const port = url.port ?? 80;
    if (!s.quiet && hops === 0)
      yield* printErr(
        `Connecting to ${url.port === null ? url.host : `${url.host}:${port}`} (${formatIp(ip)}:${port})\n`,
      );
    const wait = s.timeout > 0 ? s.timeout * 1e6 : null;
    const made = yield* connectTo(proc, ip, port, wait);
    if ('timeout' in made) return yield* die('download timed out');
    if ('errno' in made)
      return yield* die(`can't connect to remote host (${formatIp(ip)}): ${CONNECT_ERRORS[made.errno] ?? made.errno}`);
    const method = s.spider ? 'HEAD' : s.post === null ? 'GET' : 'POST';
    const body = s.post === null ? '' : toBytes(s.post);
    const lines = [
      `${method} ${url.target} HTTP/1.1`,
      `Host: ${hostText(url)}`,
      `User-Agent: ${s.agent}`,
      'Connection: close',
      ...s.headers,
    ];
    if (s.post !== null)
      lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`);
    const result = yield* exchange(
      proc,
      made.socket,
      `${lines.map(toBytes).join('\r\n')}\r\n\r\n${body}`,
      wait,
      s.spider,
    );
    closeSocket(proc.world, made.socket);
    if ('failed' in result) {
      if (result.failed === 'timeout') return yield* die('download timed out');
      return yield* die(
        result.failed === 'reset' ? 'error getting response: Connection reset by peer' : 'error getting response',
      );
    }
    const head = result.reader.head!;
    if (s.show)
      yield* printErr(
        toText(head.raw)
          .split(/\r?\n/)
          .slice(0, -1)
          .map((line) => `  ${line}\n`)
          .join(''),
      );
    const location = headerOf(head, 'location');
    if ([300, 301, 302, 303, 307, 308].includes(head.status) && location !== null) {
      target = resolveUrl(url, location);
      continue;
    }
    if (head.status < 200 || head.status >= 300)
      return yield* die(
        `server returned error: HTTP/${head.version} ${head.status}${head.reason ? ` ${head.reason}` : ''}`,
      );
    if (s.spider) {
      if (!s.quiet) yield* printErr('remote file exists\n');
      return 0;
    }
    return yield* save(proc, s, url.target, result.reader.body, result.reader.state === 'short');
  }
  return yield* die('too many redirections');
}

function* save(proc: Proc, s: Settings, target: string, body: string, short: boolean): Io<number> {
  const toStdout = s.file === '-';
  const name = s.file ?? (s.dir ? `${s.dir}/` : '') + (/([^/]*)(?:\?.*)?$/.exec(target)?.[1] || 'index.html');
  const vfs = vfsOf(proc);
  if (s.file === null && vfs.exists(name)) return yield* die(`can't open '${name}': File exists`);
  const say = (text: string) => (s.quiet ? printErr('') : printErr(text));
  yield* say(toStdout ? 'writing to stdout\n' : `saving to '${name}'\n`);
  if (toStdout) yield* print(toText(body));
  else {
    const written = vfs.writeFile(name, toText(body));
    if (!written.ok)
      return yield* die(
        `can't open '${name}': ${written.errno === 'ENOENT' ? 'No such file or directory' : written.errno}`,
      );
  }
  if (short) return yield* die('connection closed prematurely');
  const base = toStdout ? '-' : (name.split('/').at(-1) as string);
  yield* say(
    `${base.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${String(body.length).padStart(5)}  0:00:00 ETA\n`,
  );
  yield* say(toStdout ? 'written to stdout\n' : `'${name}' saved\n`);
  return 0;
}
