/** Which of iptables' programs was called: family and back end follow from the name. */
import type { Proc } from '../../kernel/process.ts';

export interface Variant {
  /** What it calls itself in messages. */
  prog: string;
  /** The name it was called by. */
  argv0: string;
  family: 'ip' | 'ip6';
  owner: 'nft' | 'iptables';
  label: 'nf_tables' | 'legacy';
  role: 'main' | 'save' | 'restore';
}

/** Reads the program's name: `ip6tables-nft-save`, `iptables-legacy`, `iptables`. */
export function variantOf(proc: Proc): Variant {
  const argv0 = proc.argv[0] ?? 'iptables';
  const name = argv0.slice(argv0.lastIndexOf('/') + 1);
  const legacy = name.includes('legacy') || (!name.includes('nft') && proc.host.iptables === 'legacy');
  const role = name.endsWith('save') ? 'save' : name.endsWith('restore') ? 'restore' : 'main';
  const family = name.startsWith('ip6') ? 'ip6' : 'ip';
  const base = family === 'ip' ? 'iptables' : 'ip6tables';
  return {
    prog: role === 'main' ? base : legacy || !name.includes('-nft') ? `${base}-${role}` : name,
    argv0: name,
    family,
    owner: legacy ? 'iptables' : 'nft',
    label: legacy ? 'legacy' : 'nf_tables',
    role,
  };
}

/** The nft front end says so when rules of the legacy one are there. */
export function legacyWarning(proc: Proc, v: Variant, suffix = ''): string {
  if (v.owner !== 'nft') return '';
  const base = v.family === 'ip' ? 'iptables' : 'ip6tables';
  for (const table of proc.netns.nf.tables.values()) {
    if (table.owner === 'iptables' && table.family === v.family) {
      return `# Warning: ${base}-legacy tables present, use ${base}-legacy${suffix} to see them\n`;
    }
  }
  return '';
}
