import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcast4, formatIp, inPrefix, isMulticast, network, parseIp, parseIp4, parsePrefix } from './ip.ts';
import { formatMac, isGroupMac, parseMac } from './mac.ts';

describe('addresses', () => {
  it('print what they parse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => parseIp(formatIp(n)) === n),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (n) => parseIp(formatIp(n)) === n),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (n) => parseMac(formatMac(n)) === n),
      { seed: 1 },
    );
  });

  it('never throw on any text', () => {
    fc.assert(
      fc.property(fc.string(), (s) => (parsePrefix(s)?.len ?? 0) <= 128),
      { seed: 1 },
    );
  });

  it('write IPv6 as RFC 5952 wants it', () => {
    const shortest = (text: string) => formatIp(parseIp(text) ?? 0);
    expect(shortest('2001:DB8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1');
    expect(shortest('::ffff:10.0.0.1')).toBe('::ffff:10.0.0.1');
    expect(shortest('fe80:0:0:0:0:0:0:0')).toBe('fe80::');
    expect(shortest('::')).toBe('::');
    expect(shortest('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7');
  });

  it('refuse what inet_pton refuses', () => {
    expect(['10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1 ', ''].map(parseIp4)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect([':::', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9'].map(parseIp)).toEqual([null, null, null, null]);
    expect(['10.0.0.0/33', '10.0.0.0/-1', '::/129', '10.0.0.0/a'].map(parsePrefix)).toEqual([null, null, null, null]);
  });

  it('know prefixes', () => {
    const ip = parseIp('10.244.1.5') as number;
    expect(formatIp(network(ip, 24))).toBe('10.244.1.0');
    expect(formatIp(network(ip, 0))).toBe('0.0.0.0');
    expect(formatIp(broadcast4(ip, 24))).toBe('10.244.1.255');
    expect(inPrefix(ip, { ip: parseIp('10.244.0.0') as number, len: 16 })).toBe(true);
    expect(inPrefix(ip, { ip: parseIp('::') as bigint, len: 0 })).toBe(false);
    expect(isMulticast(parseIp('224.0.0.1') as number)).toBe(true);
    expect(isGroupMac(parseMac('01:00:5e:00:00:01') as number)).toBe(true);
    expect(isGroupMac(parseMac('02:00:00:00:00:01') as number)).toBe(false);
  });
});
