/** What is kept of a measurement's rounds. */
export interface Figure {
  median: number;
  min: number;
  p95: number;
  rounds: number;
}

/** The value below which `share` of the values lie (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const figureOf = (values: readonly number[]): Figure => ({
  median: percentile(values, 0.5),
  min: Math.min(...values),
  p95: percentile(values, 0.95),
  rounds: values.length,
});

/** One row of the report. Times in ms unless `unit` says otherwise. */
export interface Row {
  name: string;
  what: string;
  unit: 'ms' | 'µs' | 'per s' | 'MB';
  goal: number | null;
  ours: Figure;
  /** CPU time of the same rounds, where it differs from wall time on a busy machine. */
  cpu?: Figure;
  kernel: Figure | null;
  /** How many times better than the kernel: its median over ours, or ours over its for rates. */
  ratio: number | null;
  met: boolean | null;
}

/** A row with its ratio and whether the goal is met (rates: the more the better). */
export function rowOf(
  row: Pick<Row, 'name' | 'what' | 'unit' | 'goal'>,
  ours: readonly number[],
  kernel: readonly number[] | null = null,
  cpu: readonly number[] | null = null,
): Row {
  const own = figureOf(ours);
  const other = kernel && kernel.length > 0 ? figureOf(kernel) : null;
  const rate = row.unit === 'per s';
  return {
    ...row,
    ours: own,
    ...(cpu ? { cpu: figureOf(cpu) } : {}),
    kernel: other,
    ratio: other ? (rate ? own.median / other.median : other.median / own.median) : null,
    met: row.goal === null ? null : rate ? own.median >= row.goal : own.median <= row.goal,
  };
}
