import type { Lab } from './lab.ts';

/** One kind of thing that a script may do next. It adds steps to the lab, or none where it finds nothing to act on. */
export interface Action {
  weight: number;
  act(lab: Lab): void;
}

/** Actions of one tool or topic. Each seed weighs the topics differently, so that scripts go deep somewhere. */
export interface Topic {
  name: string;
  weight: number;
  actions: Action[];
}

export const action = (weight: number, act: (lab: Lab) => void): Action => ({ weight, act });
