/** The dynamic file systems by the name a directory's `mount` carries. */
import { procFs, sysFs } from '../../linux/proc/index.ts';
import type { DynamicFs } from './types.ts';

export const mounts: ReadonlyMap<string, DynamicFs> = new Map<string, DynamicFs>([
  ['proc', procFs],
  ['sysfs', sysFs],
]);
