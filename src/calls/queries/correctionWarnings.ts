/** What of people's corrections does not hold as it was said, and which cost is not counted, and why. */

import { outcomeInDirection } from '../../values/outcome.ts';
import type { Call, Report } from '../entities.ts';
import {
  FIELDS_OF_SOURCES,
  type Place,
  placeCorrections,
  pricedOf,
  saidOf,
  validCorrections,
} from '../fold/placeCorrections.ts';
import type { CorrectedFields, Correction, Fact } from '../reports/report.ts';
import { priceWarnings } from './priceWarnings.ts';

/** Of these fields a call shows another value than was said only where it could not have been otherwise. */
const CUT = ['startedAt', 'answeredAt', 'endedAt', 'talkSeconds', 'outcome'] as const;

/** One sentence each, by the id of the report. `reports` are all of the call. */
export function correctionWarnings(
  present: Readonly<Call>,
  reports: readonly Pick<Report, 'id' | 'sourceCallId' | 'fact'>[],
): ReadonlyMap<number, readonly string[]> {
  const told = reports.map(({ id, sourceCallId, fact }) => ({ reportId: id, sourceCallId, fact }));
  const placed = placeCorrections(told);
  const found = new Map<number, string[]>();
  const add = (reportId: number, warning: string) => found.set(reportId, [...(found.get(reportId) ?? []), warning]);
  const tell = (reportId: number, names: string, of: readonly number[], place: Place) => {
    if (place === 'aside') add(reportId, `${names}: said of call ${of.join(', ')}, set aside while this is another`);
    if (place === 'part') add(reportId, `${names}: said of call ${of.join(', ')}, holds for that part of this one`);
  };
  const last = new Map<string, number>();
  for (const each of validCorrections(told)) {
    const { fact, reportId } = each;
    const { sources, price } = placed.places.get(reportId)!;
    const names = FIELDS_OF_SOURCES.filter(name => fact.fields[name] !== undefined).join(', ');
    tell(reportId, names, saidOf(each), sources);
    tell(reportId, fact.fields.costMicros === undefined ? 'currency' : 'cost', pricedOf(each), price);
    if (sources !== 'whole') continue;
    for (const name of CUT) if (fact.fields[name] !== undefined) last.set(name, reportId);
  }
  for (const [reportId, warning] of priceWarnings(present, told, placed)) add(reportId, warning);
  const ending = last.get('endedAt');
  const begins = (fact: Fact) => fact.form === 'leg' && present.endedAt !== null && fact.startedAt >= present.endedAt;
  if (ending !== undefined && told.some(({ fact }) => begins(fact))) {
    add(ending, 'endedAt: a leg that begins then or later is left out of the call');
  }
  for (const [name, reportId] of last) {
    const { fact } = told.find(each => each.reportId === reportId)!;
    if (isAsSaid((fact as Correction).fields, name as (typeof CUT)[number], present)) continue;
    add(reportId, `${name}: not as said, since the call could not have been so`);
  }
  const isOfWhole = (reportId: number) => placed.places.get(reportId)!.sources === 'whole';
  const user = validCorrections(told).findLast(
    each => isOfWhole(each.reportId) && each.fact.fields.userId !== undefined,
  );
  if (user !== undefined && user.fact.was != null && user.fact.fields.userId !== present.userId) {
    add(user.reportId, `userId: said of the part of user ${user.fact.was}, holds for that part of the call`);
  }
  return found;
}

function isAsSaid(fields: CorrectedFields, name: (typeof CUT)[number], present: Readonly<Call>): boolean {
  if (name === 'outcome') return present.outcome === outcomeInDirection(fields.outcome!, present.direction);
  return fields[name] === present[name];
}
