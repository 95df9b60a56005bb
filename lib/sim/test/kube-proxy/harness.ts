/**
 * Runs vectors of kube-proxy end to end: manifests go in by `kubectl apply` in the mode's scenario, what comes out is read from the
 * tools' dumps. Form of the vectors: what kube-proxy writes for them, as lines (see the modes' tests).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

export type Mode = 'iptables' | 'ipvs' | 'nftables';

export interface Vector {
  name: string;
  mode: Mode;
  about: string;
  manifests: string;
  after_apply: string[];
  expected_rules: string[];
  /** The same without nfacct's counters, which a kernel can lack. */
  expected_rules_without_nfacct?: string[];
  /** Those of ip6tables, where they matter. */
  expected_rules6?: string[];
  /** Chains whose order counts, by table and name. */
  ordered_chains: Record<string, string[]>;
}

const dir = fileURLToPath(new URL('../../k8s/proxy/vectors', import.meta.url));

/** The vectors for one mode, by file name. */
export const vectorsOf = (mode: Mode): [string, Vector][] =>
  readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): [string, Vector] => [file, JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as Vector])
    .filter(([, vector]) => vector.mode === mode);

/** Runs a command on the node; throws when it fails. */
export function must(machine: Machine, cmd: string): string {
  const { stdout, stderr, exit } = runStep(machine, { cmd });
  if (exit !== 0) throw new Error(`${cmd.slice(0, 200)} ended with ${exit}: ${stderr}`);
  return stdout;
}

/** The scenario of a vector's mode with its manifests applied and settled. */
export function applied(vector: Pick<Vector, 'mode' | 'manifests' | 'after_apply'>): Machine {
  const machine = buildScene(`kube-proxy-${vector.mode}`, 1);
  must(machine, `kubectl apply -f - <<'EOF'\n${vector.manifests}\nEOF`);
  for (const cmd of vector.after_apply) must(machine, cmd);
  must(machine, 'sleep 3');
  return machine;
}

/** `nat: -A KUBE-…` and `filter: -A KUBE-…` of iptables-save, or of ip6tables-save: rules of Kubernetes' own chains. */
export const iptablesRules = (machine: Machine, tool = 'iptables-save'): string[] =>
  ['filter', 'nat'].flatMap((table) =>
    must(machine, `${tool} -t ${table}`)
      .split('\n')
      .filter((line) => line.startsWith('-A KUBE-'))
      .map((line) => `${table}: ${line.replace(/ +/g, ' ').trim()}`),
  );
