/** Fields of a statistics row that can be asked about, and the columns they stand for (docs/bitrix24.md, section 14). */

/** How a field's values are compared. */
export type FieldKind = 'integer' | 'decimal' | 'instant' | 'flag' | 'text' | 'phone';

export type StatisticField =
  | { readonly kind: FieldKind; readonly column: StatisticColumn; readonly sortable: boolean }
  /** The same in every row of a server behind which no telephony of the portal's own stands. */
  | { readonly kind: FieldKind; readonly constant: string | null };

/** Columns of the `statisticRow` entity that filters and sorts use. */
export type StatisticColumn =
  | 'id'
  | 'portalUserId'
  | 'portalNumber'
  | 'phoneNumber'
  /** The number as `numberKey` writes it. */
  | 'phoneKey'
  | 'callToken'
  | 'externalCallId'
  | 'callDuration'
  /** UTC milliseconds. */
  | 'callStart'
  | 'callVote'
  /** Millionths; 0 when there is no cost. */
  | 'costMicros'
  | 'costCurrency'
  | 'failedCode'
  | 'failedReason'
  | 'crmEntityType'
  | 'crmEntityId'
  | 'crmActivityId'
  | 'restAppId'
  | 'restAppName'
  | 'transcriptId'
  | 'transcriptPending'
  | 'comment'
  | 'recordDuration'
  | 'callType';

const of = (kind: FieldKind, column: StatisticColumn, sortable = true): StatisticField => ({ kind, column, sortable });
const always = (kind: FieldKind, constant: string | null): StatisticField => ({ kind, constant });

const FIELDS: ReadonlyMap<string, StatisticField> = new Map([
  ['ID', of('integer', 'id')],
  ['PORTAL_USER_ID', of('integer', 'portalUserId')],
  ['PORTAL_NUMBER', of('text', 'portalNumber')],
  ['PHONE_NUMBER', of('phone', 'phoneNumber')],
  ['CALL_ID', of('text', 'callToken')],
  ['EXTERNAL_CALL_ID', of('text', 'externalCallId')],
  ['CALL_CATEGORY', always('text', 'external')],
  ['CALL_LOG', always('text', null)],
  ['CALL_DURATION', of('integer', 'callDuration')],
  ['CALL_START_DATE', of('instant', 'callStart')],
  ['CALL_RECORD_URL', always('text', null)],
  ['CALL_VOTE', of('integer', 'callVote')],
  ['COST', of('decimal', 'costMicros')],
  ['COST_CURRENCY', of('text', 'costCurrency')],
  ['CALL_FAILED_CODE', of('text', 'failedCode')],
  ['CALL_FAILED_REASON', of('text', 'failedReason')],
  ['CRM_ENTITY_TYPE', of('text', 'crmEntityType')],
  ['CRM_ENTITY_ID', of('integer', 'crmEntityId')],
  ['CRM_ACTIVITY_ID', of('integer', 'crmActivityId')],
  ['REST_APP_ID', of('integer', 'restAppId')],
  ['REST_APP_NAME', of('text', 'restAppName')],
  ['TRANSCRIPT_ID', of('integer', 'transcriptId')],
  ['TRANSCRIPT_PENDING', of('flag', 'transcriptPending')],
  ['SESSION_ID', always('integer', null)],
  ['REDIAL_ATTEMPT', always('integer', null)],
  ['COMMENT', of('text', 'comment')],
  ['RECORD_DURATION', of('integer', 'recordDuration')],
  ['CALL_TYPE', of('integer', 'callType', false)],
]);

/** Whatever the case of its letters; undefined for RECORD_FILE_ID, which no filter takes, and for what is no field. */
export function statisticField(name: string): StatisticField | undefined {
  return FIELDS.get(name.trim().toUpperCase());
}
