/** A filter's expression and the names it needs. */
import type { Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { readInput } from '../files.ts';
import { type FilterContext, type FilterResult, filterNames, parseFilter } from './filter/parse.ts';
import type { Options } from './options.ts';

/** Reads and compiles the filter, looking up the host names in it. */
export function* compile(proc: Proc, options: Options, context: Partial<FilterContext>): Io<FilterResult> {
  let source = options.filter.join(' ');
  if (options.filterFile !== null) {
    const read = yield* readInput(proc, options.filterFile);
    if ('errno' in read)
      return { ok: false, error: `can't open ${options.filterFile}: ${strerror(read.errno as never)}` };
    source = read.text.replace(/#[^\n]*/g, '');
  }
  const names = new Map<string, Ip[]>();
  for (const name of filterNames(source)) {
    const found = yield* resolveHost(proc, name);
    names.set(name, found.ok ? found.ips : []);
  }
  return parseFilter(source, { ...context, addresses: (name) => names.get(name) ?? [] });
}
