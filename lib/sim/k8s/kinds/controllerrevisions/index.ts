/** ControllerRevisions: what DaemonSets and StatefulSets looked like before. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { CONTROLLER_REVISION } from '../shapes/workloads.ts';

export const kind = defineKind({
  name: 'controllerrevisions',
  kind: 'ControllerRevision',
  apiVersion: 'apps/v1',
  namespaced: true,
  schema: CONTROLLER_REVISION,
  table: {
    ...noWide,
    columns: ['NAME', 'CONTROLLER', 'REVISION', 'AGE'],
    row: (w, o) => {
      const owner = o.metadata.ownerReferences?.find((ref) => ref.controller);
      const group = owner?.apiVersion.split('/')[0];
      return [
        o.metadata.name,
        owner ? `${owner.kind.toLowerCase()}.${group}/${owner.name}` : '<none>',
        String(o.revision ?? 0),
        age(w, o),
      ];
    },
  },
});
