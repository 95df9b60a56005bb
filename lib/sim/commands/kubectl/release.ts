/** The release of kubectl that is imitated: the newest that a machine of the project proves (`npm test`, lib/cli/serve/agree). */
export const CLIENT = {
  version: {
    major: '1',
    minor: '33',
    gitVersion: 'v1.33.1',
    gitCommit: '8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828',
    gitTreeState: 'clean',
    buildDate: '2025-05-15T08:27:33Z',
    goVersion: 'go1.24.2',
    compiler: 'gc',
    platform: 'linux/amd64',
  },
  kustomize: 'v5.6.0',
};
