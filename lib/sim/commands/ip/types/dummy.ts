import { defineLinkType } from './type.ts';

export const dummyType = defineLinkType({ kind: 'dummy' });
