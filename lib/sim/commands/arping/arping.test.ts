import { expect, test } from 'vitest';
import { address4, cable, exec, namespace, route, testbed } from '../../linux/stack/testbed.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import { command as arping } from './index.ts';

function pair() {
  const bed = testbed([arping]);
  const a = namespace(bed, 'a');
  const b = namespace(bed, 'b');
  cable(bed, a, 'eth0', '10.0.1.1/24', b, 'eth0', '10.0.1.2/24');
  return { bed, a, b };
}

test('answers are counted, silence is a timeout', () => {
  const { bed, a } = pair();
  const { out, exit } = exec(bed, a, ['arping', '-c', '2', '-I', 'eth0', '10.0.1.2']);
  expect(out).toMatch(
    /^ARPING 10\.0\.1\.2\n(42 bytes from [0-9a-f:]{17} \(10\.0\.1\.2\): index=[01] time=[\d.]+ usec\n){2}\n/,
  );
  expect(out).toContain(
    '2 packets transmitted, 2 packets received,   0% unanswered (0 extra)\nrtt min/avg/max/std-dev = 0.',
  );
  expect(exit).toBe(0);
  expect(exec(bed, a, ['arping', '-c', '2', '-I', 'eth0', '10.0.1.9'])).toEqual({
    exit: 1,
    err: '',
    out: 'ARPING 10.0.1.9\nTimeout\nTimeout\n\n--- 10.0.1.9 statistics ---\n2 packets transmitted, 0 packets received, 100% unanswered (0 extra)\n\n',
  });
});

test('proxy_arp answers for what is routed elsewhere, when forwarding', () => {
  const { bed, a, b } = pair();
  const c = namespace(bed, 'c');
  cable(bed, b, 'eth1', '10.2.0.1/24', c, 'eth0', '10.2.0.2/24');
  address4(bed, c, 'lo', '10.3.0.1/32');
  route(bed, b, '10.3.0.0/24', '10.2.0.2');
  setSysctl(bed.world, bed.host, b, 'net.ipv4.conf.eth0.proxy_arp', '1');
  expect(exec(bed, a, ['arping', '-c1', '-w2', '-I', 'eth0', '10.3.0.1']).exit).toBe(1);
  setSysctl(bed.world, bed.host, b, 'net.ipv4.ip_forward', '1');
  expect(exec(bed, a, ['arping', '-c1', '-w2', '-I', 'eth0', '10.3.0.1']).exit).toBe(0);
});
