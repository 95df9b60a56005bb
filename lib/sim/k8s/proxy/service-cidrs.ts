import type { World } from '../../kernel/world.ts';
import { listObjects } from '../store/store.ts';
import { cidrOf } from './config.ts';
import type { ProxyFamily } from './mode.ts';

/** The prefixes of one family that ServiceCIDR objects hold, in order of their creation. */
export const serviceCIDRs = (world: World, family: ProxyFamily): string[] =>
  listObjects(world, 'servicecidrs').flatMap((o) =>
    ((o.spec?.cidrs ?? []) as string[]).filter((cidr) => cidrOf([cidr], family) !== null),
  );
