/** Following the log of changes for one client. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
import { changesSince, listObjects, type RestWatch, revision } from '#sim/index.ts';
import type { LiveWorld } from './live.ts';

/** Writes an event for each change that concerns the watch, from its version on. Answers how to stop. */
export function followWatch(
  live: LiveWorld,
  { watch }: RestWatch,
  write: (line: string) => void,
  end: () => void,
): () => void {
  const { world } = live.session.machine;
  const { kind, matches, encode } = watch;
  /** Objects that the client knows: one that leaves the selection is deleted for it. */
  const known = new Set<string>();
  let at = revision(world);
  const initial = listObjects(world, kind.name).filter(matches);
  for (const object of initial) known.add(object.metadata.uid ?? '');
  if (watch.from === null) for (const object of initial) write(encode('ADDED', object));
  else at = watch.from;
  const send = (): void => {
    const changes = changesSince(world, at);
    at = revision(world);
    if (changes === null) {
      write(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'too old resource version', reason: 'Expired', code: 410 } })}\n`,
      );
      end();
      return;
    }
    for (const { type, resource, object } of changes) {
      if (resource !== kind.name) continue;
      const uid = object.metadata.uid ?? '';
      const wanted = type !== 'DELETED' && matches(object);
      if (wanted) {
        write(encode(type === 'ADDED' || !known.has(uid) ? 'ADDED' : 'MODIFIED', object));
        known.add(uid);
      } else if (known.delete(uid)) write(encode('DELETED', object));
    }
  };
  send();
  const stop = live.follow(send);
  const timer = setTimeout(end, watch.timeout * 1000);
  return () => {
    clearTimeout(timer);
    stop();
  };
}
