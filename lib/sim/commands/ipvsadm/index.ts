/** ipvsadm 1.31: the virtual servers of IPVS. The model has none yet; it says so, or shows the empty table. */
import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';

const HEADER =
  'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n';

/** Whether every word only asks for the table, in forms whose empty answer is the header alone. */
const listsOnly = (words: readonly string[]): boolean =>
  words.every((w) => /^-[Ln]+$/.test(w) || w === '--list' || w === '--numeric' || w === '--sort' || w === '--exact');

function* run(proc: Proc): Program {
  if (!proc.host.modules.has('ip_vs')) {
    yield* printErr(
      "Can't initialize ipvs: Protocol not available\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
    );
    return 2;
  }
  const words = proc.argv.slice(1);
  if (!listsOnly(words)) return yield* notModelled(`ipvsadm ${words.join(' ')}`);
  yield* print(HEADER);
  return 0;
}

export const command = defineCommand({
  name: 'ipvsadm',
  dir: '/usr/sbin',
  summary: 'virtual servers of IPVS',
  images: ['node'],
  options: [
    { flag: '-L', modelled: true },
    { flag: '-n', modelled: true },
  ],
  notModelled: ['-A', '-E', '-D', '-C', '-R', '-S', '-a', '-e', '-d', '-Z', '-Lnc', '--stats', '--rate'],
  run,
});
