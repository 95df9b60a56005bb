/** How values are written, from the options of the command line and the machine they are written on. */
import type { Surroundings } from './context.ts';
import type { ValueStyle } from './datatypes.ts';

export const styleOf = (env: Surroundings): ValueStyle => ({
  ns: env.ns,
  symbols: true,
  services: false,
  protocols: true,
  numericTime: false,
});
