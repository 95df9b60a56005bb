import { defineLinkType } from './type.ts';

export const wireguardType = defineLinkType({ kind: 'wireguard' });
