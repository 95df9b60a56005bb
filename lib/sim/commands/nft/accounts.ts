/** Users and groups of a host, as /etc/passwd and /etc/group name them. */
import type { Host } from '../../kernel/world.ts';

type Kind = 'uid' | 'gid';

function lines(host: Host | undefined, kind: Kind): string[][] {
  const etc = host?.fs.entries.get('etc');
  const file = etc?.type === 'dir' ? etc.entries.get(kind === 'uid' ? 'passwd' : 'group') : undefined;
  return file?.type === 'file' ? file.data.split('\n').map((l) => l.split(':')) : [];
}

export const accountsOf = (host: Host | undefined) => ({
  idOf: (name: string, kind: Kind): number | null => {
    const found = lines(host, kind).find(([n]) => n === name);
    if (found) return Number(found[2]);
    return name === 'root' ? 0 : null;
  },
  nameOf: (id: number, kind: Kind): string | null =>
    lines(host, kind).find(([, , n]) => n === String(id))?.[0] ?? (id === 0 ? 'root' : null),
});
