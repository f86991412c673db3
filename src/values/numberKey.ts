import { GIVEN_MAX_CHARS, readNumber } from './givenNumber.ts';
import { numberReadings, type PhoneContext, toE164 } from './phone.ts';
import { RecentCache } from './recentCache.ts';

/** Withheld numbers are one party while two systems tell of the same call, and nobody for everything else. */
export const WITHHELD_KEY = 'withheld';

/** As many as `toE164` remembers, and as large. */
const remembered = new RecentCache<string>(20_000);

/**
 * By which two reporters of one call mean one party, bare or with a plus. It matches and searches, and is never shown as
 * truth: E.164 where `toE164` is sure; else the likeliest reading, what was dialled by the source's settings before digits
 * behind a forgotten plus and a national number without its trunk prefix; else the digits; `WITHHELD_KEY` for a withheld or
 * missing number.
 */
export function numberKey(number: string | null, context: PhoneContext): string {
  if (number === null) return WITHHELD_KEY;
  if (number.length > GIVEN_MAX_CHARS) return number;
  const remember = `${context.country}\n${context.areaCode}\n${context.outsidePrefix}\n${number}`;
  const known = remembered.get(remember);
  if (known !== undefined) return known;
  const key = keyOf(number, context);
  remembered.set(remember, key);
  return key;
}

/**
 * By which a client is found: E.164 where `toE164` is sure, else the digits as they were written, so that no client is taken
 * for another one whose number is a possible reading. Null for a withheld number.
 */
export function sureNumberKey(given: string | null, context: PhoneContext): string | null {
  const { number, dialable } = readNumber(given);
  return number === null ? null : (toE164(given, context) ?? (dialable ? number.replace('+', '') : number));
}

function keyOf(given: string, context: PhoneContext): string {
  const { number, withheld, dialable } = readNumber(given);
  if (withheld || number === null) return WITHHELD_KEY;
  return toE164(given, context) ?? numberReadings(given, context)[0] ?? (dialable ? number.replace('+', '') : number);
}
