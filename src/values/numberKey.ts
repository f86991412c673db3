import { isWithheld, type PhoneContext, toE164 } from './phone.ts';

/** Withheld numbers are one party while two systems tell of the same call, and nobody for everything else. */
export const WITHHELD_KEY = 'withheld';

/**
 * The same number whoever wrote it: E.164 where the digits are a number in `context` or, with a plus before them, in the
 * world; else the digits; `WITHHELD_KEY` for a withheld or missing one.
 */
export function numberKey(number: string | null, context: PhoneContext): string {
  if (isWithheld(number)) return WITHHELD_KEY;
  const text = number!.trim();
  const digits = text.replace(/[^\d*#]/g, '');
  return toE164(text, context) ?? (text.startsWith('+') ? null : toE164(`+${digits}`, context)) ?? (digits || text);
}
