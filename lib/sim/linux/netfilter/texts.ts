/** The printed forms of a match or target that many rules share: kept beside it, no part of the world. */
export const TEXTS: unique symbol = Symbol('texts');

export interface Texted {
  [TEXTS]?: {
    /** iptables-save form. */
    save: string;
    /** `iptables -L -n` form. */
    list: string | null;
  };
}
