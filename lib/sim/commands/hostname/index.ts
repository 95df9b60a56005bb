import { formatIp } from '../../addr/ip.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { notModelled, print } from '../io.ts';
import { optionDocs } from '../options.ts';

const SCOPE_LINK = 253;
const SCOPE_HOST = 254;

/** Every address of the namespace but loopback and IPv6 link-local ones, device by device. */
const addresses = (proc: Proc): string[] =>
  [...proc.netns.links.values()]
    .filter((link) => link.kind !== 'loopback' && link.up)
    .flatMap((link) => link.addrs)
    .filter((a) => a.scope !== SCOPE_HOST && (typeof a.local === 'number' || a.scope !== SCOPE_LINK))
    .map((a) => formatIp(a.local));

export const command = defineCommand({
  name: 'hostname',
  dir: '/usr/bin',
  summary: "the host's name",
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-s -f -I ! -i -d'),
  *run(proc: Proc): Program {
    const parsed = yield* coreutilsOptions(proc, {
      short: 'sfiIdy',
      long: { short: 's', fqdn: 'f', long: 'f', 'ip-address': 'i', 'all-ip-addresses': 'I', domain: 'd' },
    });
    if (typeof parsed === 'number') return parsed;
    for (const key of ['i', 'd']) if (hasOption(parsed, key)) return yield* notModelled(`hostname -${key}`);
    if (hasOption(parsed, 'I')) {
      yield* print(
        `${addresses(proc)
          .map((ip) => `${ip} `)
          .join('')}\n`,
      );
      return 0;
    }
    if (parsed.operands.length > 0) return yield* notModelled('hostname NAME');
    yield* print(`${hasOption(parsed, 's') ? proc.hostname.split('.')[0] : proc.hostname}\n`);
    return 0;
  },
});
