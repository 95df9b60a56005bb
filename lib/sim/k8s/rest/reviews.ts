/** Questions that are answered and not kept: who am I, may I. Everybody here is the administrator. Source: kubernetes/kubernetes pkg/registry/authorization. */
import { jsonAnswer, type RestAnswer, type RestRequest } from './contract.ts';

/** Who everybody is. */
export const ADMIN = { username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] };

const ANSWERS: Record<string, unknown> = {
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': { allowed: true },
  '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  },
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': { userInfo: ADMIN },
};

/** The review with its status, or null when the request is none. */
export function review(request: RestRequest, body: Record<string, unknown> | null): RestAnswer | null {
  const status = ANSWERS[request.path];
  return request.method === 'POST' && status !== undefined ? jsonAnswer(201, { ...body, status }) : null;
}
