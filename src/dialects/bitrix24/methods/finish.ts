import { accept, wantNamed, wantReport } from '../../../calls/reports/accept.ts';
import type { State, Wants } from '../../../ledger/state.ts';
import type { ListedCall } from '../../../portal/entities.ts';
import { finishRegistration, type OpenCall } from '../../../portal/registrations.ts';
import { formatMoney } from '../../../values/money.ts';
import { isPlausibleDuration } from '../../../values/plausible.ts';
import { type CallType, directionOfCallType } from '../callType.ts';
import { clientBook } from '../clientBook.ts';
import type { Method, MethodCall } from '../context.ts';
import { isTooLarge, readCost } from '../cost.ts';
import { writePortalDate } from '../dates.ts';
import { methodError } from '../errors.ts';
import { finished, parties } from '../fact.ts';
import { openCallNamed } from '../openCall.ts';
import { portalNumber } from '../portalNumber.ts';
import { defaultStatusCode, normaliseStatusCode } from '../statusCode.ts';
import { boundedText } from '../texts.ts';
import { type NamedUser, namedUser } from '../users.ts';

/** Thirty years: longer is nobody's call, and instants stay whole numbers. */
const DURATION_MAX_SECONDS = 1_000_000_000;
const REASON_MAX_CHARS = 1_000;
const CURRENCY_MAX_CHARS = 16;
const URL_MAX_CHARS = 2_048;
const ROW_BYTES = 3_500;

interface FinishInput extends NamedUser {
  readonly callId: string;
  readonly durationSeconds: number;
  readonly statusCode: string | null;
  readonly failedReason: string | null;
  readonly costMicros: number | null;
  readonly currency: string | null;
  readonly vote: number | null;
  readonly recordUrl: string | null;
  readonly addToChat: boolean;
}

/** `telephony.externalCall.finish` (docs/bitrix24.md, section 11.2). */
export const finish: Method = {
  scope: 'telephony',
  async answer(call) {
    const { door, raw } = call;
    const input = readFinish(call);
    const row = await door.ledger.submit({
      name: 'finish call',
      bytes: raw.byteLength + ROW_BYTES,
      wants: wants => wantFinish(wants, input, call),
      apply: state => finishCall(state, input, call),
    });
    door.count('accepted');
    return { result: answerOf(row, door.timeZone()) };
  },
};

function readFinish({ params, door }: MethodCall): FinishInput {
  const callId = params.raw('CALL_ID');
  if (typeof callId !== 'string') throw methodError('callIdType');
  const vote = params.integer('VOTE') ?? 0;
  const url = params.text('RECORD_URL')?.trim() ?? null;
  return {
    callId,
    ...namedUser(params, door.ledger.directory, door.clock()),
    durationSeconds: durationOf(params.truncated('DURATION')),
    statusCode: normaliseStatusCode(params.text('STATUS_CODE') ?? ''),
    failedReason: boundedText(params, 'FAILED_REASON', REASON_MAX_CHARS),
    costMicros: costOf(params.amountText('COST')),
    currency: boundedText(params, 'COST_CURRENCY', CURRENCY_MAX_CHARS),
    vote: vote >= 1 && vote <= 5 ? vote : null,
    recordUrl: url !== null && url.length <= URL_MAX_CHARS && URL.canParse(url) ? url : null,
    // 0 by default (docs/bitrix24.md, section 21, row 1).
    addToChat: params.flag('ADD_TO_CHAT', false),
  };
}

function durationOf(seconds: number | null | undefined): number {
  if (seconds === undefined) return 0;
  if (seconds === null || seconds < 0) {
    throw methodError('invalidArgument', { DETAIL: 'DURATION must be a number of seconds' });
  }
  return Math.min(seconds, DURATION_MAX_SECONDS);
}

function costOf(written: string | null | undefined): number | null {
  if (written === undefined) return null;
  if (written === null) throw methodError('invalidArgument', { DETAIL: 'COST must be an amount' });
  if (isTooLarge(written)) {
    throw methodError('invalidArgument', { DETAIL: 'COST must be smaller than 1000000000' });
  }
  return readCost(written);
}

