/** What depends on the kernel's version: a host's release decides the answers that changed between two of them. */
import type { Host, World } from './world.ts';

/** Debian 12's own kernel: link kinds, IPVS and bridge filtering come as modules, and none is loaded by itself. */
export const DEBIAN_KERNEL = '6.1.0-50-amd64';

/** Whether a release is older than `major.minor`. */
export function releaseBefore(release: string, major: number, minor: number): boolean {
  const [, a, b] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return Number(a) < major || (Number(a) === major && Number(b) < minor);
}

/** Whether the kernel under a namespace is older than `major.minor`. */
export const kernelBefore = (world: World, ns: { host: string }, major: number, minor: number): boolean =>
  releaseBefore((world.hosts.get(ns.host) as Host).kernel, major, minor);
