import { expect, it } from 'vitest';
import type { Endpoint } from './service-ports.ts';
import { nearest, usable } from './topology.ts';

const endpoint = (ip: string, more: Partial<Endpoint> = {}): Endpoint => ({
  ip,
  port: 80,
  local: false,
  ready: true,
  serving: true,
  terminating: false,
  forNodes: [],
  forZones: [],
  ...more,
});
const ips = (endpoints: Endpoint[]) => endpoints.map((e) => e.ip);

it('falls back to endpoints that serve while terminating', () => {
  const leaving = endpoint('10.0.0.1', { ready: false, terminating: true });
  expect(ips(usable([leaving, endpoint('10.0.0.2')]))).toEqual(['10.0.0.2']);
  expect(ips(usable([leaving, endpoint('10.0.0.3', { ready: false, serving: false, terminating: true })]))).toEqual([
    '10.0.0.1',
  ]);
});

it('follows hints only when all ready endpoints have one and one is for here', () => {
  const [a, b] = [endpoint('10.0.0.1', { forZones: ['a'] }), endpoint('10.0.0.2', { forZones: ['b'] })];
  expect(ips(nearest([a, b], 'node-1', 'a'))).toEqual(['10.0.0.1']);
  expect(ips(nearest([a, b], 'node-1', 'c'))).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(ips(nearest([a, endpoint('10.0.0.3')], 'node-1', 'a'))).toEqual(['10.0.0.1', '10.0.0.3']);
  const here = endpoint('10.0.0.4', { forZones: ['a'], forNodes: ['node-1'] });
  expect(ips(nearest([here, endpoint('10.0.0.5', { forZones: ['a'], forNodes: ['node-2'] })], 'node-1', 'a'))).toEqual([
    '10.0.0.4',
  ]);
});
