const KINDS = ['lost', 'doubled', 'invented', 'miscounted', 'missed', 'repeated'] as const;

/** What is wrong. All empty when nothing is. */
export interface Findings {
  /** Acknowledged, and not there. */
  readonly lost: Set<string>;
  /** There more than once. */
  readonly doubled: Set<string>;
  /** There, and never sent. */
  readonly invented: Set<string>;
  /** Legs, counts, fields or statistics that are not as sent; answers nobody expected. */
  readonly miscounted: Set<string>;
  /** What a desktop had not confirmed, and its next session was not told. */
  readonly missed: Set<string>;
  /** What a desktop had confirmed, or was told a moment ago, and was told again. */
  readonly repeated: Set<string>;
}

export const noFindings = (): Findings => ({
  lost: new Set(),
  doubled: new Set(),
  invented: new Set(),
  miscounted: new Set(),
  missed: new Set(),
  repeated: new Set(),
});

export function addFindings(into: Findings, found: Findings): void {
  for (const kind of KINDS) for (const each of found[kind]) into[kind].add(each);
}

export const findingsCount = (findings: Findings): number => KINDS.reduce((sum, kind) => sum + findings[kind].size, 0);

/** For people; empty when nothing is wrong. */
export function describeFindings(findings: Findings): string {
  return KINDS.filter(kind => findings[kind].size > 0)
    .map(kind => `${findings[kind].size} ${kind} (${[...findings[kind]].slice(0, 3).join('; ')})`)
    .join(', ');
}
