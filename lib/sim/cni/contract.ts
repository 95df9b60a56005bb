/**
 * CNI as its specification has it: a plugin is a program that gets its environment and a configuration on standard
 * input, and answers JSON. Source: containernetworking/cni SPEC.md 1.1.0; error codes of its section 5.
 */
import type { Io, Proc } from '../kernel/process.ts';

export interface CniRoute {
  dst: string;
  gw?: string;
}

export interface CniIp {
  interface?: number;
  address: string;
  gateway?: string;
}

export interface CniInterface {
  name: string;
  mac?: string;
  sandbox?: string;
}

export interface CniResult {
  cniVersion: string;
  interfaces?: CniInterface[];
  ips?: CniIp[];
  routes?: CniRoute[];
  dns?: Record<string, unknown>;
}

/** A plugin's configuration: open, as each plugin reads its own keys. */
export interface CniConfig {
  cniVersion?: string;
  name?: string;
  type?: string;
  prevResult?: CniResult;
  runtimeConfig?: Record<string, unknown>;
  ipam?: Record<string, unknown> & { type?: string };
  [key: string]: unknown;
}

/** One call: CNI_* and what came on standard input. */
export interface CniCall {
  proc: Proc;
  containerId: string;
  /** Path of the network namespace; may be empty at DEL. */
  netns: string;
  ifname: string;
  args: string;
  /** Folders of CNI_PATH. */
  path: string;
  config: CniConfig;
  /** The configuration's text as it came. */
  stdin: string;
}

/** A plugin's verbs. They throw {@link CniError} for what the specification answers by an error object. */
export interface CniPlugin {
  type: string;
  /** `CNI bridge plugin version unknown`: what it says of itself without CNI_COMMAND. */
  about: string;
  add(call: CniCall): Io<CniResult>;
  check(call: CniCall): Io<void>;
  /** Idempotent. */
  del(call: CniCall): Io<void>;
}

/** Versions of configurations that the reference plugins 1.1.1 take. */
export const SUPPORTED_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0'];

export class CniError extends Error {
  constructor(
    readonly code: number,
    readonly msg: string,
    readonly details = '',
  ) {
    super(details ? `${msg}; ${details}` : msg);
  }
}

/** An error without a code of its own. */
export const internal = (msg: string): CniError => new CniError(999, msg);
