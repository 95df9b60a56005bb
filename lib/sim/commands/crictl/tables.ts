/** The tables of `crictl pods` and `crictl ps`. Source: kubernetes-sigs/cri-tools cmd/crictl (1.34). */
import type { Container, Host, World } from '../../kernel/world.ts';
import { sha256 } from '../../text/sha2.ts';
import { alignColumns } from '../../text/tabwriter.ts';
import { humanAge } from './ago.ts';

const WIDTH = 20;
const PADDING = 3;
const ID_LENGTH = 13;

/** An image's id: this registry's images are known by their name alone. */
export const imageId = (image: string): string => sha256(image);

const short = (id: string): string => id.slice(0, ID_LENGTH);
const created = (world: World, c: Container): string => `${humanAge((world.now - c.started) / 1e6)} ago`;

/** Newest first. */
export const newestFirst = (containers: Iterable<Container>): Container[] =>
  [...containers].reverse().sort((a, b) => b.started - a.started);

/** Sandboxes. */
export const sandboxes = (host: Host): Container[] =>
  newestFirst(host.containers.values()).filter((c) => c.name === 'POD');

/** Containers, the sandboxes left out. */
export const workloads = (host: Host): Container[] =>
  newestFirst(host.containers.values()).filter((c) => c.name !== 'POD');

export function podTable(world: World, pods: readonly Container[]): string {
  const rows = pods.map((c) => [short(c.id), created(world, c), 'Ready', c.pod, c.namespace, '0', '(default)']);
  return alignColumns(
    [['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows],
    WIDTH,
    PADDING,
  );
}

export function containerTable(world: World, host: Host, containers: readonly Container[]): string {
  const pods = sandboxes(host);
  const rows = containers.map((c) => [
    short(c.id),
    short(imageId(c.image)),
    created(world, c),
    'Running',
    c.name,
    '0',
    short(pods.find((p) => p.podUid === c.podUid)?.id ?? ''),
    c.pod,
    c.namespace,
  ]);
  return alignColumns(
    [['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows],
    WIDTH,
    PADDING,
  );
}
