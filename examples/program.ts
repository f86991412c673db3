/** What the examples share, and what a program of yours has anyway: arguments, words for errors, waiting for a person. */
import { createInterface } from 'node:readline';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

type Given<O extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

export const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/**
 * Runs an example with the arguments of the command line, or prints its help. What goes wrong is told in a sentence, and
 * the exit code is 1.
 */
export async function runExample<const O extends ParseArgsOptionsConfig>(
  help: string,
  options: O,
  run: (values: Given<O>['values'], positionals: readonly string[]) => Promise<void>,
): Promise<void> {
  if (process.argv.includes('--help')) {
    say(help.trim());
    return;
  }
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    await run(values as Given<O>['values'], positionals);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error as Error)}\n`);
    process.exitCode = 1;
  }
}

/** Throws an error that says where the value would have been. */
export function demand(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is missing; --help tells more.`);
  return value;
}

/** Waits for a line, or for the end of the input where nobody types. */
export async function waitForEnter(prompt: string): Promise<void> {
  say(prompt);
  for await (const _line of createInterface({ input: process.stdin })) break;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nobody listens there: is the server running, and the address right?'],
  [/certificate/, 'the certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the ca.pem beside it.'],
];

/** The cause is where `fetch` says what failed. */
function sentenceOf(error: Error): string {
  const said = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1];
  return hint === undefined ? said : `${said}; ${hint}`;
}
