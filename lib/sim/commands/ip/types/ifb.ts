import { defineLinkType } from './type.ts';

export const ifbType = defineLinkType({ kind: 'ifb' });
