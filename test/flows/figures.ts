/** Everything a supervisor reads, as named figures, so that the truth and what was read can be laid side by side. */
export type Figures = ReadonlyMap<string, string>;

/**
 * A line for each figure that differs; empty when all of the truth was read. What the truth does not name is not judged, but for
 * rows of statistics: it has no others.
 */
export function differences(truth: Figures, read: Figures): string[] {
  const differing = [...truth].flatMap(([name, expected]) => {
    const found = read.get(name) ?? 'nothing';
    return found === expected ? [] : [`${name}: ${found} was read, the truth is ${expected}`];
  });
  const more = [...read].filter(([name]) => name.startsWith('by ') && !truth.has(name));
  return [...differing, ...more.map(([name, found]) => `${name}: ${found} was read, the truth has none`)];
}

/** Of figures that have names of their own in front: `call A, talk`. */
export function prefixed(prefix: string, figures: Figures): Figures {
  return new Map([...figures].map(([name, value]) => [`${prefix}, ${name}`, value]));
}

export const together = (all: readonly Figures[]): Figures => new Map(all.flatMap(each => [...each]));
