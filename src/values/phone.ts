import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { RecentCache } from './recentCache.ts';

/**
 * How numbers are written where a source stands (docs/organisation-file.md, "`sources`"). Which numbers are internal is
 * decided before anything here is asked.
 */
export interface PhoneContext {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  /** With or without the trunk prefix: `030` or `30`. Null where numbers are always complete. */
  readonly areaCode: string | null;
  /** What is dialled for an outside line, null when nothing is. */
  readonly outsidePrefix: string | null;
}

/** Beyond any number with its extension; what is longer was not meant as a number and is not worth parsing. */
const MAX_RAW_LENGTH = 64;
/** ITU-T E.164, without the plus. The German plan has room for longer ones. */
const MAX_E164_DIGITS = 15;

/**
 * The numbers a busy day comes back to, 2 to 4 MB. A miss costs ten microseconds or more, so a flood of new numbers is
 * slow and not dangerous.
 */
const REMEMBERED_NUMBERS = 20_000;

/**
 * What may stand after an area code: in every plan that has them, a subscriber's number starts with 2 to 9. 0 leaves the
 * area and 1 belongs to services, so that 112 never becomes somebody's telephone in Berlin. Shorter than five digits is
 * an extension or a short code.
 */
const SUBSCRIBER_NUMBER = /^(?=(?:\D*\d){5})[2-9][\d ()./-]*$/;

/** `(+44) 20 …`: the library reads a plus at the start only. */
const BRACKETED_COUNTRY_CODE = /^\(\+(\d{1,3})\)/;

const WITHHELD: ReadonlySet<string> = new Set([
  '',
  '-',
  'anonymous',
  'asterisk',
  'private',
  'restricted',
  'unavailable',
  'unknown',
  'withheld',
]);

const remembered = new RecentCache<string | null>(REMEMBERED_NUMBERS);

/**
 * Whether a source says in this place that the caller did not show a number. Such a caller is nobody (ARCHITECTURE.md,
 * section 2).
 */
export function isWithheld(raw: string | null): boolean {
  return raw === null || (raw.length <= MAX_RAW_LENGTH && WITHHELD.has(raw.trim().toLowerCase()));
}

/** ISO 3166-1 alpha-2 in upper case, of a country or territory that has a numbering plan. */
export function isValidCountry(code: string): boolean {
  return isSupportedCountry(code);
}

/**
 * The number in E.164 (`+442079460123`), or null when what was given is not a whole, valid number in this context. It never
 * throws and never corrects: withheld callers, text around a number, a missing digit or a stray trunk zero after the
 * country code give null. An extension after the number is left off.
 *
 * A number with a plus is read without the context. Any other is read as dialled in `context.country`, the international
 * prefix there (`00`, `011`, …) included: first without the outside prefix, then as given, then both as local numbers
 * behind the area code. Where the outside prefix is also the first digit of such prefixes (0 in Germany), a number nobody
 * dialled, a caller's, is better asked for with a context whose `outsidePrefix` is null.
 */
export function toE164(raw: string | null, context: PhoneContext): string | null {
  if (raw === null || raw.length > MAX_RAW_LENGTH) return null;
  const key = `${context.country}\n${context.areaCode}\n${context.outsidePrefix}\n${raw}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const e164 = derive(raw, context);
  remembered.set(key, e164);
  return e164;
}

function derive(raw: string, { country, areaCode, outsidePrefix }: PhoneContext): string | null {
  // The library would leave out a full-width plus and take the rest for a national number.
  const given = raw.trim().replace('＋', '+').replace(BRACKETED_COUNTRY_CODE, '+$1');
  if (given.startsWith('+')) return validNumber(given, null);
  if (!isSupportedCountry(country)) return null;

  const readings =
    outsidePrefix && given.startsWith(outsidePrefix) ? [given.slice(outsidePrefix.length), given] : [given];
  for (const reading of readings) {
    const e164 = validNumber(reading, country);
    if (e164 !== null) return e164;
  }
  if (!areaCode) return null;
  for (const reading of readings) {
    const e164 = SUBSCRIBER_NUMBER.test(reading) ? validNumber(areaCode + reading, country) : null;
    if (e164 !== null) return e164;
  }
  return null;
}

function validNumber(text: string, country: CountryCode | null): string | null {
  const parsed = parsePhoneNumberFromString(text, {
    ...(country === null ? {} : { defaultCountry: country }),
    extract: false,
  });
  if (!parsed?.isValid() || parsed.number.length > MAX_E164_DIGITS + 1) return null;

  // Inside its own country a number may be written in ways that share few digits with E.164, and the library knows them.
  // Written for the world, it has to be exactly the digits given: the library would also drop a stray trunk prefix or
  // insert Argentina's mobile 9.
  const worldDigits = digitsForTheWorld(text, country);
  const isAsGiven =
    worldDigits === null
      ? country !== null && parsed.countryCallingCode === getCountryCallingCode(country)
      : worldDigits === parsed.number.slice(1) + (parsed.ext ?? '');
  return isAsGiven ? parsed.number : null;
}

/**
 * The digits after the plus or after the international prefix of the country, null when the number has neither. The
 * bracketed (0), by which people write the national and the international form in one, is not dialled from abroad.
 */
function digitsForTheWorld(text: string, country: CountryCode | null): string | null {
  const digits = parseDigits(text.replace('(0)', ''));
  if (text.startsWith('+')) return digits;
  if (country === null) return null;
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const prefix = new RegExp(`^(?:${metadata.numberingPlan?.IDDPrefix()})`).exec(digits)?.[0];
  if (prefix === undefined || digits.charAt(prefix.length) === '0') return null;
  return digits.slice(prefix.length);
}
