/** The API group of a resource: '' for the core. */
export const groupOf = (resource: { apiVersion: string }): string => {
  const slash = resource.apiVersion.indexOf('/');
  return slash < 0 ? '' : resource.apiVersion.slice(0, slash);
};

/** Its version: `v1`. */
export const versionOf = (resource: { apiVersion: string }): string =>
  resource.apiVersion.slice(resource.apiVersion.indexOf('/') + 1);
