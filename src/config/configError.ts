/**
 * What was configured cannot be used. The message is for the person who configured it: one sentence per mistake, none of
 * which carries a secret. Nothing else need be printed, a stack least of all.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  /** `heading` says which file it is about, when there is one. */
  constructor(problems: readonly string[], heading: string | null = null, options?: ErrorOptions) {
    super(
      heading === null ? problems.join('\n') : [heading, ...problems.map(problem => `  ${problem}`)].join('\n'),
      options,
    );
    this.problems = problems;
  }
}
