/** wg of wireguard-tools 1.0.20210914. */

import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import { type WgData, wireguardOf } from '../../linux/link/wireguard.ts';
import type { Link } from '../../linux/types.ts';
import { clamp, isKey, keyText, publicKey } from '../../linux/wireguard/key.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { errnoText } from '../../text/strerror.ts';
import { type CompletionRequest, defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
import { apply, NotThere, Refused, readChange } from './set.ts';
import { configuration, deviceText, field } from './show.ts';

const devices = (proc: Proc): Link[] => linksByIndex(proc.netns).filter((l) => l.kind === 'wireguard');

/** A device by name; says why when it cannot be used. */
function* deviceNamed(proc: Proc, name: string, failure: string): Io<Link | null> {
  const link = linksByIndex(proc.netns).find((l) => l.name === name);
  if (link && wireguardOf(link)) return link;
  yield* printErr(`${failure}: ${errnoText(link ? 'EOPNOTSUPP' : 'ENODEV')}\n`);
  return null;
}

const ACCESS = 'Unable to access interface';

function* show(proc: Proc, words: readonly string[]): Program {
  const [which = 'all', what, ...more] = words;
  if (more.length > 0 || what === 'dump' || which.startsWith('-'))
    return yield* notModelled(`wg show ${words.join(' ')}`);
  if (which === 'interfaces' && what === undefined) {
    const names = devices(proc).map((l) => l.name);
    if (names.length > 0) yield* print(`${names.join(' ')}\n`);
    return 0;
  }
  const { world } = proc;
  let links = devices(proc);
  if (which !== 'all') {
    const one = yield* deviceNamed(proc, which, ACCESS);
    if (!one) return 1;
    links = [one];
  }
  if (what === undefined) {
    yield* print(links.map((l) => deviceText(world, l.name, l.data as WgData)).join('\n'));
    return 0;
  }
  for (const link of links) {
    const text = field(world, link.data as WgData, what, which === 'all' ? `${link.name}\t` : '');
    if (text === null) return yield* notModelled(`wg show ${words.join(' ')}`);
    yield* print(text);
  }
  return 0;
}

function* set(proc: Proc, words: readonly string[]): Program {
  const [name, ...rest] = words;
  if (name === undefined || rest.length === 0) return yield* notModelled(`wg set ${words.join(' ')}`);
  try {
    const change = readChange(proc, rest);
    const link = yield* deviceNamed(proc, name, 'Unable to modify interface');
    if (!link) return 1;
    const errno = apply(proc, link, change);
    if (errno === null) return 0;
    yield* printErr(`Unable to modify interface: ${errnoText(errno)}\n`);
    return 1;
  } catch (error) {
    if (error instanceof NotThere) return yield* notModelled(error.message);
    if (!(error instanceof Refused)) throw error;
    yield* printErr(`${error.message}\n`);
    return 1;
  }
}

function* pubkey(): Program {
  const text = (yield* readAll()).trim();
  if (!isKey(text)) {
    yield* printErr('wg: Key is not the correct length or format\n');
    return 1;
  }
  yield* print(`${publicKey(text)}\n`);
  return 0;
}

const WARNING = 'Warning: writing to world accessible file.\nConsider setting the umask to 077 and trying again.\n';

/** Whether standard output is a regular file that others may use. */
function worldReads(proc: Proc): boolean {
  const out = proc.fds.get(1);
  const stat = out?.kind === 'file' ? vfsOf(proc).stat(out.path) : null;
  return stat?.ok === true && stat.value.type === 'file' && (stat.value.mode & 0o7) !== 0;
}

function* run(proc: Proc): Program {
  const [verb = 'show', ...words] = proc.argv.slice(1);
  if (verb === 'show') return yield* show(proc, words);
  if (verb === 'set') return yield* set(proc, words);
  if (verb === 'showconf' && words.length === 1) {
    const link = yield* deviceNamed(proc, words[0] as string, ACCESS);
    if (!link) return 1;
    yield* print(configuration(link.data as WgData));
    return 0;
  }
  if (verb === 'pubkey' && words.length === 0) return yield* pubkey();
  if ((verb === 'genkey' || verb === 'genpsk') && words.length === 0) {
    if (worldReads(proc)) yield* printErr(WARNING);
    const bytes = Array.from({ length: 32 }, () => nextBelow(proc.world.rng, 256));
    yield* print(`${keyText(verb === 'genkey' ? clamp(bytes) : bytes)}\n`);
    return 0;
  }
  return yield* notModelled(`wg ${[verb, ...words].join(' ')}`);
}

const complete = ({ proc, words }: CompletionRequest): string[] =>
  words.length <= 1 ? ['show', 'showconf', 'set', 'genkey', 'genpsk', 'pubkey'] : devices(proc).map((l) => l.name);

export const command = defineCommand({
  name: 'wg',
  dir: '/usr/bin',
  summary: 'WireGuard devices',
  images: ['node', 'netshoot'],
  options: ['show', 'showconf', 'set', 'genkey', 'genpsk', 'pubkey'].map((flag) => ({ flag, modelled: true })),
  notModelled: ['setconf', 'addconf', 'syncconf', 'show … dump'],
  run,
  complete,
});
