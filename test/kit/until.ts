/** What takes longer does not come, also on a machine that has much else to do: it says that something hangs, and no more. */
const DEADLINE_MS = 120_000;
const LOOKS_EVERY_MS = 20;

/** Looks again and again until there is something to see, and returns it. `probe` says "not yet" with undefined. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const seen = await probe();
    if (seen !== undefined) return seen;
    if (performance.now() > giveUpAt) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, LOOKS_EVERY_MS));
  }
}
