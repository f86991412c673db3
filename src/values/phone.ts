import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { GIVEN_MAX_CHARS, readNumber } from './givenNumber.ts';
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

/** ITU-T E.164, without the plus. The German plan has room for longer ones. */
const MAX_E164_DIGITS = 15;

/**
 * The numbers a busy day comes back to, 2 to 4 MB. A miss costs ten microseconds or more, so a flood of new numbers is
 * slow and not dangerous.
 */
const REMEMBERED_NUMBERS = 20_000;

/** Shorter than this is an extension or a short code, also where the plan has a few such numbers. */
const MIN_BARE_DIGITS = 5;

/**
 * What may stand after an area code: in every plan that has them, a subscriber's number starts with 2 to 9. 0 leaves the
 * area and 1 belongs to services, so that 112 never becomes somebody's telephone in Berlin.
 */
const SUBSCRIBER_NUMBER = /^[2-9]\d{4,}$/;
/** No plan gives a subscriber more; what is longer has an extension behind it, or is no local number. */
const MAX_SUBSCRIBER_DIGITS = 8;

const remembered = new RecentCache<string | null>(REMEMBERED_NUMBERS);

/** ISO 3166-1 alpha-2 in upper case, of a country or territory that has a numbering plan. */
export function isValidCountry(code: string): boolean {
  return isSupportedCountry(code);
}

/**
 * The number in E.164 (`+442079460123`), or null when what was given is not a whole, valid number in this context: right or
 * null. It never throws and never guesses: withheld callers, a missing digit, a stray trunk zero after the country code, a
 * national number without the trunk prefix that its country writes give null. Names and addresses around a number and an
 * extension after it are left off (givenNumber.ts).
 *
 * A number with a plus is read without the context. Any other is read as dialled in `context.country`: with the
 * international prefix there (`00`, `011`, …), with the country's own code where that is longer than a local number, as the country's
 * plan writes national numbers, or as a local number behind the area code; each as given and without the outside prefix. Two numbers it could be give null: in
 * Germany, behind 0 for an outside line, `0044…` is one of Britain, or `044…` of Germany. A caller's number was not dialled,
 * and is asked for with a context whose `outsidePrefix` is null.
 */
