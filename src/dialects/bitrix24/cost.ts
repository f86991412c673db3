import { parseMoney } from '../../values/money.ts';

const DECIMALS_KEPT = 6;

/** Millionths of what was written; further decimals are rounded, half away from zero. Null when it is no amount. */
export function readCost(written: string | null): number | null {
  if (written === null) return null;
  const text = written.trim();
  const exact = parseMoney(text);
  if (exact !== null) return exact;
  const match = /^([+-]?\d*)\.(\d+)$/.exec(text);
  if (match === null) return null;
  const [, whole, fraction] = match;
  const kept = parseMoney(`${whole}.${fraction!.slice(0, DECIMALS_KEPT)}`);
  if (kept === null || fraction!.charAt(DECIMALS_KEPT) < '5') return kept;
  return whole!.startsWith('-') ? kept - 1 : kept + 1;
}
