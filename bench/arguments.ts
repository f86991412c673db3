import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** Of a command line that is to be understood: `--help` prints the help and ends, anything else that is no option says so. */
export function readArguments<O extends ParseArgsOptionsConfig>(help: string, options: O) {
  const all = { ...options, help: { type: 'boolean', default: false } } as const;
  try {
    const { values } = parseArgs({ options: all });
    if ((values as { readonly help?: boolean }).help !== true) return values;
  } catch (error) {
    refuse(help, (error as Error).message);
  }
  process.stdout.write(`${help}\n`);
  process.exit();
}

/** Ends with what is wrong and how it is written. */
export function refuse(help: string, problem: string): never {
  process.stderr.write(`${problem}\n\n${help}\n`);
  process.exit(1);
}

/** Names with commas between them, all of them where none are given. */
export function namesAmong<N extends string>(
  help: string,
  given: string | undefined,
  known: readonly N[],
): readonly N[] {
  if (given === undefined) return known;
  const names = given.split(',');
  const unknown = names.find(each => !known.some(name => name === each));
  if (unknown !== undefined) refuse(help, `"${unknown}" is none of ${known.join(', ')}`);
  return known.filter(name => names.includes(name));
}

/** A whole number above 0. */
export function countOf(help: string, option: string, given: string): number {
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    refuse(help, `--${option} must be a whole number above 0, and is "${given}"`);
  return count;
}
