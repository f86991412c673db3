/** PHONE_NUMBER, as a portal keeps it, gives it back, and compares it in filters (docs/bitrix24.md, section 9). */
import { readNumber } from '../../values/givenNumber.ts';

/** Longer ones are no telephone number. */
const PHONE_MAX_CHARS = 64;

/**
 * Digits behind the plus it was given with; null when there are none, when it is an address without a number, and when it is
 * too long. A withheld number has none either: `isWithheld` knows those.
 */
export function portalPhone(given: string): string | null {
  const { number, dialable } = readNumber(given);
  if (number === null || number.length > PHONE_MAX_CHARS) return null;
  if (!dialable && /[@:<>]/.test(number)) return null;
  const digits = number.replace(/\D/g, '');
  if (digits === '') return null;
  return number.startsWith('+') ? `+${digits}` : digits;
}
