/** Random bytes of a CALL_ID: 80 bits that nobody guesses. */
export const SECRET_BYTES = 10;
const TIME_DIGITS = 12;

/**
 * CALL_ID (docs/bitrix24.md, section 11.1): 32 hex digits and the second of registering. The first twelve are the millisecond, so
 * that tokens rise with time and those of one batch lie on one page of an index.
 */
export function callToken(now: number, secret: Uint8Array): string {
  const digits = now.toString(16).padStart(TIME_DIGITS, '0') + Buffer.from(secret).toString('hex');
  return `externalCall.${digits}.${Math.floor(now / 1000)}`;
}
