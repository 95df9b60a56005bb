/** CoreDNS's small web servers: health, ready, and metrics. Sources: coredns plugin/{health,ready,metrics}. */
import type { Proc, Program } from '../../kernel/process.ts';
import { closeSocket, ownSocket, send } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { receiveHead } from '../http.ts';

/** What is counted: requests by type and protocol, answers by code, hits and misses of the cache. */
export type Counts = Record<string, number>;

export type Page = 'health' | 'ready' | 'metrics';

/** Serves one connection and ends. */
export function servePage(page: Page, connection: Socket, counts: Counts): (proc: Proc) => Program {
  return function* (proc) {
    ownSocket(proc, connection);
    const request = yield* receiveHead(proc, connection);
    if (request === null) return 0;
    const path = request.split(' ', 2)[1] ?? '/';
    const body = path !== `/${page}` ? '404 page not found\n' : page === 'metrics' ? metrics(counts) : 'OK';
    const status = path === `/${page}` ? '200 OK' : '404 Not Found';
    yield* send(
      proc,
      connection,
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    closeSocket(proc.world, connection);
    return 0;
  };
}

const HELP: Record<string, [string, string]> = {
  coredns_cache_hits_total: ['counter', 'The count of cache hits.'],
  coredns_cache_misses_total: [
    'counter',
    'The count of cache misses. Deprecated, derive misses from cache hits/requests counters.',
  ],
  coredns_dns_requests_total: ['counter', 'Counter of DNS requests made per zone, protocol and family.'],
  coredns_dns_responses_total: ['counter', 'Counter of response status codes.'],
};

function metrics(counts: Counts): string {
  const names = Object.keys(counts).sort((a, b) => (a < b ? -1 : 1));
  let text = '';
  let last = '';
  for (const name of names) {
    const family = name.replace(/\{.*/, '');
    if (family !== last) {
      const [type, help] = HELP[family] ?? ['counter', family];
      text += `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
      last = family;
    }
    text += `${name} ${counts[name]}\n`;
  }
  return text;
}
