/** Images on a node: what is there, and pulling what is not. Source: kubernetes/kubernetes pkg/kubelet/images/image_manager.go, containerd. */
import type { Proc } from '../../kernel/process.ts';
import type { Host } from '../../kernel/world.ts';
import { sha256 } from '../../text/sha2.ts';
import { emitEvent } from '../events.ts';
import { imageInfo } from '../programs/registry.ts';
import type { KubeObject } from '../types.ts';
import { inBackOff, nextBackOff, type Pull } from './memory.ts';

/** The reference with its registry and tag: `nginx` → `docker.io/library/nginx:latest`. */
export function fullReference(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const first = name.split('/', 1)[0] as string;
  const registry = name.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const path = registry ? name : `docker.io/${name.includes('/') ? name : `library/${name}`}`;
  if (digest !== undefined) return `${path}@${digest}`;
  return /:[^/]*$/.test(path.slice(path.indexOf('/'))) ? path : `${path}:latest`;
}

/** Its digest: this registry's images are known by their names. */
export const imageDigest = (image: string): string => `sha256:${sha256(`manifest ${fullReference(image)}`)}`;

/** imageID of a container's status. */
export const imageIdOf = (image: string): string =>
  `${fullReference(image)
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')}@${imageDigest(image)}`;

const digits = (image: string, from: number): number =>
  Number.parseInt(sha256(fullReference(image)).slice(from, from + 6), 16);
/** An image's size in bytes, and how long its layers take: the same for the same name. */
const sizeOf = (image: string): number => 4_000_000 + (digits(image, 0) % 96_000_000);
const pullTime = (image: string): number => 600_000 + (digits(image, 6) % 1_900_000);

/** Why an image cannot be had, as containerd words it; null when its registry has it. */
function refusal(image: string): { reason: string; message: string } | null {
  const name = image.replace(/@.*$/, '');
  if (/[A-Z]/.test(name.replace(/:[^/]*$/, '').replace(/^[^/]*[.:][^/]*\//, '')) || !/^[\w.\-/:]+$/.test(name))
    return {
      reason: 'InvalidImageName',
      message: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${/[A-Z]/.test(name) ? `: repository name (${name.includes('/') ? name : `library/${name}`}) must be lowercase` : ''}`,
    };
  if (imageInfo(image)) return null;
  const full = fullReference(image);
  const tail = full.startsWith('docker.io/')
    ? 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'
    : `${full}: not found`;
  return {
    reason: 'ErrImagePull',
    message: `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${tail}`,
  };
}

/** What imagePullPolicy is where none is written. */
export const pullPolicy = (spec: { image: string; imagePullPolicy?: string }): string =>
  spec.imagePullPolicy ?? (fullReference(spec.image).endsWith(':latest') ? 'Always' : 'IfNotPresent');

/** A duration as Go prints it, in whole milliseconds. */
const seconds = (us: number): string =>
  us < 1_000_000 ? `${Math.round(us / 1000)}ms` : `${Math.round(us / 1000) / 1000}s`;

/** How often a back-off of a pull is told of. */
const TOLD_EVERY = 12_000_000;

/**
 * Sees to it that an image is there. Answers null once it is, else why the container waits and when to ask again.
 */
export function ensureImage(
  proc: Proc,
  pod: KubeObject,
  spec: { name: string; image: string; imagePullPolicy?: string },
  pull: Pull,
  fieldPath: string,
): { reason: string; message?: string; again: number } | null {
  const { world, host } = proc;
  const { image } = spec;
  const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    emitEvent(world, pod, type, reason, message, 'kubelet', fieldPath);
  const policy = pullPolicy(spec);
  const present = host.images.has(fullReference(image));
  if (pull.until === null) {
    if (present && policy !== 'Always') {
      say('Normal', 'Pulled', `Container image "${image}" already present on machine`);
      return null;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      say('Warning', 'ErrImageNeverPull', message);
      say('Warning', 'Failed', 'Error: ErrImageNeverPull');
      return { reason: 'ErrImageNeverPull', message, again: world.now + TOLD_EVERY };
    }
    if (pull.error && pull.backoff && inBackOff(pull.backoff, pull.backoff.updated, world.now)) {
      const message = `Back-off pulling image "${image}"`;
      say('Normal', 'BackOff', message);
      say('Warning', 'Failed', 'Error: ImagePullBackOff');
      return {
        reason: 'ImagePullBackOff',
        message: `${message}: ErrImagePull: ${pull.error.message}`,
        again: Math.min(pull.backoff.updated + pull.backoff.delay, world.now + TOLD_EVERY),
      };
    }
    const invalid = refusal(image);
    if (invalid?.reason === 'InvalidImageName') {
      say('Warning', 'InspectFailed', invalid.message);
      say('Warning', 'Failed', 'Error: InvalidImageName');
      return { ...invalid, again: world.now + TOLD_EVERY };
    }
    say('Normal', 'Pulling', `Pulling image "${image}"`);
    pull.started = world.now;
    pull.until = world.now + (present ? 200_000 : pullTime(image));
  }
  if (world.now < pull.until) return { reason: 'ContainerCreating', again: pull.until };
  pull.until = null;
  pull.error = refusal(image);
  if (pull.error) {
    pull.backoff = nextBackOff(pull.backoff, world.now, world.now);
    const error = `rpc error: code = ${pull.error.message.endsWith(': not found') ? 'NotFound' : 'Unknown'} desc = ${pull.error.message}`;
    pull.error = { reason: 'ErrImagePull', message: error };
    say('Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
    say('Warning', 'Failed', 'Error: ErrImagePull');
    return { reason: 'ErrImagePull', message: error, again: world.now + TOLD_EVERY };
  }
  const took = seconds(world.now - pull.started);
  host.images.set(fullReference(image), { size: sizeOf(image), digest: imageDigest(image) });
  say(
    'Normal',
    'Pulled',
    `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${sizeOf(image)} bytes.`,
  );
  return null;
}

/** Images that a scene's node has from its installation on. */
export function preload(host: Host, images: readonly string[]): void {
  for (const image of images)
    host.images.set(fullReference(image), { size: sizeOf(image), digest: imageDigest(image) });
}
