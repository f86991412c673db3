/** From the stored reports of a call to what they say of it; storing it is for refold.ts. */
import type { Call, LegMeaning, Participation, QueueVisit, Report } from '../entities.ts';
import { type CallFields, foldCall } from './fold.ts';
import type { FoldContext } from './foldContext.ts';
import type { Participant } from './participants.ts';
import type { Visit } from './queueVisits.ts';

/** As much of a report as the fold reads. */
export type ToldReport = Pick<Report, 'id' | 'sourceCallId' | 'sourceId' | 'key' | 'fact'>;

/** What of a call's row follows from its reports alone. */
export type ToldCall = CallFields & Pick<Call, 'sourceId' | 'externalId'> & { readonly legs: readonly LegMeaning[] };

export interface Told {
  readonly call: ToldCall;
  readonly participants: readonly Participant[];
  readonly visits: readonly Visit[];
}

/** One of the reports must be of a source. */
export function foldReports(
  reports: readonly Readonly<ToldReport>[],
  externalIdOf: (sourceCallId: number) => string | null,
  context: FoldContext,
): Told {
  const { fields, legs, participants, visits } = foldCall(
    reports.map(each => ({
      reportId: each.id,
      sourceCallId: each.sourceCallId,
      sourceId: each.sourceId,
      key: each.key,
      fact: each.fact,
    })),
    context,
  );
  const first = leadingReport(reports);
  return {
    call: { sourceId: first.sourceId, externalId: externalIdOf(first.sourceCallId), ...fields, legs },
    participants,
    visits,
  };
}

/** The rows of those who took part, ascending by user. */
export const participationsOf = (
  { id, startedAt }: Pick<Call, 'id' | 'startedAt'>,
  participants: readonly Participant[],
): Participation[] => participants.map(each => ({ callId: id, startedAt, ...each }));

/** The rows of the queues it was in, in the order of its queues. */
export const queueVisitsOf = (
  { id, startedAt }: Pick<Call, 'id' | 'startedAt'>,
  visits: readonly Visit[],
): QueueVisit[] => visits.map((each, place) => ({ callId: id, startedAt, place, ...each }));

/** Whose call it is: a PBX's before a program's, the oldest of these. What people say is of no source. */
function leadingReport(reports: readonly Readonly<ToldReport>[]): Readonly<ToldReport> {
  let leading: Readonly<ToldReport> | undefined;
  for (const each of reports) {
    const { form } = each.fact;
    if (form !== 'leg' && form !== 'call') continue;
    const leads = leading === undefined || (form === 'leg') !== (leading.fact.form === 'leg');
    if (leading === undefined || (leads ? form === 'leg' : each.id < leading.id)) leading = each;
  }
  if (leading === undefined) throw new Error('a call needs a report of a source');
  return leading;
}
