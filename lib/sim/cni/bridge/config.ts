import { type CniConfig, internal } from '../contract.ts';

/** The bridge plugin's own keys. Source: containernetworking/plugins plugins/main/bridge/README. */
export interface BridgeConfig {
  bridge: string;
  isGateway: boolean;
  isDefaultGateway: boolean;
  ipMasq: boolean;
  hairpinMode: boolean;
  promiscMode: boolean;
  mtu: number;
  ipamType: string;
}

/** Reads them. */
export function readBridge(config: CniConfig): BridgeConfig {
  const flag = (key: string): boolean => config[key] === true;
  const isDefaultGateway = flag('isDefaultGateway');
  const read: BridgeConfig = {
    bridge: typeof config.bridge === 'string' && config.bridge !== '' ? config.bridge : 'cni0',
    isDefaultGateway,
    isGateway: flag('isGateway') || isDefaultGateway,
    ipMasq: flag('ipMasq'),
    hairpinMode: flag('hairpinMode'),
    promiscMode: flag('promiscMode'),
    mtu: typeof config.mtu === 'number' ? config.mtu : 0,
    ipamType: config.ipam?.type ?? '',
  };
  if (read.hairpinMode && read.promiscMode)
    throw internal('cannot set hairpin mode and promiscuous mode at the same time.');
  return read;
}
