import type { Address } from '../../kit/rawConnection.ts';
import { Witness } from '../witness.ts';

/** When which server acknowledged something, and what follows from it. */
export class Answers {
  /** In the order in which they came (performance.now). */
  private readonly at: { readonly sentAt: number; readonly ms: number; readonly port: number }[] = [];
  private readonly witnesses = new Map<number, Witness>();

  /** A request that was sent then (performance.now) has just been acknowledged. */
  take(sentAt: number, { port }: Address): void {
    this.at.push({ sentAt, ms: performance.now(), port });
    let witness = this.witnesses.get(port);
    if (witness === undefined) {
      witness = new Witness();
      this.witnesses.set(port, witness);
    }
    witness.answered(sentAt);
  }

  /** What timers of that server were to store by then is known to be stored (performance.now). */
  provenUntil({ port }: Address): number {
    return this.witnesses.get(port)?.provenUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** How many these servers gave between the two (performance.now). */
  count(servers: readonly Address[], fromMs: number, toMs: number): number {
    return this.between(servers, fromMs, toMs).length;
  }

  /** Whether one of these servers has acknowledged a request that was sent after that (performance.now). */
  hasAnySentSince(servers: readonly Address[], sinceMs: number): boolean {
    const ports = new Set(servers.map(each => each.port));
    return this.at.some(({ sentAt, port }) => sentAt > sinceMs && ports.has(port));
  }

  /** The longest time between the two, in milliseconds, in which none of these servers acknowledged anything. */
  longestPauseMs(servers: readonly Address[], fromMs: number, toMs: number): number {
    const times = [fromMs, ...this.between(servers, fromMs, toMs), toMs];
    return Math.max(...times.map((ms, n) => ms - (times[n - 1] ?? ms)));
  }

  private between(servers: readonly Address[], fromMs: number, toMs: number): readonly number[] {
    const ports = new Set(servers.map(each => each.port));
    const fits = this.at.filter(({ ms, port }) => ms >= fromMs && ms <= toMs && ports.has(port));
    return fits.map(({ ms }) => ms);
  }
}
