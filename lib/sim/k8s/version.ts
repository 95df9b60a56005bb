/** The release of Kubernetes whose behaviour is modelled. */
export const KUBERNETES_VERSION = 'v1.34.2';

/** What the server tells of itself at /version. */
export const serverVersion = () => ({
  major: KUBERNETES_VERSION.split('.')[0]?.slice(1),
  minor: KUBERNETES_VERSION.split('.')[1],
  gitVersion: KUBERNETES_VERSION,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
});
