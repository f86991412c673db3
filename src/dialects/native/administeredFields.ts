/** What the resources of the organisation have in common. */
import Type from 'typebox';
import type { TextLimits } from '../../people/rules.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { isValidCountry } from '../../values/phone.ts';
import { cleanText } from '../../values/text.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import type { AdministeredRow } from './administration.ts';
import { invalid } from './problem.ts';

/** Text of a body or an address as the organisation file takes it too. */
export function readText(text: string, field: string, { max, pattern, meaning }: TextLimits): string {
  if (text.trim() === '') throw invalid(field, 'must not be empty');
  if (text.length > max) throw invalid(field, `must not be longer than ${max} characters`);
  if (cleanText(text) !== text || /\p{Cc}/u.test(text)) throw invalid(field, 'must not hold control characters');
  if (pattern !== undefined && !pattern.test(text)) throw invalid(field, `must be ${meaning ?? 'written otherwise'}`);
  return text;
}

export function readTimeZone(text: string): string {
  if (!isTimeZone(text)) throw invalid('timeZone', 'must be the name of a time zone, as in "Europe/Berlin"');
  return text;
}

export function readCountry(text: string): string {
  if (!isValidCountry(text)) throw invalid('country', 'must be a country’s two letters, as in "DE"');
  return text;
}

/** What opens a way in: given, made by the server, or as before. `before` is what the command finds. */
export interface WaySecret {
  readonly isMade: (before: AdministeredRow | undefined) => boolean;
  readonly clear: string;
  /** Undefined: as before. */
  readonly hash: (before: AdministeredRow | undefined) => string | undefined;
}

/** Without one that is given, what is new or not active gets one that is made: what was revoked stays revoked. */
export function secretOf(given: string | undefined, random: (bytes: number) => Uint8Array, bytes: number): WaySecret {
  const clear = given ?? Buffer.from(random(bytes)).toString('base64url');
  const isMade = (before: AdministeredRow | undefined) => given === undefined && before?.active !== true;
  const hash = tokenHash(clear);
  return { isMade, clear, hash: before => (given !== undefined || isMade(before) ? hash : undefined) };
}

/** What all five resources say of themselves. */
export const stateOfRow = {
  active: Type.Boolean({ description: 'What is not active opens nothing and takes nothing; what it has done stays.' }),
  managedBy: Type.Enum(['file', 'api', 'server'], {
    description:
      'file: the organisation file says it, and it is changed there. api: it is changed here. server: the server has made it.',
  }),
};
