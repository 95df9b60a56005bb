/** Random iptables matches, in the spellings that people and kube-proxy, flannel, Calico and portmap use. */
import type { Lab } from '../lab.ts';
import { words } from '../random.ts';

const bang = (lab: Lab): string => lab.random.maybe(0.15, '!');

function ports(lab: Lab): string {
  const { random } = lab;
  return random.pick([80, 443, 53, 8080, 30080, '1000:2000', ':1023', '1024:', 22, 'http', 'domain', 65535]).toString();
}

/** What comes before -m: addresses, interfaces, protocol with its own options. */
export function basics(lab: Lab, chain: string): string {
  const { random } = lab;
  const incoming = chain !== 'OUTPUT' && chain !== 'POSTROUTING';
  const outgoing = chain !== 'INPUT' && chain !== 'PREROUTING';
  const name = () => random.pick([...lab.devices.map((d) => d.name), 'cali+', 'veth+', 'eth+']);
  const address = () =>
    random.chance(0.7)
      ? lab.prefix()
      : random.pick([
          '10.0.0.0/255.0.0.0',
          '10.1.1.1,10.1.1.2',
          '127.0.0.1',
          '0.0.0.0/0',
          '10.96.0.0/12',
          '224.0.0.0/4',
          '10.0.0.1/255.255.0.255',
        ]);
  return words(
    random.chance(0.3) ? words(bang(lab), random.pick(['-s', '-s', '--source', '--src']), address()) : '',
    random.chance(0.3) ? words(bang(lab), random.pick(['-d', '-d', '--destination', '--dst']), address()) : '',
    random.chance(incoming ? 0.15 : 0.01) ? words(bang(lab), '-i', name()) : '',
    random.chance(outgoing ? 0.15 : 0.01) ? words(bang(lab), '-o', name()) : '',
  );
}

export function protocol(lab: Lab): { text: string; name: string } {
  const { random } = lab;
  return random.weighted<() => { text: string; name: string }>([
    [4, () => ({ name: '', text: '' })],
    [
      4,
      () => ({
        name: 'tcp',
        text: words(
          '-p tcp',
          random.maybe(0.2, '-m tcp'),
          random.maybe(0.6, () =>
            words(bang(lab), random.pick(['--dport', '--dport', '--destination-port']), ports(lab)),
          ),
          random.maybe(0.2, () => words(bang(lab), '--sport', ports(lab))),
          random.maybe(0.15, () =>
            random.pick([
              '--syn',
              '! --syn',
              '--tcp-flags SYN,RST SYN',
              '--tcp-flags ALL NONE',
              '--tcp-flags FIN,SYN,RST,ACK SYN',
              '--tcp-option 8',
            ]),
          ),
        ),
      }),
    ],
    [
      3,
      () => ({
        name: 'udp',
        text: words(
          '-p udp',
          random.maybe(0.3, '-m udp'),
          random.maybe(0.7, () => words(bang(lab), '--dport', ports(lab))),
          random.maybe(0.2, () => words('--sport', ports(lab))),
        ),
      }),
    ],
    [
      2,
      () => ({
        name: 'icmp',
        text: words(
          bang(lab),
          '-p icmp',
          random.maybe(0.5, () =>
            words(
              random.maybe(0.3, '-m icmp'),
              bang(lab),
              '--icmp-type',
              random.pick([
                '8',
                '0',
                'echo-request',
                'echo-reply',
                '3/4',
                'fragmentation-needed',
                'destination-unreachable',
                'any',
                'time-exceeded',
                '11',
                '3/1',
              ]),
            ),
          ),
        ),
      }),
    ],
    [
      0.6,
      () => ({
        name: 'other',
        text: words(
          bang(lab),
          '-p',
          random.pick(['sctp', '132', 'all', 'esp', '47', 'gre', 'ospf', '0', 'udplite', 'ah', 'igmp', '4', 'TCP']),
        ),
      }),
    ],
  ])();
}

const STATES = [
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'INVALID',
  'RELATED,ESTABLISHED',
  'ESTABLISHED,RELATED',
  'UNTRACKED',
  'DNAT',
  'SNAT',
  'NEW,DNAT',
];

