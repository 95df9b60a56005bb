/** Events. */
import { ageOf } from '../../printers/age.ts';
import { noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { EVENT } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'events',
  short: 'ev',
  kind: 'Event',
  apiVersion: 'v1',
  namespaced: true,
  schema: EVENT,
  table: {
    ...noWide,
    columns: ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
    row: (w, o) => [
      ageOf(w, o.lastTimestamp),
      o.type,
      o.reason,
      `${String(o.involvedObject?.kind ?? '').toLowerCase()}/${o.involvedObject?.name}`,
      String(o.message).trim(),
    ],
  },
});
