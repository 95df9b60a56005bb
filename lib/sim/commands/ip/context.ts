/** What every object of `ip` works with: the namespace, the options, and where output goes. */
import type { Proc, Program } from '../../kernel/process.ts';
import type { Host, World } from '../../kernel/world.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import type { Link, NetNs, NlError } from '../../linux/types.ts';
import { Exit, netlinkError, Printer } from '../../text/iproute.ts';

export interface IpOptions {
  family: 0 | 4 | 6 | 'link' | 'other';
  stats: number;
  details: number;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  oneline: boolean;
  numeric: boolean;
  resolve: boolean;
  /** -h: counters with a suffix; -iec: in powers of 1024. */
  human: boolean;
  iec: boolean;
  colour: boolean;
  /** -t, -ts: `ip monitor` says when. */
  timestamp: 'none' | 'long' | 'short';
  all: boolean;
  force: boolean;
  batch: string | null;
}

export interface Ip {
  proc: Proc;
  world: World;
  host: Host;
  ns: NetNs;
  opts: IpOptions;
  out: string;
  err: string;
}

/** An object's handler: its exit status, or a program for what runs others. */
export type IpObject = (ip: Ip, words: readonly string[]) => number | Program;

/** A printer set up for the options. */
export const printerFor = (ip: Ip): Printer => new Printer(ip.opts.json, ip.opts.oneline, ip.opts.colour);

/** Puts what a printer collected on standard output. */
export function flush(ip: Ip, printer: Printer): void {
  ip.out += printer.output(ip.opts.pretty);
}

/** The answer to a request: 0, or the kernel's error and exit status 2. */
export function answer(ip: Ip, error: NlError | null): number {
  if (!error) return 0;
  ip.err += netlinkError(error);
  return 2;
}

/** The link a word names, or the end of the program: nodev(). */
export function device(ip: Ip, name: string): Link {
  const link = getLink(ip.world, ip.ns, name) ?? byIfName(ip.ns, name);
  if (!link) throw new Exit(1, `Cannot find device "${name}"\n`);
  return link;
}

/** ll_name_to_index takes `if7` for index 7. */
function byIfName(ns: NetNs, name: string): Link | undefined {
  const m = /^if(\d+)$/.exec(name);
  return m ? ns.links.get(Number(m[1])) : undefined;
}

/** The link to show, or the end of the program with the words `ip … show` has for it. */
export function deviceToShow(ip: Ip, name: string): Link {
  const link = getLink(ip.world, ip.ns, name) ?? byIfName(ip.ns, name);
  if (!link) throw new Exit(1, `Device "${name}" does not exist.\n`);
  return link;
}

/** The family to work on: IPv4 unless -6 says otherwise. */
export const familyOr4 = (ip: Ip): 4 | 6 => (ip.opts.family === 6 ? 6 : 4);
