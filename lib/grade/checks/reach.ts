import { z } from 'zod';
import { parseProtocol, probe } from '#sim/index.ts';
import { defineCheck } from './contract.ts';

/** One flow through the data plane gets there, or does not. */
export const reach = defineCheck({
  kind: 'reach',
  schema: z.strictObject({
    kind: z.literal('reach'),
    from: z.string().max(120).describe('`ns/pod`, a host, or `host:netns`'),
    to: z.string().max(120).describe('`ns/pod`, `ns/service` or an address'),
    port: z
      .string()
      .regex(/^(ICMP|(TCP|UDP)\/(\d{1,5}|\{\{[\w.-]+\}\}))$/)
      .default('ICMP')
      .describe('ICMP, TCP/80, UDP/53, TCP/{{port}} where it is drawn'),
    expect: z.enum(['reached', 'blocked']).default('reached'),
  }),
  evaluate(session, check) {
    const protocol = parseProtocol(check.port);
    if (!protocol) return { passed: false, observed: `bad protocol ${check.port}` };
    const result = probe(session.machine, check.from, check.to, protocol);
    if ('error' in result) return { passed: false, observed: result.error };
    const passed = result.reached === (check.expect === 'reached');
    const observed = `${check.from} → ${check.to} (${result.target}) ${check.port}: ${result.reached ? 'reached' : 'not reached'}`;
    return passed ? { passed, observed } : { passed, observed, trace: result.events };
  },
});
