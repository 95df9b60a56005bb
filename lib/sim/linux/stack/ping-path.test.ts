import { expect, test } from 'vitest';
import { command as ping } from '../../commands/ping/index.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import { cable, exec, namespace, route, testbed } from './testbed.ts';

/** h1 – r – h2, r forwarding. */
function twoNets() {
  const bed = testbed([ping]);
  const [h1, r, h2] = ['h1', 'r', 'h2'].map((n) => namespace(bed, n)) as [
    ReturnType<typeof namespace>,
    ReturnType<typeof namespace>,
    ReturnType<typeof namespace>,
  ];
  cable(bed, h1, 'eth0', '10.1.0.2/24', r, 'eth0', '10.1.0.1/24');
  cable(bed, h2, 'eth0', '10.2.0.2/24', r, 'eth1', '10.2.0.1/24');
  setSysctl(bed.world, bed.host, r, 'net.ipv4.ip_forward', '1');
  route(bed, h1, '0.0.0.0/0', '10.1.0.1');
  route(bed, h2, '0.0.0.0/0', '10.2.0.1');
  return { bed, h1, r, h2 };
}

const timeless = (text: string) => text.replace(/time=[\d.]+ ms/g, 'time=T').replace(/^rtt .*$/gm, 'rtt T');

test('a router forwards, and the TTL tells', () => {
  const { bed, h1 } = twoNets();
  const { out, exit } = exec(bed, h1, ['ping', '-c1', '-W1', '10.2.0.2']);
  expect(timeless(out)).toBe(
    'PING 10.2.0.2 (10.2.0.2) 56(84) bytes of data.\n64 bytes from 10.2.0.2: icmp_seq=1 ttl=63 time=T\n\n' +
      '--- 10.2.0.2 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt T\n',
  );
  expect(exit).toBe(0);
});

test('nobody at the address: the router says so after three ARP requests', () => {
  const { bed, h1 } = twoNets();
  const { out, exit } = exec(bed, h1, ['ping', '-c1', '-W4', '10.2.0.77']);
  expect(out).toBe(
    'PING 10.2.0.77 (10.2.0.77) 56(84) bytes of data.\nFrom 10.1.0.1 icmp_seq=1 Destination Host Unreachable\n\n' +
      '--- 10.2.0.77 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n',
  );
  expect(exit).toBe(1);
  expect(bed.world.now).toBeGreaterThan(3_000_000);
});

test('without forwarding nothing comes back', () => {
  const { bed, h1, r } = twoNets();
  setSysctl(bed.world, bed.host, r, 'net.ipv4.ip_forward', '0');
  const { out, exit } = exec(bed, h1, ['ping', '-c1', '-W1', '10.2.0.2']);
  expect(out).toContain('1 packets transmitted, 0 received, 100% packet loss, time 0ms');
  expect(exit).toBe(1);
  const last = bed.world.trace.events.findLast((e) => e.kind === 'drop');
  expect(last).toMatchObject({ reason: 'IP_INADDRERRORS', ns: 'r' });
});

test('a large packet is cut and put together again', () => {
  const { bed, h1 } = twoNets();
  const { out } = exec(bed, h1, ['ping', '-c1', '-W1', '-M', 'dont', '-s', '4000', '10.2.0.2']);
  expect(timeless(out)).toContain('4008 bytes from 10.2.0.2: icmp_seq=1 ttl=63 time=T');
});
