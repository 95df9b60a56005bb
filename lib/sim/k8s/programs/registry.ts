/** Programs that container images start: what a Pod's containers run in this model, by image name without its tag. */
import { agnhostImage } from '../../commands/agnhost/index.ts';
import type { Image } from '../../commands/contract.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { nodeCache } from '../dns/node-cache.ts';
import { coredns } from '../dns/program.ts';
import { flanneld } from '../flannel/program.ts';
import { kubeProxy } from '../proxy/program.ts';
import { httpEcho } from './http-echo.ts';
import { idle } from './idle.ts';
import { NGINX_FILES, nginx } from './nginx.ts';

export interface ImageInfo {
  /** Which programs its root file system holds. */
  tools: Image;
  /** Its entry point, when the Pod names no command. */
  main: (proc: Proc) => Program;
  /** argv as ps shows it. */
  argv: string[];
  /** A command that its entry point is, too, by name: it can be run by `kubectl exec`. */
  command?: string;
  /** Exit status on SIGTERM; absent: its first process does not handle it. Programs in Go that take no care of it end with 2. */
  termStatus?: number;
  /** Files it brings beside its programs, by path. */
  files?: Readonly<Record<string, string>>;
}

const images: Record<string, ImageInfo> = {
  'registry.k8s.io/e2e-test-images/agnhost': {
    tools: 'http',
    main: agnhostImage,
    argv: ['/agnhost'],
    command: 'agnhost',
  },
  'registry.k8s.io/dns/k8s-dns-node-cache': {
    tools: 'coredns',
    main: nodeCache,
    argv: [
      '/node-cache',
      '-localip',
      '169.254.20.10,10.96.0.10',
      '-conf',
      '/etc/Corefile',
      '-upstreamsvc',
      'kube-dns-upstream',
    ],
  },
  'ghcr.io/flannel-io/flannel': {
    tools: 'busybox',
    main: flanneld,
    argv: ['/opt/bin/flanneld', '--ip-masq', '--kube-subnet-mgr', '--healthz-port=8081'],
    termStatus: 0,
  },
  'registry.k8s.io/kube-proxy': {
    tools: 'busybox',
    main: kubeProxy,
    argv: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
    command: 'kube-proxy',
    termStatus: 2,
  },
  'registry.k8s.io/coredns/coredns': {
    tools: 'coredns',
    main: coredns,
    argv: ['/coredns', '-conf', '/etc/coredns/Corefile'],
    termStatus: 0,
  },
  'registry.k8s.io/etcd': { tools: 'coredns', main: idle, argv: ['etcd'], termStatus: 0 },
  'registry.k8s.io/kube-apiserver': { tools: 'coredns', main: idle, argv: ['kube-apiserver'], termStatus: 0 },
  'registry.k8s.io/kube-controller-manager': {
    tools: 'coredns',
    main: idle,
    argv: ['kube-controller-manager'],
    termStatus: 0,
  },
  'registry.k8s.io/kube-scheduler': { tools: 'coredns', main: idle, argv: ['kube-scheduler'], termStatus: 0 },
  'nicolaka/netshoot': { tools: 'netshoot', main: idle, argv: ['sleep', 'infinity'] },
  busybox: { tools: 'busybox', main: idle, argv: ['sleep', 'infinity'] },
  'hashicorp/http-echo': { tools: 'http', main: httpEcho, argv: ['/http-echo'], termStatus: 0 },
  nginx: {
    tools: 'http',
    files: NGINX_FILES,
    main: nginx,
    argv: ['nginx: master process nginx -g daemon off;'],
    termStatus: 0,
  },
};

/** What is known of an image; undefined when it cannot be pulled. */
export function imageInfo(image: string): ImageInfo | undefined {
  const name = image
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .replace(/^docker\.io\/(library\/)?/, '');
  return Object.hasOwn(images, name) ? images[name] : undefined;
}
