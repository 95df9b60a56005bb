/** curl 7.88.1 for http:// URLs. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { parseUrl } from '../../text/http.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll, sleep } from '../io.ts';
import type { Failure } from './connect.ts';
import { type Options, parseOptions } from './options.ts';
import { flush, output } from './output.ts';
import { toBytes } from './request.ts';
import { HELP, VERSION } from './texts.ts';
import { transfer } from './transfer.ts';
import { type Facts, writeOut } from './writeout.ts';

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv.slice(1));
  if (!parsed.ok) {
    if (parsed.kind === 'notModelled') return yield* notModelled(parsed.text);
    if (parsed.kind === 'error') {
      yield* printErr(parsed.text);
      return 2;
    }
    yield* print(parsed.kind === 'help' ? HELP : VERSION);
    return 0;
  }
  const o = parsed.options;
  const body = yield* readData(proc, o);
  if (typeof body === 'object' && body !== null) return body.exit;
  let status = 0;
  for (const [index, text] of o.urls.entries()) {
    if (parseUrl(text)?.scheme === 'https') return yield* notModelled('https (curl)');
    status = yield* one(proc, o, text, index, body);
  }
  yield* flush(o);
  return status;
}

function* one(proc: Proc, o: Options, text: string, index: number, body: string | null): Io<number> {
  const spec = o.outputs[index];
  let file: string | null = spec === undefined || spec === '-' ? null : spec;
  if (spec === null) {
    file = /([^/?#]*)(?:[?#].*)?$/.exec(parseUrl(text)?.target ?? '')?.[1] || null;
    if (file === null) {
      if (!o.silent || o.showError) yield* printErr('curl: (23) Failed writing received data to disk/application\n');
      return 23;
    }
  }
  if (file !== null && vfsOf(proc).exists(file)) vfsOf(proc).writeFile(file, '');
  let { facts, failure } = yield* transfer(proc, o, text, file, body);
  for (let tries = o.retry, pause = o.retryDelay || 1; tries > 0 && retries(o, facts, failure); tries--) {
    if (!o.silent) {
      const why = failure ? (failure.code === 28 ? 'timeout' : 'connection refused') : 'HTTP error';
      const left = tries === 1 ? '1 retry left' : `${tries} retries left`;
      yield* printErr(`Warning: Problem: ${why}. Will retry in ${pause} seconds. ${left}.\n`);
    }
    if (failure && (!o.silent || o.showError)) yield* printErr(`curl: (${failure.code}) ${failure.text}\n`);
    yield* sleep(pause * 1e6);
    if (!o.retryDelay) pause *= 2;
    ({ facts, failure } = yield* transfer(proc, o, text, file, body));
  }
  if (o.writeOut) yield* finalText(proc, o, facts);
  if (!failure) return 0;
  if (!o.silent || o.showError) yield* printErr(`curl: (${failure.code}) ${failure.text}\n`);
  return failure.code;
}

/** Whether --retry takes the outcome as passing: timeouts, some HTTP answers, and what its companions add. */
function retries(o: Options, facts: Facts, failure: Failure | null): boolean {
  if (failure?.code === 28 || failure?.code === 6) return true;
  if (failure) return (o.retryRefused && failure.code === 7) || o.retryAll;
  return [408, 429, 500, 502, 503, 504].includes(facts.head?.status ?? 0);
}

function* finalText(proc: Proc, o: Options, facts: Facts): Io<void> {
  let format = o.writeOut;
  if (format.startsWith('@')) {
    const found = vfsOf(proc).readFile(format.slice(1));
    format = found.ok ? found.value : '';
  }
  const { text, unknown } = writeOut(format, facts);
  for (const name of unknown) yield* printErr(`curl: unknown --write-out variable: '${name}'\n`);
  yield* output(proc, o, text);
}

/** The -d pieces joined by `&`, as bytes. */
function* readData(proc: Proc, o: Options): Io<string | null | { exit: number }> {
  if (o.data === null) return null;
  const pieces: string[] = [];
  for (const { text, strip, literal } of o.data) {
    if (literal || !text.startsWith('@')) {
      pieces.push(toBytes(text));
      continue;
    }
    const name = text.slice(1);
    let content = '';
    if (name === '-') content = yield* readAll();
    else {
      const found = vfsOf(proc).readFile(name);
      if (!found.ok) {
        yield* printErr(
          `curl: option -d: error encountered when reading a file\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
        );
        return { exit: 26 };
      }
      content = found.value;
    }
    pieces.push(toBytes(strip ? content.replace(/[\r\n]/g, '') : content));
  }
  return pieces.join('&');
}

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

export const command = defineCommand({
  name: 'curl',
  dir: '/usr/bin',
  summary: 'transfer a URL',
  images: ['node', 'netshoot'],
  options: [
    option('-s'),
    option('-S'),
    option('-v'),
    option('-i'),
    option('-I'),
    option('-f'),
    option('-L'),
    option('-o', 'file'),
    option('-O'),
    option('-w', 'format'),
    option('-m', 'seconds'),
    option('--max-time', 'seconds'),
    option('--connect-timeout', 'seconds'),
    option('-X', 'method'),
    option('-H', 'header'),
    option('-d', 'data'),
    option('--data-raw', 'data'),
    option('--data-binary', 'data'),
    option('-G'),
    option('-A', 'name'),
    option('-u', 'user:password'),
    option('-b', 'cookie'),
    option('-4'),
    option('-6'),
    option('--resolve', 'host:port:addr'),
    option('--interface', 'name'),
    option('-D', 'file'),
    option('-k'),
    option('--silent'),
    option('--verbose'),
    option('--head'),
    option('--fail'),
    { flag: '--cacert', value: 'file', modelled: false },
    { flag: '-F', value: 'name=content', modelled: false },
    option('--retry', 'num'),
    option('--retry-delay', 'seconds'),
    option('--retry-connrefused'),
    option('--retry-all-errors'),
    option('--connect-to', 'host:port:host:port'),
    option('--local-port', 'num'),
    option('--fail-with-body'),
  ],
  notModelled: ['https and every scheme but http'],
  run: main,
});