function finishCall(state: State, input: FinishInput, { portal, raw, contentType, door }: MethodCall): ListedCall {
  const row = openCallNamed(state, portal, input.callId);
  if (row === null) throw methodError('callNotFound');
  const { id, open } = row;
  const { user, recordUrl, addToChat, callId: _callId, extension: _extension, ...end } = input;
  const { fact, endedAt, ...told } = reportOf(portal, row, input);
  const inbound = directionOfCallType(open.type as CallType) === 'inbound';
  const answered = fact.outcome === 'answered' || (fact.outcome === null && end.durationSeconds > 0);
  // Before the report: whoever reacts to the call's end finds the registration finished.
  const listed = finishRegistration(
    state,
    row,
    { ...lineOf(end, open.lineNumber), userId: user.id, inbound, answered, endedAt, addToChat },
    clientBook,
  );
  const { reportId } = accept(
    state,
    {
      ...told,
      kind: 'bitrix24.finish',
      fact,
      awaitsRecording: recordUrl !== null,
      contentType,
      raw,
      warnings: isPlausibleDuration(end.durationSeconds) ? [] : ['DURATION: longer than 30 days, not counted'],
    },
    door.calls,
  );
  if (recordUrl !== null) door.requestRecording(state, { sourceCallId: id, reportId, url: recordUrl });
  return listed;
}

function wantFinish(wants: Wants, input: FinishInput, { portal, door }: MethodCall): void {
  const row = openCallNamed(wants, portal, input.callId);
  wantNamed(wants, portal.id, input.callId, door.calls);
  if (row === null) return;
  for (const each of row.open.made) clientBook.isKnown(wants, each);
  wantReport(wants, reportOf(portal, row, input), door.calls);
}

/** What the finish of this registration reports of its call. */
function reportOf({ id: sourceId }: MethodCall['portal'], { open }: Readonly<OpenCall>, input: FinishInput) {
  const { user, extension } = input;
  const fact = finished({ ...open, userId: user.id, extension }, input);
  const endedAt = fact.endedAt ?? open.startedAt;
  return { sourceId, name: open.token, key: 'finish', fact, endedAt, registration: parties(open, user.id, endedAt) };
}

type End = Pick<FinishInput, 'durationSeconds' | 'statusCode' | 'failedReason' | 'costMicros' | 'currency' | 'vote'>;

/** As the end stands in the list, and in the answer. */
function lineOf({ durationSeconds, statusCode, failedReason, costMicros, currency, vote }: End, line: string | null) {
  return {
    durationSeconds,
    line: portalNumber(line),
    statusCode: statusCode ?? defaultStatusCode(durationSeconds),
    statusStated: statusCode !== null,
    failedReason: failedReason ?? '',
    costMicros: costMicros ?? 0,
    currency: currency ?? '',
    vote,
  };
}

/** The 21 fields in the order of the vendor's sample. */
function answerOf(row: ListedCall, zone: string) {
  return {
    CALL_ID: row.token,
    EXTERNAL_CALL_ID: row.externalCallId,
    PORTAL_USER_ID: row.userId,
    PHONE_NUMBER: row.phoneNumber,
    PORTAL_NUMBER: row.line,
    INCOMING: String(row.type),
    CALL_DURATION: row.durationSeconds,
    CALL_START_DATE: writePortalDate(row.startedAt, zone),
    CALL_STATUS: row.statusCode === '200' ? 1 : 0,
    CALL_VOTE: row.vote,
    COST: Number(formatMoney(row.costMicros)),
    COST_CURRENCY: row.currency,
    CALL_FAILED_CODE: row.statusCode,
    CALL_FAILED_REASON: row.failedReason,
    REST_APP_ID: null,
    REST_APP_NAME: null,
    CRM_ACTIVITY_ID: row.activityId,
    COMMENT: null,
    CRM_ENTITY_TYPE: row.clientType,
    CRM_ENTITY_ID: row.clientId,
    ID: row.id,
  };
}
