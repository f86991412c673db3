import type { Condition } from '../../../ledger/query.ts';
import type { Role } from '../../../people/entities.ts';
import type { ListedCall } from '../../../portal/entities.ts';
import { portalPage } from '../../../portal/queries/portalPage.ts';
import { type Source, source } from '../../../sources/entities.ts';
import { formatMoney } from '../../../values/money.ts';
import { numberKey } from '../../../values/numberKey.ts';
import type { Method, MethodCall } from '../context.ts';
import { writePortalDate } from '../dates.ts';
import { methodError } from '../errors.ts';
import { portalsAmong, withLineIds } from '../namedLines.ts';
import { PAGE_ROWS, readStatisticQuestion } from '../statisticFilter.ts';
import type { StatisticColumn } from '../statisticFilterFields.ts';

const SEES_ALL: readonly Role[] = ['administrator', 'supervisor'];

/** `voximplant.statistic.get` (docs/bitrix24.md, section 14). */
export const statistic: Method = {
  scope: 'telephony',
  async answer(call) {
    const { params, door, portal } = call;
    const zone = door.timeZone();
    const sources = door.ledger.directory.all(source);
    const question = readStatisticQuestion(params, {
      zone,
      phoneKeyOf: number => numberKey(number, portal),
      phoneKeysOfText: text => keysOfText(sources, text),
    });
    const { nothing, offset, counted, orderBy } = question;
    const asked = [...question.where, ...visible(call)];
    const where = nothing ? asked : await withLineIds(call.reader, portalsAmong(sources), asked);
    const found = nothing
      ? { rows: [], total: counted ? 0 : null }
      : await portalPage(call.reader, { where, orderBy, offset, limit: PAGE_ROWS, counted });
    const beyond = offset + PAGE_ROWS;
    const next = found.total !== null && beyond < found.total ? beyond : null;
    return { page: { rows: found.rows.map(row => lineOf(row as ListedCall, zone)), total: found.total, next } };
  },
};

/** A line has its number as its source wrote it: dialled with the prefix that leads outside, or received. */
function keysOfText(sources: readonly Readonly<Source>[], text: string): readonly string[] {
  const contexts = sources.flatMap(each => [each, { ...each, outsidePrefix: null }]);
  return [...new Set(contexts.map(each => numberKey(text, each)))];
}

/** The webhook sees what its user may see: everything, or own calls. */
function visible({ user }: MethodCall): readonly Condition<StatisticColumn>[] {
  if (user.roles.some(role => SEES_ALL.includes(role))) return [];
  if (!user.roles.includes('agent')) throw methodError('accessDenied');
  return [{ column: 'userId', is: '=', value: user.id }];
}

const text = (value: number | null): string | null => (value === null ? null : String(value));

/** As PHP gives database columns back: all text, but the one number. */
function lineOf(row: ListedCall, zone: string) {
  return {
    ID: String(row.id),
    PORTAL_USER_ID: text(row.userId),
    PORTAL_NUMBER: row.line,
    PHONE_NUMBER: row.phoneNumber,
    CALL_ID: row.token,
    EXTERNAL_CALL_ID: row.externalCallId,
    CALL_CATEGORY: 'external',
    CALL_LOG: null,
    CALL_DURATION: String(row.durationSeconds),
    CALL_START_DATE: writePortalDate(row.startedAt, zone),
    CALL_RECORD_URL: null,
    CALL_VOTE: text(row.vote),
    COST: fourDecimals(row.costMicros),
    COST_CURRENCY: row.currency,
    CALL_FAILED_CODE: row.statusCode,
    CALL_FAILED_REASON: row.failedReason,
    CRM_ENTITY_TYPE: row.clientType,
    CRM_ENTITY_ID: text(row.clientId),
    CRM_ACTIVITY_ID: text(row.activityId),
    REST_APP_ID: null,
    REST_APP_NAME: null,
    TRANSCRIPT_ID: null,
    TRANSCRIPT_PENDING: 'N',
    SESSION_ID: null,
    REDIAL_ATTEMPT: null,
    COMMENT: row.note,
    RECORD_DURATION: null,
    RECORD_FILE_ID: row.recordingId,
    CALL_TYPE: String(row.type),
  };
}

/** Four decimals at least; more where the amount has more, since nobody may lose money to a format. */
function fourDecimals(micros: number): string {
  const [whole, fraction = ''] = formatMoney(micros).split('.');
  return `${whole}.${fraction.padEnd(4, '0')}`;
}
