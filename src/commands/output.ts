/** What people read of a command. A server's log has standard output to itself. */
export const print = (text: string): boolean => process.stdout.write(`${text}\n`);
export const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

/** As a shell says it of a process that wrote to a pipe without a reader. */
const NO_READER = 141;

/** Once nobody reads any more, as behind `head`, what was begun is done to its end without a word, and `onGone` called. */
export function heedReader(onGone: () => void = () => {}): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exitCode = NO_READER;
    onGone();
  });
}

/** For commands that change nothing: without a reader they are over. */
export const endWithReader = (): void => heedReader(() => process.exit(NO_READER));

/** What keeps the process from doing what it was asked, in one sentence that says what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** A line that counts on a terminal, nothing elsewhere. */
export function progress(what: string): (count: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return count => {
    process.stderr.write(`\r${count} ${what}\u001b[K`);
  };
}

/** Takes the line away that `progress` wrote. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