const MATCHES: [number, (lab: Lab, proto: string) => string][] = [
  [
    4,
    ({ random }) =>
      `-m comment --comment ${random.pick(['hello', '"kubernetes service portals"', '"default/web:http cluster IP"', '"it is"', '"a  b"', '""', '"quote \\" here"'])}`,
  ],
  [4, (lab) => words('-m conntrack', bang(lab), '--ctstate', lab.random.pick(STATES))],
  [
    1,
    (lab) =>
      `-m conntrack ${lab.random.pick(['--ctorigdst 10.0.0.1', '--ctproto tcp', '--ctdir REPLY', '--ctstatus ASSURED', '--ctorigdstport 80', '--ctstate NEW --ctproto 17', '! --ctorigsrc 10.0.0.0/8', '--ctstatus SEEN_REPLY,CONFIRMED', '--ctexpire 100:200', '--ctreplsrc 10.1.1.1'])}`,
  ],
  [1, (lab) => words('-m state', bang(lab), '--state', lab.random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID']))],
  [
    3,
    (lab) =>
      words(
        '-m mark',
        bang(lab),
        '--mark',
        lab.random.pick(['1', '0x10', '0x4000/0x4000', '0x8000/0x8000', '5/0xff', '0', '0xffffffff']),
      ),
  ],
  [2, (lab) => words('-m connmark', bang(lab), '--mark', lab.random.pick(['1', '0x80/0xf0']))],
  [
    3,
    (lab) =>
      words(
        '-m addrtype',
        bang(lab),
        lab.random.pick(['--dst-type', '--src-type']),
        lab.random.pick(['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'LOCAL,BROADCAST', 'BLACKHOLE', 'UNREACHABLE']),
        lab.random.maybe(0.1, '--limit-iface-in'),
      ),
  ],
  [2, ({ random }) => `-m statistic --mode nth --every ${random.int(1, 5)} --packet ${random.int(0, 2)}`],
  [
    1,
    ({ random }) =>
      `-m statistic --mode random --probability ${random.pick(['0.5', '0.33333333349', '1', '0.00001', '0', '0.2000000000'])}`.replace(
        '0.5',
        '1',
      ),
  ],
  [
    2,
    ({ random }) =>
      `-m limit --limit ${random.pick(['3/min', '10/sec', '5/hour', '1/day', '100/minute', '7'])}${random.maybe(0.5, () => ` --limit-burst ${random.int(1, 20)}`)}`,
  ],
  [
    2,
    (lab, p) =>
      p === 'tcp' || p === 'udp' || lab.random.chance(0.05)
        ? words(
            '-m multiport',
            bang(lab),
            lab.random.pick(['--dports', '--sports', '--ports', '--destination-ports']),
            lab.random.pick(['80,443', '53', '1:10,20', '8000:8010,9000,9001', 'http,https']),
          )
        : '',
  ],
  [
    1,
    (lab) =>
      words(
        '-m iprange',
        bang(lab),
        lab.random.pick(['--src-range', '--dst-range']),
        lab.random.pick(['10.0.0.1-10.0.0.9', '10.1.0.2-10.2.0.1', '192.168.0.1']),
      ),
  ],
  [
    1,
    (lab) =>
      words(
        '-m mac',
        bang(lab),
        '--mac-source',
        lab.random.pick(['02:00:00:00:00:01', '02:00:00:00:00:02', 'aa:bb:cc:dd:ee:ff']),
      ),
  ],
  [
    1,
    (lab) =>
      words('-m pkttype', bang(lab), '--pkt-type', lab.random.pick(['unicast', 'broadcast', 'multicast', 'host'])),
  ],
  [
    1,
    (lab) => words('-m ttl', lab.random.pick(['--ttl-eq 64', '--ttl-lt 5', '--ttl-gt 63', '! --ttl-eq 1', '--ttl 63'])),
  ],
  [1, (lab) => words('-m length', bang(lab), '--length', lab.random.pick(['84', '28:100', ':60', '1000:']))],
  [
    1,
    (lab) =>
      words(
        '-m dscp',
        bang(lab),
        lab.random.pick(['--dscp 10', '--dscp-class EF', '--dscp 0x2e', '--dscp-class AF11']),
      ),
  ],
  [1, (lab) => words('-m tos', bang(lab), '--tos', lab.random.pick(['0x10', '4', 'Minimize-Delay', '0x10/0x3f']))],
  [
    1,
    (lab) =>
      words(
        '-m recent',
        lab.random.pick([
          '--set',
          '--rcheck',
          '--update --seconds 60',
          '--name kube --rcheck --seconds 10 --reap',
          '--name x --set --rsource',
          '--remove',
          '--rcheck --hitcount 2',
          '! --rcheck',
          '--name d --set --rdest',
          '--rcheck --mask 255.255.255.0',
        ]),
      ),
  ],
  [
    1,
    (lab) =>
      words(
        '-m physdev',
        bang(lab),
        lab.random.pick([
          '--physdev-in veth1',
          '--physdev-out veth2',
          '--physdev-is-bridged',
          '--physdev-is-in',
          '--physdev-in veth+',
        ]),
      ),
  ],
  [
    1,
    (lab) =>
      words(
        '-m owner',
        bang(lab),
        lab.random.pick([
          '--uid-owner 0',
          '--uid-owner root',
          '--gid-owner 0',
          '--uid-owner 1000-2000',
          '--socket-exists',
        ]),
      ),
  ],
  [0.7, (lab) => words('-m tcpmss', bang(lab), '--mss', lab.random.pick(['1460', '100:1400']))],
  [
    0.7,
    (lab) =>
      words(
        '-m connlimit',
        lab.random.pick([
          '--connlimit-above 3',
          '--connlimit-upto 5 --connlimit-mask 24',
          '--connlimit-above 2 --connlimit-daddr',
          '! --connlimit-above 1',
        ]),
      ),
  ],
  [
    0.7,
    (lab) =>
      words(
        '-m hashlimit',
        lab.random.pick([
          '--hashlimit-upto 10/sec --hashlimit-name h1',
          '--hashlimit-above 5/min --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name h2',
          '--hashlimit-upto 1/min --hashlimit-mode srcip,dstport --hashlimit-name h3 --hashlimit-srcmask 24',
        ]),
      ),
  ],
  [
    0.7,
    (lab) =>
      words(
        '-m string',
        lab.random.pick([
          '--string foo --algo bm',
          '--algo kmp --string "GET /" --from 10 --to 100',
          '--hex-string "|0d 0a|" --algo bm',
          '! --string x --algo kmp',
          '--string foo',
        ]),
      ),
  ],
  [0.5, (lab) => words('-m quota', lab.random.pick(['--quota 1000', '! --quota 5']))],
  [
    0.5,
    (lab) =>
      words(
        '-m time',
        lab.random.pick([
          '--timestart 08:00 --timestop 18:00',
          '--weekdays Mon,Tue',
          '--monthdays 1,15',
          '--kerneltz --timestart 10:00',
          '--datestart 2020-01-01T00:00:00',
        ]),
      ),
  ],
  [0.5, (lab) => words('-m rpfilter', lab.random.pick(['--invert', '--loose', '--validmark', '']))],
  [
    0.5,
    (lab) => words('-m u32 --u32', lab.random.pick(['"0&0xFFFF=0x100:0xFFFF"', '"6&0xFF=1"', '"0>>22&0x3C@0>>24=8"'])),
  ],
  [0.5, (lab) => words('-m socket', lab.random.pick(['', '--transparent', '--nowildcard']))],
  [0.4, (lab) => words('-m cpu', bang(lab), '--cpu 0')],
  [0.4, (lab) => words('-m realm --realm', lab.random.pick(['5', '3/7']))],
  [0.3, ({ random }) => random.pick(['-m nosuch', '-m', '-m tcp --dport 80', '-m set', '-m mark', '-m comment'])],
];

export function matches(lab: Lab, proto: string): string {
  const { random } = lab;
  const count = random.weighted([
    [5, 0],
    [4, 1],
    [1.5, 2],
    [0.4, 3],
  ]);
  return words(...Array.from({ length: count }, () => random.weighted(MATCHES)(lab, proto)));
}

/** A match of a set that the namespace has. */
export function setMatch(lab: Lab, ns: string): string {
  const sets = lab.ipsets.get(ns);
  if (!sets || sets.size === 0 || !lab.random.chance(0.4)) return '';
  const [name, type] = lab.random.pick([...sets]);
  const count = type.split(':')[1]?.split(',').length ?? 1;
  const directions = Array.from({ length: lab.random.chance(0.95) ? count : 1 }, () =>
    lab.random.pick(['src', 'dst']),
  ).join(',');
  return words('-m set', bang(lab), '--match-set', lab.random.chance(0.97) ? name : 'nosuch', directions);
}
