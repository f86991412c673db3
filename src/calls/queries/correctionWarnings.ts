/** What of people's corrections does not hold as it was said, and why. */

import { outcomeInDirection } from '../../values/outcome.ts';
import type { Call, Report } from '../entities.ts';
import { FIELDS_OF_SOURCES, placeCorrections, validCorrections } from '../fold/placeCorrections.ts';
import type { CorrectedFields, Correction, Fact } from '../reports/report.ts';

/** Of these fields a call shows another value than was said only where it could not have been otherwise. */
const CUT = ['startedAt', 'answeredAt', 'endedAt', 'talkSeconds', 'outcome'] as const;

/** One sentence each, by the id of the report. `reports` are all of the call. */
export function correctionWarnings(
  present: Readonly<Call>,
  reports: readonly Pick<Report, 'id' | 'sourceCallId' | 'fact'>[],
): ReadonlyMap<number, readonly string[]> {
  const told = reports.map(({ id, sourceCallId, fact }) => ({ reportId: id, sourceCallId, fact }));
  const { setAside, whole } = placeCorrections(told);
  const found = new Map<number, string[]>();
  const last = new Map<string, number>();
  for (const { fact, reportId, sourceCallId } of validCorrections(told)) {
    const names = FIELDS_OF_SOURCES.filter(name => fact.fields[name] !== undefined).join(', ');
    const of = (fact.of ?? [sourceCallId]).join(', ');
    if (setAside.has(reportId)) found.set(reportId, [`${names}: said of call ${of}, set aside while this is another`]);
    else if (!whole.includes(fact))
      found.set(reportId, [`${names}: said of call ${of}, holds for that part of this one`]);
    else for (const name of CUT) if (fact.fields[name] !== undefined) last.set(name, reportId);
  }
  const add = (reportId: number, warning: string) => found.set(reportId, [...(found.get(reportId) ?? []), warning]);
  const ending = last.get('endedAt');
  const begins = (fact: Fact) => fact.form === 'leg' && present.endedAt !== null && fact.startedAt >= present.endedAt;
  if (ending !== undefined && told.some(({ fact }) => begins(fact))) {
    add(ending, 'endedAt: a leg that begins then or later is left out of the call');
  }
  for (const [name, reportId] of last) {
    const { fact } = told.find(each => each.reportId === reportId)!;
    if (isAsSaid((fact as Correction).fields, name as (typeof CUT)[number], present)) continue;
    found.set(reportId, [
      ...(found.get(reportId) ?? []),
      `${name}: not as said, since the call could not have been so`,
    ]);
  }
  const user = validCorrections(told).findLast(({ fact }) => whole.includes(fact) && fact.fields.userId !== undefined);
  if (user !== undefined && user.fact.was != null && user.fact.fields.userId !== present.userId) {
    add(user.reportId, `userId: said of the part of user ${user.fact.was}, holds for that part of the call`);
  }
  return found;
}

function isAsSaid(fields: CorrectedFields, name: (typeof CUT)[number], present: Readonly<Call>): boolean {
  if (name === 'outcome') return present.outcome === outcomeInDirection(fields.outcome!, present.direction);
  return fields[name] === present[name];
}
