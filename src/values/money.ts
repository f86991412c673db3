/**
 * Money as integer millionths of its currency ("micros"), never floating point. Six decimals hold what carriers charge for
 * a second of a call; a safe integer then reaches nine thousand million units.
 */

const MICRO_DIGITS = 6;
/** Decimal digits of 2^53 - 1: a longer whole number is too large whatever its digits. */
const MAX_DIGITS = 16;
/** Nobody writes a price longer than this, and zeros are free to send. */
const MAX_TOKEN_LENGTH = 64;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/**
 * Micros from a decimal as it was written on the wire (`0.0150`, `1.5e1`, `-3`), before any JSON parser made a double of
 * it. Null when it is not a decimal, has non-zero digits beyond the sixth decimal, is beyond 2^53 - 1 micros, or is
 * longer than 64 characters. White space and decimal commas are not decimals.
 */
export function parseMoney(text: string): number | null {
  if (text.length > MAX_TOKEN_LENGTH) return null;
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const fraction = match[3] ?? '';
  const written = `${match[2]}${fraction}`;
  if (written === '') return null;

  const significant = written.replace(/^0+/, '').replace(/0+$/, '');
  if (significant === '') return 0;
  const trailingZeros = written.length - written.replace(/0+$/, '').length;
  const exponent = Number(match[4] ?? 0) - fraction.length + trailingZeros + MICRO_DIGITS;
  if (exponent < 0 || significant.length + exponent > MAX_DIGITS) return null;

  const micros = Number(significant + '0'.repeat(exponent));
  if (!Number.isSafeInteger(micros)) return null;
  return match[1] === '-' ? -micros : micros;
}

/**
 * The shortest plain decimal, without exponent: `1500000` → `1.5`, `-3000000` → `-3`, `15000` → `0.015`.
 * Throws RangeError when `micros` is not a safe integer.
 */
export function formatMoney(micros: number | bigint): string {
  if (typeof micros === 'number' && !Number.isSafeInteger(micros))
    throw new RangeError(`Money must be a whole number of millionths, not ${micros}`);
  const digits = String(micros < 0 ? -micros : micros).padStart(MICRO_DIGITS + 1, '0');
  const whole = digits.slice(0, -MICRO_DIGITS);
  const fraction = digits.slice(-MICRO_DIGITS).replace(/0+$/, '');
  return `${micros < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * More costs no call: a thousand dollars in rials, of which a dollar is a million, or a day by satellite in any other
 * currency. Refunds are as small.
 */
export const COST_MAX_MICROS = 999_999_999_999_999;

export const isCost = (micros: number): boolean => Math.abs(micros) <= COST_MAX_MICROS;

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** An ISO 4217 code in upper case (`EUR`) that the platform knows: those in use and some withdrawn in recent years. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}
