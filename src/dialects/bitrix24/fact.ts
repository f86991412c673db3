/** What register and finish say, as a call that a program states. */
import { type IncomingReport, NOTHING_STATED, type StatedCall } from '../../calls/reports/report.ts';
import type { OpenRegistration } from '../../portal/entities.ts';
import { isWithheld } from '../../values/givenNumber.ts';
import { isPlausibleDuration } from '../../values/plausible.ts';
import { type CallType, directionOfCallType } from './callType.ts';
import { outcomeOfStatusCode } from './statusCode.ts';

type RegistrationInput = Pick<
  OpenRegistration,
  'token' | 'type' | 'phoneNumber' | 'givenNumber' | 'lineNumber' | 'startedAt' | 'userId'
> & {
  readonly extension: string | null;
};

export function registered({
  token,
  type,
  phoneNumber,
  givenNumber = phoneNumber,
  lineNumber,
  startedAt,
  userId,
  extension,
}: RegistrationInput): StatedCall {
  const direction = directionOfCallType(type as CallType);
  const number = isWithheld(phoneNumber) ? null : givenNumber;
  return {
    ...NOTHING_STATED,
    externalId: token,
    direction,
    from: direction === 'inbound' ? number : extension,
    to: direction === 'inbound' ? null : number,
    startedAt,
    userId,
    extension,
    line: lineNumber,
  };
}

interface End {
  readonly durationSeconds: number;
  /** As stated; null when the application left it to the duration. */
  readonly statusCode: string | null;
  readonly failedReason: string | null;
  readonly costMicros: number | null;
  readonly currency: string | null;
  readonly vote: number | null;
}

/**
 * DURATION is talk time, or how long it rang where STATUS_CODE says that nobody talked. Where the code is left out, the
 * fold takes what the duration says, and anybody who states more is believed before it. One that no call has is none: the
 * call has ended, and nothing is known of how long somebody talked.
 */
export function finished(input: RegistrationInput, end: End): StatedCall {
  const { statusCode, failedReason, costMicros, currency, vote } = end;
  const durationSeconds = isPlausibleDuration(end.durationSeconds) ? end.durationSeconds : null;
  const direction = directionOfCallType(input.type as CallType);
  const outcome = statusCode === null ? null : outcomeOfStatusCode(statusCode, direction);
  const talked = outcome === null || outcome === 'answered';
  return {
    ...registered(input),
    endedAt: input.startedAt + (durationSeconds ?? 0) * 1000,
    durationSeconds,
    talkSeconds: talked ? durationSeconds : 0,
    ringSeconds: talked ? null : durationSeconds,
    outcome,
    cause: statusCode,
    costMicros,
    currency,
    vote,
    failedReason,
  };
}

/** By what the calls room finds the leg of a PBX that a registration is. */
export function parties(
  row: Pick<OpenRegistration, 'type' | 'phoneNumber' | 'givenNumber' | 'startedAt' | 'startStated' | 'externalCallId'>,
  userId: number,
  endedAt: number | null,
): NonNullable<IncomingReport['registration']> {
  return {
    userId,
    number: row.givenNumber ?? row.phoneNumber,
    direction: directionOfCallType(row.type as CallType),
    startedAt: row.startedAt,
    endedAt,
    externalId: row.externalCallId,
    clocked: row.startStated,
  };
}
