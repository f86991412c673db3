/** The samples of a Prometheus text page, by name with its labels as printed: `name{a="b"}`. */
export type Metrics = ReadonlyMap<string, number>;

export function parseMetrics(text: string): Metrics {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/**
 * The mean of what a histogram took in between two readings of the same servers; null when that was nothing or it does not
 * exist.
 */
export function histogramMean(before: readonly Metrics[], after: readonly Metrics[], name: string): number | null {
  const total = (of: readonly Metrics[], what: string) => of.reduce((sum, each) => sum + (each.get(what) ?? 0), 0);
  const count = total(after, `${name}_count`) - total(before, `${name}_count`);
  const sum = total(after, `${name}_sum`) - total(before, `${name}_sum`);
  return count > 0 ? sum / count : null;
}
