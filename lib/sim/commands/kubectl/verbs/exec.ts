import { resolveExec } from '../../../k8s/exec.ts';
import { getObject } from '../../../k8s/store/store.ts';
import { isTty, printErr, runChild } from '../../io.ts';
import { defineVerb, flagValue, isOn } from '../contract.ts';
import { podTarget } from '../target.ts';

/** `exec (POD | TYPE/NAME) [-c CONTAINER] -- COMMAND`. Source: kubectl pkg/cmd/exec. */
export const exec = defineVerb({
  name: 'exec',
  summary: 'Execute a command in a container',
  takesPod: true,
  flags: [
    { name: 'stdin', short: 'i', bool: true },
    { name: 'tty', short: 't', bool: true },
    { name: 'container', short: 'c' },
    { name: 'quiet', short: 'q', bool: true },
  ],
  *run({ proc, flags, namespace }) {
    const { machine, world } = proc;
    const [target = '', ...rest] = flags.args;
    if (target === '') {
      yield* printErr('error: pod, type/name or --filename must be specified\n');
      return 1;
    }
    if (rest.length > 0) {
      yield* printErr(
        "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples\n",
      );
      return 1;
    }
    if (flags.after.length === 0) {
      yield* printErr('error: you must specify at least one command for the container\n');
      return 1;
    }
    const resolved = podTarget(world, namespace, target);
    if (!resolved.ok) {
      yield* printErr(`${resolved.error}\n`);
      return 1;
    }
    const { name } = resolved;
    const pod = getObject(world, 'pods', namespace, name);
    const wanted = flagValue(flags, 'container');
    const names = ((pod?.spec?.containers ?? []) as { name: string }[]).map((c) => c.name);
    const found = resolveExec(machine, namespace, name, wanted, flags.after);
    if (!found.ok && !found.upgraded) {
      yield* printErr(`Error from server (${found.error.reason}): ${found.error.message}\n`);
      return 1;
    }
    if (wanted === undefined && names.length > 1 && !isOn(flags, 'quiet'))
      yield* printErr(`Defaulted container "${names[0]}" out of: ${names.join(', ')}\n`);
    const tty = isOn(flags, 'tty') && isTty(proc, 0);
    if (isOn(flags, 'tty') && !isTty(proc, 0))
      yield* printErr('Unable to use a TTY - input is not a terminal or the right kind of file\n');
    if (!found.ok) {
      yield* printErr(`error: ${found.error.message}\n`);
      return 1;
    }
    const { options, argv } = found;
    const env = new Map(options.env);
    if (tty) env.set('TERM', 'xterm');
    const fds = new Map(proc.fds);
    if (!isOn(flags, 'stdin')) fds.set(0, { kind: 'null' });
    const status = yield* runChild(proc, { ...options, env, argv, fds, tty: proc.tty });
    if (status !== 0 && !(tty && status === 130)) yield* printErr(`command terminated with exit code ${status}\n`);
    return status;
  },
});
