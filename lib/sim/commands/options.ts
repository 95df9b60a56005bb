import type { OptionDoc } from './contract.ts';

/** Option documentation from a list: `-n=NUM -r --all`. Those after `!` are not modelled. */
export function optionDocs(list: string): OptionDoc[] {
  const out: OptionDoc[] = [];
  let modelled = true;
  for (const item of list.split(' ')) {
    if (item === '!') modelled = false;
    else if (item !== '') {
      const [flag = '', value] = item.split(/=(.*)/s);
      out.push(value === undefined ? { flag, modelled } : { flag, value, modelled });
    }
  }
  return out;
}
