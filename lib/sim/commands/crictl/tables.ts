/** The tables of `crictl pods` and `crictl ps`. Source: kubernetes-sigs/cri-tools cmd/crictl (1.34). */
import { imageDigest } from '../../k8s/kubelet/images.ts';
import type { Container, Host, World } from '../../kernel/world.ts';
import { alignColumns } from '../../text/tabwriter.ts';
import { humanAge } from './ago.ts';

const WIDTH = 20;
const PADDING = 3;
const ID_LENGTH = 13;

/** An image's id, without the name of its hash. */
export const imageId = (image: string): string => imageDigest(image).replace('sha256:', '');

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
  const rows = pods.map((c) => [
    short(c.id),
    created(world, c),
    c.exited ? 'NotReady' : 'Ready',
    c.pod,
    c.namespace,
    String(c.attempt),
    '(default)',
  ]);
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
    c.exited ? 'Exited' : 'Running',
    c.name,
    String(c.attempt),
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

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** A size with three digits in powers of 1000, as docker/go-units prints it. */
function humanSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${Number(size.toPrecision(3))}${UNITS[unit]}`;
}

/** The images that the runtime has, by name. */
export function imageTable(host: Host): string {
  const rows = [...host.images]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reference, { size, digest }]) => {
      const [name, tag] = reference.includes('@') ? [reference.split('@')[0] ?? '', '<none>'] : splitTag(reference);
      return [name, tag, digest.replace('sha256:', '').slice(0, ID_LENGTH), humanSize(size)];
    });
  return alignColumns([['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...rows], WIDTH, PADDING);
}

function splitTag(reference: string): [string, string] {
  const at = reference.lastIndexOf(':');
  return [reference.slice(0, at), reference.slice(at + 1)];
}
