/** ethtool(8): what drivers of virtual devices say of themselves. */
import type { Proc, Program } from '../../kernel/process.ts';
import { findLink } from '../../linux/link/find.ts';
import type { Link } from '../../linux/types.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';

/** Driver name, version, firmware and bus as ETHTOOL_GDRVINFO gives them. */
const DRIVERS: Readonly<Record<string, { version: string; firmware: string; bus: string; stats: string }>> = {
  veth: { version: '1.0', firmware: '', bus: '', stats: 'yes' },
  bridge: { version: '2.3', firmware: 'N/A', bus: 'N/A', stats: 'no' },
  vxlan: { version: '0.1', firmware: '', bus: '', stats: 'no' },
  dummy: { version: '', firmware: '', bus: '', stats: 'no' },
};

function driverInfo(link: Link): string | null {
  const driver = DRIVERS[link.kind];
  if (!driver) return null;
  return [
    `driver: ${link.kind}`,
    `version: ${driver.version}`,
    `firmware-version: ${driver.firmware}`,
    'expansion-rom-version: ',
    `bus-info: ${driver.bus}`,
    `supports-statistics: ${driver.stats}`,
    'supports-test: no',
    'supports-eeprom-access: no',
    'supports-register-dump: no',
    'supports-priv-flags: no',
    '',
  ].join('\n');
}

function* run(proc: Proc): Program {
  const [option, name] = proc.argv.slice(1);
  if (option === undefined) {
    yield* printErr('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n');
    return 1;
  }
  if (option === '--version') {
    yield* print('ethtool version 6.1\n');
    return 0;
  }
  const link = name === undefined ? undefined : findLink(proc.netns, name);
  if (option === '-i' || option === '--driver') {
    if (!link) {
      yield* printErr('Cannot get driver information: No such device\n');
      return 71;
    }
    const text = driverInfo(link);
    if (text === null) return yield* notModelled(`ethtool -i for ${link.kind} devices`);
    yield* print(text);
    return 0;
  }
  return yield* notModelled(`ethtool ${option}`);
}

export const command = defineCommand({
  name: 'ethtool',
  dir: '/usr/sbin',
  summary: 'Driver information',
  images: ['node', 'netshoot'],
  options: [
    { flag: '-i', value: 'DEVICE', modelled: true },
    ...['-S', '-k', '-K', '-a', '-g', '-l', '-T'].map((flag) => ({ flag, modelled: false })),
  ],
  run,
});
