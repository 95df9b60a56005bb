/** Services. Source: kubernetes/kubernetes pkg/apis/core/validation, pkg/registry/core/service (1.34). */
import { age, labelText, none } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { SERVICE } from '../shapes/network.ts';
import { allocate } from './allocate.ts';
import { externalIp, portsOf } from './cells.ts';
import { defaultService, inherit } from './defaults.ts';
import { validateService } from './validate.ts';

export const kind = defineKind({
  name: 'services',
  short: 'svc',
  kind: 'Service',
  apiVersion: 'v1',
  namespaced: true,
  schema: SERVICE,
  all: true,
  subresources: ['status'],
  table: {
    columns: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
    wide: ['SELECTOR'],
    row: (w, o) => [
      o.metadata.name,
      o.spec?.type ?? 'ClusterIP',
      none(o.spec?.clusterIP),
      externalIp(o),
      portsOf(o),
      age(w, o),
    ],
    wideRow: (_w, o) => [labelText(o.spec?.selector)],
  },
  defaults: defaultService,
  inherit,
  validate: validateService,
  prepare: allocate,
});
