/** The release of Kubernetes whose behaviour is modelled. */
export const KUBERNETES_VERSION = 'v1.34.2';
