/** Kinds of contact information (docs/genesys.md, section 3.4): the place in the list is the code. */
export const PHONE_TYPES = [
  'NoContactType',
  'HomePhone',
  'DirectBusinessPhone',
  'BusinessWithExt',
  'Mobile',
  'VacationPhone',
  'Pager',
  'Modem',
  'VoiceMail',
  'PinPager',
  'EmailAddress',
  'InstantMessaging',
] as const;

export const BUSINESS_WITH_EXTENSION = 3;
const EMAIL_ADDRESS = 10;
const INSTANT_MESSAGING = 11;

const codes = new Map(PHONE_TYPES.map((name, code) => [name.toLowerCase(), code]));

/** The code of a kind given by name, whatever the case, or as a code (number or digits); null when it is none. */
export function phoneTypeOf(given: unknown): number | null {
  if (typeof given === 'number') return Number.isInteger(given) && given in PHONE_TYPES ? given : null;
  if (typeof given !== 'string' || given.length > 32) return null;
  const text = given.trim();
  return /^\d{1,2}$/.test(text) ? phoneTypeOf(Number(text)) : (codes.get(text.toLowerCase()) ?? null);
}

/** Whether contact information of this kind is a telephone number. */
export const isTelephone = (code: number): boolean => code !== EMAIL_ADDRESS && code !== INSTANT_MESSAGING;
