import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { describeService } from './service.ts';

/** What `kubectl describe` prints, by plural name. */
export const describers: Record<string, (world: World, object: KubeObject) => string> = {
  pods: describePod,
  services: describeService,
  nodes: describeNode,
};
