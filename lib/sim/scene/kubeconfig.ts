/** The kubeconfig that kubeadm writes for the cluster's administrator. */
export const kubeconfig = (server: string): string =>
  `apiVersion: v1\nclusters:\n- cluster:\n    server: https://${server}:6443\n  name: kubernetes\ncontexts:\n- context:\n    cluster: kubernetes\n    user: kubernetes-admin\n  name: kubernetes-admin@kubernetes\ncurrent-context: kubernetes-admin@kubernetes\nkind: Config\npreferences: {}\nusers:\n- name: kubernetes-admin\n  user: {}\n`;
