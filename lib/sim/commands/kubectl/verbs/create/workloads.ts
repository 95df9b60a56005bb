/** create deployment, create job. Source: k8s.io/kubectl pkg/cmd/create/create_{deployment,job}.go. */
import { flagValue } from '../../contract.ts';
import type { Generator } from './generator.ts';
import { integer } from './generator.ts';

/** A container's name by its image: the last part, without tag and digest, what cannot be in a name taken out. */
export const containerName = (image: string): string =>
  (image.split('/').at(-1) ?? '')
    .split(':')[0]
    ?.split('@')[0]
    ?.replace(/[^-A-Za-z0-9]/g, '-')
    .toLowerCase() ?? '';

export const deployment: Generator = {
  path: 'deployment',
  aliases: ['deploy'],
  summary: 'Create a deployment with the specified name',
  resource: 'deployments',
  flags: [{ name: 'image' }, { name: 'replicas', short: 'r' }, { name: 'port' }],
  required: ['image'],
  failed: 'failed to create deployment:',
  generate({ flags }, name) {
    const call = { flags } as Parameters<typeof integer>[0];
    const replicas = integer(call, 'replicas', '-r, --replicas');
    if (typeof replicas === 'object' && replicas) return replicas;
    const port = integer(call, 'port');
    if (typeof port === 'object' && port) return port;
    const images = (flags.values.get('image') ?? []).flatMap((i) => i.split(','));
    if (images.length > 1 && flags.after.length > 0)
      return { error: 'cannot specify multiple --image options and command' };
    const used = new Map<string, number>();
    const containers = images.map((image) => {
      const plain = containerName(image);
      const times = used.get(plain) ?? 0;
      used.set(plain, times + 1);
      return {
        name: times === 0 ? plain : `${plain}-${times}`,
        image,
        ...(flags.after.length > 0 ? { command: flags.after } : {}),
        ...(port !== null && port >= 0 ? { ports: [{ containerPort: port }] } : {}),
      };
    });
    // Only the first container gets the port.
    for (const container of containers.slice(1)) if (port !== null) delete (container as { ports?: unknown }).ports;
    const labels = { app: name };
    return {
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, labels },
        spec: {
          replicas: replicas ?? 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers } },
        },
      },
    };
  },
};

export const job: Generator = {
  path: 'job',
  summary: 'Create a job with the specified name',
  resource: 'jobs',
  flags: [{ name: 'image' }, { name: 'from' }],
  failed: 'failed to create job:',
  generate({ flags }, name) {
    const image = flagValue(flags, 'image');
    const from = flagValue(flags, 'from');
    if ((image === undefined) === (from === undefined)) return { error: 'either --image or --from must be specified' };
    if (from !== undefined)
      return {
        error: flags.after.length > 0 ? 'cannot specify --from and command' : 'from must be an existing cronjob',
      };
    const command = flags.after.length > 0 ? { command: flags.after } : {};
    return {
      object: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name },
        spec: { template: { spec: { containers: [{ name, image, ...command }], restartPolicy: 'Never' } } },
      },
    };
  },
};
