/**
 * The call of a PBX that an application names by the PBX's own id (docs/one-call.md, "By the PBX's id"): one, whatever its legs
 * reached, or none where two PBXs use one id and nothing tells their calls apart.
 */
import type { State } from '../../ledger/state.ts';
import { numberKey } from '../../values/numberKey.ts';
import { type Candidate, type Report, report, type SourceCall } from '../entities.ts';
import { foldLegs } from '../fold/foldLegs.ts';
import { numberPlanOf } from '../fold/numberPlan.ts';
import type { CallsContext } from '../fold/refold.ts';
import type { LegFact } from '../reports/report.ts';
import { wantSourceCall } from '../reports/sourceCalls.ts';
import { callsNamed } from './callNames.ts';
import { received } from './candidates.ts';
import { contradict, isClose, isWithinBlock, type NamedCall, type Timed, type Told } from './choosePairs.ts';
import { clockOffsetMs } from './clocks.ts';
import { decisionOn, wantLink } from './links.ts';

/** The row that stands for all of a source call in a pair; nothing is stored under its id. */
export const wholeRow = (sourceCallId: number, tie: string): Told['row'] => ({ id: -sourceCallId, sourceCallId, tie });

export const isWhole = ({ row }: Pick<Told, 'row'>): boolean => row.id < 0;

/** For the id of each registration that names a call of a PBX, that call. */
export function namedCalls(
  state: State,
  registrations: readonly Timed[],
  context: CallsContext,
): ReadonlyMap<number, NamedCall> {
  const naming = registrations.filter(({ row }) => row.name !== null);
  if (naming.length === 0) return new Map();
  state.expect(wants => {
    for (const { row } of naming) callsNamed(wants, row.name!);
  });
  state.expect(wants => {
    for (const { row } of naming) {
      for (const { id } of callsNamed(state, row.name!)) {
        wantSourceCall(wants, id);
        wantLink(wants, row.sourceCallId, id);
      }
    }
  });
  const read = new Map<number, NamedCall>();
  const wholeOf = (each: Readonly<SourceCall>): NamedCall => {
    const known = read.get(each.id) ?? readWhole(state, each, context);
    read.set(each.id, known);
    return known;
  };
  const found = new Map<number, NamedCall>();
  for (const each of naming) {
    const { row } = each;
    const free = callsNamed(state, row.name!).filter(
      ({ id }) => decisionOn(state, row.sourceCallId, id) !== 'separated',
    );
    const chosen = chooseNamed(each, free.map(wholeOf));
    if (chosen !== null) found.set(row.id, chosen);
  }
  return found;
}

/** Of several that bear the name the one that shares more of the parties, then the one at the same time; null if that is no one. */
export function chooseNamed(registration: Timed, bearing: readonly NamedCall[]): NamedCall | null {
  const { row } = registration;
  const fitting = bearing.filter(
    each => isWithinBlock(registration, each) && !contradict(row.direction, each.direction),
  );
  const ranked = fitting
    .map(each => ({ each, rank: 2 * sharedParties(row, each) + (isClose(registration, each) ? 1 : 0) }))
    .sort((a, b) => b.rank - a.rank);
  const [first, second] = ranked;
  return first === undefined || first.rank === second?.rank ? null : first.each;
}

const sharedParties = ({ userId, numberKey: key }: Readonly<Candidate>, { userIds, numberKeys }: NamedCall): number =>
  (userIds.has(userId) ? 1 : 0) + (numberKeys.has(key) ? 1 : 0);

/** Colleagues are called by one and called by the other: each may have registered it as theirs. */
function readWhole(state: State, { id, sourceId, name }: Readonly<SourceCall>, context: CallsContext): NamedCall {
  const from = context.sources.get(state, sourceId)!;
  const plan = numberPlanOf(from, context.sources);
  const told = state.find(report, 'bySourceCall', id).filter(isLeg);
  const legs = foldLegs(
    told.map(each => ({ ...each, reportId: each.id })),
    { planOf: () => plan, holderOf: (extension, of, at) => context.holderOf(state, extension, of, at) },
  );
  const offset = clockOffsetMs(state, sourceId);
  const directions = new Set<Candidate['direction']>();
  const userIds = new Set<number>();
  const numberKeys = new Set<string>();
  for (const { fact, caller, called, direction } of legs) {
    directions.add(direction === 'internal' ? 'unknown' : direction);
    for (const { userId } of [caller, called]) if (userId !== null) userIds.add(userId);
    numberKeys.add(numberKey(fact.from, received(from))).add(numberKey(fact.to, from));
  }
  return {
    row: wholeRow(id, name),
    startedAt: Math.min(...legs.map(({ fact }) => fact.startedAt)) + offset,
    endedAt: Math.max(...legs.map(({ endedAt }) => endedAt)) + offset,
    direction: directions.size === 1 ? [...directions][0]! : 'unknown',
    userIds,
    numberKeys,
  };
}

type LegReport = Readonly<Report> & { readonly fact: LegFact };

const isLeg = (each: Readonly<Report>): each is LegReport => each.fact.form === 'leg';
