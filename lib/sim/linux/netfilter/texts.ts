/** The printed forms of a match or target that many rules share: kept beside it, no part of the world. */
export const TEXTS: unique symbol = Symbol('texts');

export interface Texted {
  [TEXTS]?: {
    /** iptables-save form: of the options, and whole with ` -m NAME` or ` -j NAME`. */
    save: string;
    saved: string;
    /** `iptables -L -n` form. */
    list: string | null;
  };
}
