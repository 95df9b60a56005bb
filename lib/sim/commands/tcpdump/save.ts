/** tcpdump -w: packets into a capture file. */
import type { FileDesc, Io, Proc } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { bytesToText } from '../../text/utf8.ts';
import { install, tryPrint } from '../files.ts';
import type { LinkType } from './filter/frame.ts';
import { type SavedFrame, saveFrame, saveHeader } from './pcap.ts';

export interface Save {
  write(frame: SavedFrame): Io<void>;
}

/** Opens the file (`-`: standard output) and writes its header; or answers what went wrong. */
export function* openSave(proc: Proc, path: string, link: LinkType, snaplen: number, nano: boolean): Io<Save | string> {
  let fd = 1;
  if (path !== '-') {
    const file = vfsOf(proc).open(path, 'w');
    if (!file.ok) return `${path}: ${strerror(file.errno)}`;
    fd = install(proc, file.value as FileDesc);
  }
  yield* tryPrint(bytesToText(saveHeader(link, snaplen, nano)), fd);
  return {
    *write(frame) {
      yield* tryPrint(bytesToText(saveFrame(frame, nano)), fd);
    },
  };
}
