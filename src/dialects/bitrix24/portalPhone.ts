/** PHONE_NUMBER, as a portal keeps it, gives it back, and compares it in filters (docs/bitrix24.md, section 9). */
import { readNumber } from '../../values/givenNumber.ts';

/** Longer ones are no telephone number. */
const PHONE_MAX_CHARS = 64;

export interface PortalPhone {
  /** Digits behind the plus it was given with. */
  readonly shown: string;
  /** As every door reads it: a text stays one, so that no digits of it become somebody's number. */
  readonly number: string;
}

/**
 * Null when there are no digits, when it is an address without a number, and when it is too long. A withheld number has none either:
 * `isWithheld` knows those.
 */
export function readPortalPhone(given: string): PortalPhone | null {
  const { number, dialable } = readNumber(given);
  if (number === null || number.length > PHONE_MAX_CHARS) return null;
  if (!dialable && /[@:<>]/.test(number)) return null;
  const digits = number.replace(/\D/g, '');
  if (digits === '') return null;
  return { shown: number.startsWith('+') ? `+${digits}` : digits, number };
}

export const portalPhone = (given: string): string | null => readPortalPhone(given)?.shown ?? null;