export function toE164(raw: string | null, context: PhoneContext): string | null {
  if (raw === null || raw.length > GIVEN_MAX_CHARS) return null;
  const key = `${context.country}\n${context.areaCode}\n${context.outsidePrefix}\n${raw}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const e164 = derive(raw, context);
  remembered.set(key, e164);
  return e164;
}

/**
 * Every number in E.164 that could be meant, for search and matching and never as truth: `toE164` first where there is one;
 * else what the source's settings say was dialled, behind the outside prefix before with it, and local before whole where the
 * area code completes it; what the digits are behind a plus, what they are as a national number without its trunk prefix, and
 * as a local one of any length.
 */
export function numberReadings(raw: string | null, context: PhoneContext): readonly string[] {
  const given = dialledNumber(raw, context);
  if (given === null) return [];
  const { country, areaCode } = context;
  const readings = [toE164(raw, context)];
  if (given.startsWith('+')) readings.push(e164Of(parse(given, null)));
  else if (isSupportedCountry(country)) {
    const dialled = withoutOutsidePrefix(given, context);
    for (const digits of dialled) {
      if (areaCode) readings.push(...localNumbers(digits, areaCode, country));
      readings.push(...wholeNumbers(digits, country));
    }
    for (const digits of dialled) {
      readings.push(numberOfTheWorld(`+${digits}`), e164Of(nationalNumber(digits, country)));
      if (areaCode && SUBSCRIBER_NUMBER.test(digits)) readings.push(e164Of(nationalNumber(areaCode + digits, country)));
    }
  }
  return [...new Set(readings.filter(each => each !== null))];
}

/**
 * How a source may have written this number in E.164 without a plus, so that a search finds what `toE164` would not call sure:
 * the digits, and in the number's own country the national ones without the trunk prefix.
 */
export function bareSpellings(e164: string, { country }: PhoneContext): readonly string[] {
  const digits = e164.slice(1);
  const code = isSupportedCountry(country) ? getCountryCallingCode(country) : null;
  return code !== null && digits.startsWith(code) ? [digits, digits.slice(code.length)] : [digits];
}

function derive(raw: string, context: PhoneContext): string | null {
  const given = dialledNumber(raw, context);
  if (given === null) return null;
  if (given.startsWith('+')) return numberOfTheWorld(given);
  const { country, areaCode } = context;
  if (!isSupportedCountry(country)) return null;
  const readings = withoutOutsidePrefix(given, context).flatMap(digits => [
    ...wholeNumbers(digits, country),
    ...(areaCode ? localNumbers(digits, areaCode, country) : isPerhapsLocal(digits, country) ? [null] : []),
  ]);
  const [only = null, ...others] = new Set(readings);
  return others.length === 0 ? only : null;
}

/** A plus and digits, or digits. An outside prefix before a plus is no part of the number, and everything else is none. */
function dialledNumber(raw: string | null, { outsidePrefix }: PhoneContext): string | null {
  const { number, dialable } = readNumber(raw);
  if (dialable) return /^\+?\d+$/.test(number!) ? number : null;
  if (number === null || !outsidePrefix || !number.startsWith(outsidePrefix)) return null;
  const behind = readNumber(number.slice(outsidePrefix.length));
  return behind.dialable && behind.number!.startsWith('+') ? behind.number : null;
}

function withoutOutsidePrefix(digits: string, { outsidePrefix }: PhoneContext): readonly string[] {
  return outsidePrefix && digits.startsWith(outsidePrefix) ? [digits.slice(outsidePrefix.length), digits] : [digits];
}

/** More than one where it could be two, as 39 06… in Italy, which has mobiles that begin with 390. */
function wholeNumbers(digits: string, country: CountryCode): readonly string[] {
  const prefix = internationalPrefix(digits, country);
  if (prefix !== null) return present([numberOfTheWorld(`+${digits.slice(prefix.length)}`)]);
  const withCode = digits.startsWith(getCountryCallingCode(country)) ? numberOfTheWorld(`+${digits}`) : null;
  const national = nationalNumber(digits, country);
  const asWritten = national !== null && isWrittenSo(digits, national, country) ? national.number : null;
  return present([withCode, asWritten]);
}

const present = (readings: readonly (string | null)[]): readonly string[] => readings.filter(each => each !== null);

/**
 * Whether the country writes this national number with these digits: as its own format has it, which is bare where the plan
 * has no trunk prefix and where numbers are written without it (America, Brazil); with that prefix; or without the area code
 * where the whole country has one.
 */
function isWrittenSo(digits: string, national: PhoneNumber, country: CountryCode): boolean {
  const { nationalNumber: significant } = national;
  if (digits !== significant && digits.startsWith(getCountryCallingCode(country))) return false;
  const written = national.formatNational();
  // A number that comes back as it is has no format there, which says nothing of a trunk prefix.
  const hasFormat = written !== significant || !hasTrunkPrefix(country);
  if (digits.length >= MIN_BARE_DIGITS && hasFormat && written.replace(/\D/g, '') === digits) return true;
  return digits !== significant && (digits.endsWith(significant) || significant.endsWith(digits));
}

/** The area code of a source is a statement: what is as long as a local number is read with it. */
function localNumbers(digits: string, areaCode: string, country: CountryCode): readonly string[] {
  if (!SUBSCRIBER_NUMBER.test(digits)) return [];
  const hasOtherReading = () =>
    numberOfTheWorld(`+${digits}`) !== null || e164Of(nationalNumber(digits, country)) !== null;
  if (digits.length > MAX_SUBSCRIBER_DIGITS && hasOtherReading()) return [];
  return present([e164Of(nationalNumber(areaCode + digits, country))]);
}

/**
 * Whether digits that begin with the country's own code are as short as a local number, which may be dialled without its area code: plans
 * have no lower bound that would tell. Where no number has a trunk prefix there are no local numbers.
 */
const isPerhapsLocal = (digits: string, country: CountryCode): boolean =>
  digits.startsWith(getCountryCallingCode(country)) &&
  digits.length <= MAX_SUBSCRIBER_DIGITS &&
  SUBSCRIBER_NUMBER.test(digits) &&
  hasTrunkPrefix(country);

/** Exactly the digits given: the library would also drop a stray trunk prefix or insert Argentina's mobile 9. */
function numberOfTheWorld(number: string): string | null {
  const e164 = e164Of(parse(number, null));
  return e164 === number ? e164 : null;
}

/**
 * Valid in this country, however it is written: the library knows ways that share few digits with E.164, and supplies a
 * trunk prefix that is missing.
 */
function nationalNumber(digits: string, country: CountryCode): PhoneNumber | null {
  if (internationalPrefix(digits, country) !== null) return null;
  const parsed = parse(digits, country);
  return parsed?.countryCallingCode === getCountryCallingCode(country) ? parsed : null;
}

function parse(text: string, country: CountryCode | null): PhoneNumber | null {
  const parsed = parsePhoneNumberFromString(text, {
    ...(country === null ? {} : { defaultCountry: country }),
    extract: false,
  });
  return parsed?.isValid() && parsed.number.length <= MAX_E164_DIGITS + 1 ? parsed : null;
}

const e164Of = (parsed: PhoneNumber | null): string | null => parsed?.number ?? null;

/** Whether numbers of this country are written with a trunk prefix, which is left off inside an area. */
function hasTrunkPrefix(country: CountryCode): boolean {
  const plan = planOf(country) as { readonly formats?: () => readonly WrittenForm[] } | undefined;
  return plan?.formats?.().some(each => each.usesNationalPrefix()) ?? false;
}

/** What the library knows of one way to write numbers and does not declare. */
interface WrittenForm {
  usesNationalPrefix(): boolean;
}

function planOf(country: CountryCode) {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  return metadata.numberingPlan;
}

/** What is dialled in this country before a country code, where the digits begin with it. */
function internationalPrefix(digits: string, country: CountryCode): string | null {
  const prefix = new RegExp(`^(?:${planOf(country)?.IDDPrefix()})`).exec(digits)?.[0];
  return prefix === undefined || digits.charAt(prefix.length) === '0' ? null : prefix;
}
