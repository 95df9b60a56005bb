/** nginx with the configuration of its image: serves /usr/share/nginx/html on port 80. Source: nginx src/http, the official image's files. */
import { formatIp } from '../../addr/ip.ts';
import { print, printErr, waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { strftime } from '../../text/strftime.ts';
import { type HttpAnswer, type HttpState, httpPending, listenHttp, newHttpState, ownHttp, serveHttp } from '../http.ts';

const VERSION = '1.29.1';
const ROOT = '/usr/share/nginx/html';
const INDEX = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  txt: 'text/plain',
  xml: 'text/xml',
  js: 'application/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
};

const TITLES: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Not Allowed',
};

/** What its image brings. */
export const NGINX_FILES: Readonly<Record<string, string>> = {
  [`${ROOT}/${INDEX}`]: `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>
</body>
</html>
`,
};

const page = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: { Server: `nginx/${VERSION}`, 'Content-Type': 'text/html', ...headers },
  body: `<html>\r\n<head><title>${TITLES[status]}</title></head>\r\n<body>\r\n<center><h1>${TITLES[status]}</h1></center>\r\n<hr><center>nginx/${VERSION}</center>\r\n</body>\r\n</html>\r\n`,
});

/** The answer for a path, and why a file could not be opened, for the error log. */
function answer(proc: Proc, method: string, target: string): { answer: HttpAnswer; problem: string | null } {
  if (method !== 'GET' && method !== 'HEAD') return { answer: page(405), problem: null };
  const path = target.replace(/[?#].*$/, '');
  const vfs = vfsOf(proc);
  const file = `${ROOT}${path}${path.endsWith('/') ? INDEX : ''}`;
  const at = vfs.stat(file);
  if (at.ok && at.value.node.type === 'dir') return { answer: page(301, { Location: `${path}/` }), problem: null };
  const text = vfs.readFile(file);
  if (!text.ok) {
    const folder = path.endsWith('/') && vfs.exists(`${ROOT}${path}`);
    return folder
      ? { answer: page(403), problem: `directory index of "${ROOT}${path}" is forbidden` }
      : { answer: page(404), problem: `open() "${file}" failed (2: No such file or directory)` };
  }
  const type = TYPES[/\.(\w+)$/.exec(file)?.[1] ?? ''] ?? 'application/octet-stream';
  return {
    answer: { status: 200, headers: { Server: `nginx/${VERSION}`, 'Content-Type': type }, body: text.value },
    problem: null,
  };
}

/** The program. */
export function* nginx(proc: Proc, rest?: HttpState): Program {
  const http = rest ?? newHttpState();
  ownHttp(proc, http);
  const seconds = () => proc.world.epoch + Math.floor(proc.world.now / 1_000_000);
  const stamp = (format: string): string => strftime(format, seconds(), 0);
  if (!rest) {
    const error = listenHttp(proc, http, 'http', null, 80);
    if (error) {
      const why = error === 'EADDRINUSE' ? '98: Address already in use' : `13: ${error}`;
      yield* printErr(`${stamp('%Y/%m/%d %H:%M:%S')} [emerg] 1#1: bind() to 0.0.0.0:80 failed (${why})\n`);
      return 1;
    }
    for (const line of ['using the "epoll" event method', `nginx/${VERSION}`, 'start worker processes'])
      yield* printErr(`${stamp('%Y/%m/%d %H:%M:%S')} [notice] 1#1: ${line}\n`);
  }
  for (;;) {
    yield* waitFor(() => httpPending(http), null, { rest: { main: nginx, state: http } });
    const lines: Io<void>[] = [];
    yield* serveHttp(proc, http, (_tag, method, path, { head, from }) => {
      const { answer: given, problem } = answer(proc, method, path);
      const client = from === null ? '-' : formatIp(from).replace(/^::ffff:/, '');
      const agent = /^user-agent: *(.*)$/im.exec(head)?.[1] ?? '-';
      const [request = ''] = head.split('\r\n', 1);
      if (problem !== null)
        lines.push(
          printErr(
            `${stamp('%Y/%m/%d %H:%M:%S')} [error] 29#29: *1 ${problem}, client: ${client}, server: localhost, request: "${request}"\n`,
          ),
        );
      const size = method === 'HEAD' ? 0 : given.body.length;
      lines.push(
        print(
          `${client} - - [${stamp('%d/%b/%Y:%H:%M:%S +0000')}] "${request}" ${given.status} ${size} "-" "${agent}" "-"\n`,
        ),
      );
      return given;
    });
    for (const write of lines) yield* write;
  }
}
