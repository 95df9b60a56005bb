/** Names and letters of `set`'s options. */
export const OPTION_LETTERS: ReadonlyMap<string, string> = new Map([
  ['a', 'allexport'], ['b', 'notify'], ['e', 'errexit'], ['f', 'noglob'], ['h', 'hashall'], ['k', 'keyword'], ['m', 'monitor'], ['n', 'noexec'],
  ['u', 'nounset'], ['v', 'verbose'], ['x', 'xtrace'], ['B', 'braceexpand'], ['C', 'noclobber'], ['E', 'errtrace'], ['H', 'histexpand'],
  ['P', 'physical'], ['T', 'functrace'],
]);

/** Every name that `set -o` lists, in its order. */
export const OPTION_NAMES: readonly string[] = [
  'allexport', 'braceexpand', 'emacs', 'errexit', 'errtrace', 'functrace', 'hashall', 'histexpand', 'history', 'ignoreeof', 'interactive-comments',
  'keyword', 'monitor', 'noclobber', 'noexec', 'noglob', 'nolog', 'notify', 'nounset', 'onecmd', 'physical', 'pipefail', 'posix', 'privileged',
  'verbose', 'vi', 'xtrace',
];
