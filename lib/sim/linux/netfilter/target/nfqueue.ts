import { defineTarget, fail } from '../ext.ts';
import { uintOption } from '../values.ts';
import { numbersOption } from '../xtopt.ts';

interface NfqueueArgs {
  first: number;
  total: number;
  bypass: boolean;
  fanout: boolean;
}

function words(args: NfqueueArgs, prefix: string): string {
  const last = args.first + args.total - 1;
  const queue = args.total > 1 ? `${prefix}balance ${args.first}:${last}` : `${prefix}num ${args.first}`;
  return ` ${queue}${args.bypass ? ` ${prefix}bypass` : ''}${args.fanout ? ` ${prefix}cpu-fanout` : ''}`;
}

/** Hands packets to a program. None listens in the model: the kernel drops them then, or lets them pass with --queue-bypass. */
export const nfqueue = defineTarget<NfqueueArgs>({
  name: 'NFQUEUE',
  options: [
    { name: 'queue-num', arg: true, excl: ['queue-balance'] },
    { name: 'queue-balance', arg: true, excl: ['queue-num'] },
    { name: 'queue-bypass' },
    { name: 'queue-cpu-fanout', also: ['queue-balance'] },
  ],
  init: () => ({ first: 0, total: 1, bypass: false, fanout: false }),
  option(args, id, value) {
    if (id === 'queue-num') args.first = uintOption('NFQUEUE', id, value, 0, 65535);
    else if (id === 'queue-bypass') args.bypass = true;
    else if (id === 'queue-cpu-fanout') args.fanout = true;
    else {
      const [low = 0, high] = numbersOption('NFQUEUE', id, value, 65535);
      if (high === undefined) fail(`Bad range "${value}"`);
      if (low >= high) fail(`${low} should be less than ${high}`);
      args.first = low;
      args.total = high - low + 1;
    }
  },
  // The kernel's count has 16 bits.
  accept: (args) => (args.total > 65535 ? 'EINVAL' : null),
  save: (args) => words(args, '--queue-'),
  list: (args) => `NFQUEUE${words(args, '')}`,
  apply: (args) => (args.bypass ? 'ACCEPT' : 'DROP'),
});
