/** What `bridge`'s objects share. */
import type { Proc } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import type { Link, NetNs } from '../../linux/types.ts';
import { Exit, netlinkError, Printer } from '../../text/iproute.ts';

export interface Bridge {
  proc: Proc;
  world: World;
  ns: NetNs;
  opts: {
    details: boolean;
    stats: boolean;
    json: boolean;
    pretty: boolean;
    oneline: boolean;
    colours: boolean;
    compress: boolean;
  };
  /** Commands are read from there: -batch. */
  batch: string | null;
  force: boolean;
  out: string;
}

/** A printer set up for the options. */
export const printerFor = (b: Bridge): Printer => new Printer(b.opts.json, b.opts.oneline, b.opts.colours);

/** Ends with the kernel's refusal, as `bridge` does: exit 255. */
export const refused = (error: { errno: string; extack?: string }): Exit => new Exit(255, netlinkError(error));

/** The device of that name, or the end of the program. */
export function device(b: Bridge, name: string, what = 'device'): Link {
  const link = getLink(b.world, b.ns, name);
  if (!link) throw new Exit(255, `Cannot find ${what} "${name}"\n`);
  return link;
}
