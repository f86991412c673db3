/** What people read of a command. A server's log has standard output to itself. */
export const print = (text: string): boolean => process.stdout.write(`${text}\n`);
export const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

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
