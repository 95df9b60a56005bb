/** portmap: hostPort rules for a container that an earlier plugin has wired. Source: containernetworking/plugins plugins/meta/portmap. */
import { type CniCall, CniError, type CniPlugin, internal } from '../contract.ts';

const mappings = (call: CniCall): unknown[] =>
  Array.isArray(call.config.runtimeConfig?.portMappings) ? (call.config.runtimeConfig.portMappings as unknown[]) : [];

const notModelled = (): CniError => new CniError(999, 'flatnet: not modelled: portMappings');

export const portmap: CniPlugin = {
  type: 'portmap',
  about: 'CNI portmap plugin version unknown',
  *add(call) {
    if (!call.config.prevResult) throw internal('must be called as chained plugin');
    if (mappings(call).length > 0) throw notModelled();
    return call.config.prevResult;
  },
  *check(call) {
    if (!call.config.prevResult) throw internal('Required prevResult missing');
    if (mappings(call).length > 0) throw notModelled();
  },
  *del() {},
};
