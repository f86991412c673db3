/** Fields of a statistics row that can be asked about, and the columns they stand for (docs/bitrix24.md, section 14). */

import type { LineColumn } from '../../portal/queries/linePath.ts';

/** How a field's values are compared. */
export type FieldKind = 'integer' | 'decimal' | 'instant' | 'flag' | 'text' | 'phone';

export type StatisticField = { readonly kind: FieldKind; readonly sortable: boolean } & (
  | { readonly column: StatisticColumn }
  /** The same in every row of a server behind which no telephony of the portal's own stands. */
  | { readonly constant: string | boolean | null }
);

export type StatisticColumn = LineColumn;

const of = (kind: FieldKind, column: StatisticColumn, sortable = true): StatisticField => ({ kind, column, sortable });
const always = (kind: FieldKind, constant: string | boolean | null, sortable = false): StatisticField => ({
  kind,
  constant,
  sortable,
});

const FIELDS: ReadonlyMap<string, StatisticField> = new Map([
  ['ID', of('integer', 'id')],
  ['PORTAL_USER_ID', of('integer', 'userId')],
  ['PORTAL_NUMBER', of('text', 'line')],
  ['PHONE_NUMBER', of('phone', 'phoneNumber')],
  ['CALL_ID', of('text', 'token')],
  ['EXTERNAL_CALL_ID', of('text', 'externalCallId')],
  ['CALL_CATEGORY', always('text', 'external')],
  ['CALL_LOG', always('text', null)],
  ['CALL_DURATION', of('integer', 'durationSeconds')],
  ['CALL_START_DATE', of('instant', 'startedAt')],
  ['CALL_RECORD_URL', always('text', null)],
  ['CALL_VOTE', of('integer', 'vote')],
  ['COST', of('decimal', 'costMicros')],
  ['COST_CURRENCY', of('text', 'currency')],
  ['CALL_FAILED_CODE', of('text', 'statusCode')],
  ['CALL_FAILED_REASON', of('text', 'failedReason')],
  ['CRM_ENTITY_TYPE', of('text', 'clientType')],
  ['CRM_ENTITY_ID', of('integer', 'clientId')],
  ['CRM_ACTIVITY_ID', of('integer', 'activityId')],
  ['REST_APP_ID', always('integer', null, true)],
  ['REST_APP_NAME', always('text', null, true)],
  ['TRANSCRIPT_ID', always('integer', null, true)],
  ['TRANSCRIPT_PENDING', always('flag', false, true)],
  ['SESSION_ID', always('integer', null)],
  ['REDIAL_ATTEMPT', always('integer', null)],
  ['COMMENT', of('text', 'note')],
  ['RECORD_DURATION', always('integer', null, true)],
  ['CALL_TYPE', of('integer', 'type', false)],
]);

export const STATISTIC_FIELDS: readonly string[] = [...FIELDS.keys()];

/** Whatever the case of its letters; undefined for RECORD_FILE_ID, which no filter takes, and for what is no field. */
export function statisticField(name: string): StatisticField | undefined {
  return FIELDS.get(name.trim().toUpperCase());
}
