import { defineTarget } from '../ext.ts';

/** Every hook is traced anyway; the mark changes nothing that a terminal shows without `xtables-monitor --trace`. */
export const trace = defineTarget<object>({
  name: 'TRACE',
  options: [],
  init: () => ({}),
  option: () => {},
  save: () => '',
  list: () => null,
  apply: () => 'CONTINUE',
});
