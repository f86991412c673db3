/** Calls that an application registers and finishes one after another, each with somebody else. */
import { createHash } from 'node:crypto';
import { FICTION_NUMBERS } from './fictionNumbers.ts';
import { employed, webhookPath } from './portal.ts';
import { postRequest } from './postRequest.ts';

export const EMPLOYEES = employed(
  101,
  Array.from({ length: 100 }, (_, n) => 2001 + n),
);

const employeeOf = (n: number) => EMPLOYEES[n % EMPLOYEES.length]!;
const numberOf = (n: number): string => FICTION_NUMBERS[Math.floor(n / EMPLOYEES.length) % FICTION_NUMBERS.length]!;

/** Registers call `n`: a number of the application's own, and no two of one employee with the same other party. */
export function registerRequest(n: number): string {
  const body = JSON.stringify({
    USER_PHONE_INNER: employeeOf(n).extension,
    PHONE_NUMBER: numberOf(n),
    TYPE: 1 + (n % 2),
    LINE_NUMBER: 'sales',
    EXTERNAL_CALL_ID: `pbx-${n}`,
  });
  return postRequest(webhookPath('telephony.externalCall.register'), body);
}

/** Of so many calls one is handed over: it is finished by another than it was registered for. */
export const HANDED_OVER_ONE_OF = 10;
const TO_WHOM = 37;

/** Finishes call `n`, which was registered as `token`. Two of three were answered. */
export function finishRequest(n: number, token: string): string {
  const answered = n % 3 > 0;
  const handedOver = n % HANDED_OVER_ONE_OF === 0;
  const body = JSON.stringify({
    CALL_ID: token,
    USER_PHONE_INNER: employeeOf(handedOver ? n + TO_WHOM : n).extension,
    DURATION: answered ? 5 + (n % 600) : 0,
    STATUS_CODE: answered ? '200' : '304',
    ADD_TO_CHAT: 0,
  });
  return postRequest(webhookPath('telephony.externalCall.finish'), body);
}

/** As long as a real one, for a server that knows none. */
export function madeUpToken(n: number): string {
  return `externalCall.${createHash('md5').update(String(n)).digest('hex')}.1700000000`;
}

const BEFORE_TOKEN = Buffer.from('"CALL_ID":"');
const QUOTE = 34;

/** The CALL_ID in an answer to `registerRequest`; null when there is none. */
export function tokenIn(answer: Buffer): string | null {
  const found = answer.indexOf(BEFORE_TOKEN);
  if (found < 0) return null;
  const from = found + BEFORE_TOKEN.length;
  return answer.toString('latin1', from, answer.indexOf(QUOTE, from));
}
