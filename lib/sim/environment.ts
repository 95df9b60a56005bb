/** The environment of a root login on a host. */
export const hostEnvironment = (): Map<string, string> =>
  new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOME', '/root'],
    ['USER', 'root'],
    ['LOGNAME', 'root'],
    ['SHELL', '/bin/bash'],
    ['LANG', 'C.UTF-8'],
    ['TERM', 'dumb'],
  ]);
