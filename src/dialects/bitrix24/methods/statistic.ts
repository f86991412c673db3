import type { Condition } from '../../../ledger/query.ts';
import type { Role } from '../../../people/entities.ts';
import { type StatisticRow, statisticRow } from '../../../portal/entities.ts';
import { formatMoney } from '../../../values/money.ts';
import { numberKey } from '../../../values/numberKey.ts';
import type { Method, MethodCall } from '../context.ts';
import { writePortalDate } from '../dates.ts';
import { methodError } from '../errors.ts';
import { PAGE_ROWS, readStatisticQuestion } from '../statisticFilter.ts';

const SEES_ALL: readonly Role[] = ['administrator', 'supervisor'];

/** `voximplant.statistic.get` (docs/bitrix24.md, section 14). */
export const statistic: Method = {
  scope: 'telephony',
  async answer(call) {
    const { params, door, portal } = call;
    const zone = door.timeZone();
    const question = readStatisticQuestion(params, { zone, phoneKeyOf: number => numberKey(number, portal) });
    const where = [...question.where, ...visible(call)] as Condition<keyof StatisticRow & string>[];
    const { reader } = door.ledger;
    const [rows, total] = await Promise.all([
      question.nothing
        ? []
        : reader.select<StatisticRow>({
            from: statisticRow,
            where,
            orderBy: question.orderBy,
            offset: question.offset,
            limit: PAGE_ROWS,
          }),
      question.counted ? (question.nothing ? 0 : countOf(call, where)) : null,
    ]);
    const beyond = question.offset + PAGE_ROWS;
    const next = total !== null && beyond < total ? beyond : null;
    return { page: { rows: rows.map(row => lineOf(row, zone)), total, next } };
  },
};

async function countOf(
  { door }: MethodCall,
  where: readonly Condition<keyof StatisticRow & string>[],
): Promise<number> {
  const [all] = await door.ledger.reader.aggregate<StatisticRow>({ from: statisticRow, where, groupBy: [], sum: [] });
  return Number(all?.['count'] ?? 0);
}

/** The webhook sees what its user may see: everything, or own calls. */
function visible({ user }: MethodCall): readonly Condition<keyof StatisticRow & string>[] {
  if (user.roles.some(role => SEES_ALL.includes(role))) return [];
  if (!user.roles.includes('agent')) throw methodError('accessDenied');
  return [{ column: 'portalUserId', is: '=', value: user.id }];
}

const text = (value: number | null): string | null => (value === null ? null : String(value));

/** As PHP gives database columns back: all text, but the one number. */
function lineOf(row: StatisticRow, zone: string) {
  return {
    ID: String(row.id),
    PORTAL_USER_ID: text(row.portalUserId),
    PORTAL_NUMBER: row.portalNumber,
    PHONE_NUMBER: row.phoneNumber,
    CALL_ID: row.callToken,
    EXTERNAL_CALL_ID: row.externalCallId,
    CALL_CATEGORY: 'external',
    CALL_LOG: null,
    CALL_DURATION: String(row.callDuration),
    CALL_START_DATE: writePortalDate(row.callStart, zone),
    CALL_RECORD_URL: null,
    CALL_VOTE: text(row.callVote),
    COST: fourDecimals(row.costMicros),
    COST_CURRENCY: row.costCurrency,
    CALL_FAILED_CODE: row.failedCode,
    CALL_FAILED_REASON: row.failedReason,
    CRM_ENTITY_TYPE: row.crmEntityType,
    CRM_ENTITY_ID: text(row.crmEntityId),
    CRM_ACTIVITY_ID: text(row.crmActivityId),
    REST_APP_ID: text(row.restAppId),
    REST_APP_NAME: row.restAppName,
    TRANSCRIPT_ID: text(row.transcriptId),
    TRANSCRIPT_PENDING: row.transcriptPending ? 'Y' : 'N',
    SESSION_ID: null,
    REDIAL_ATTEMPT: null,
    COMMENT: row.comment,
    RECORD_DURATION: text(row.recordDuration),
    RECORD_FILE_ID: row.recordFileId,
    CALL_TYPE: String(row.callType),
  };
}

/** Four decimals at least; more where the amount has more, since nobody may lose money to a format. */
function fourDecimals(micros: number): string {
  const [whole, fraction = ''] = formatMoney(micros).split('.');
  return `${whole}.${fraction.padEnd(4, '0')}`;
}
