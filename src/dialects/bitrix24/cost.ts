import { COST_MAX_MICROS, parseMoney } from '../../values/money.ts';

/** Whether it is an amount that is larger than a call costs. */
export const isTooLarge = (written: string | null): boolean =>
  written !== null && DECIMAL.test(written.trim()) && Math.abs(Number(written)) * 1e6 > COST_MAX_MICROS;

const DECIMALS_KEPT = 6;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Millionths of what was written, also as programs print floating point (`0.30000000000000004`, `5e-07`); further decimals
 * are rounded, half away from zero. Null when it is no amount.
 */
export function readCost(written: string | null): number | null {
  if (written === null) return null;
  const text = written.trim();
  const exact = parseMoney(text);
  if (exact !== null) return exact;
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, -point))}${whole}${fraction}`.padEnd(point, '0');
  const decimals = digits.slice(Math.max(0, point));
  const kept = parseMoney(`${sign}${digits.slice(0, Math.max(0, point))}.${decimals.slice(0, DECIMALS_KEPT)}`);
  if (kept === null || decimals.charAt(DECIMALS_KEPT) < '5') return kept;
  return sign === '-' ? kept - 1 : kept + 1;
}
