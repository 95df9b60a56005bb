/** `kubectl get --raw`: one GET of the API, the body as it comes. Source: k8s.io/kubectl pkg/rawhttp. */
import { handle } from '../../k8s/rest/handle.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { notModelled, print, printErr } from '../io.ts';

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Asks for a path with its query; the server's complaints as kubectl words them. */
export function* getRaw(proc: Proc, url: string): Io<number> {
  const [path = '', search = ''] = url.split(/\?(.*)/s, 2);
  const plain = decoded(path);
  if (!path.startsWith('/') || plain === null) {
    yield* printErr(`error: --raw must be a valid URL path: parse ${JSON.stringify(url)}: invalid URI for request\n`);
    return 1;
  }
  const query = new Map<string, string[]>();
  for (const pair of search.split('&').filter((p) => p !== '')) {
    const [key = '', value = ''] = pair.split(/=(.*)/s, 2).map((p) => decoded(p) ?? p);
    query.set(key, [...(query.get(key) ?? []), value]);
  }
  const answer = handle(proc.world, { method: 'GET', path: plain, query, accept: '*/*', contentType: '', body: '' });
  if (!('status' in answer)) return yield* notModelled(`kubectl get --raw ${url}`);
  if (answer.status < 400) {
    yield* print(answer.body);
    return 0;
  }
  const status = (JSON.parse(answer.body) ?? {}) as { reason?: string; message?: string };
  yield* printErr(`Error from server (${status.reason ?? ''}): ${status.message ?? ''}\n`);
  return 1;
}
