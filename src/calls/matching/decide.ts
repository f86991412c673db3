/** What people say about which reports are one call. */
import { type Command, Refusal, type State, type Wants } from '../../ledger/state.ts';
import { type Call, candidate } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { demandCall, keepWord, type Saying } from '../reports/corrections.ts';
import type { MatchDecision } from '../reports/report.ts';
import { callIdOf, sourceCallsOf, wantSourceCall } from '../reports/sourceCalls.ts';
import { decide, forgetDecision, wantLink } from './links.ts';
import { matchAround } from './match.ts';
import { regroup } from './regroup.ts';

/** The calls are one already, or the source calls named are not a part that can be taken out. */
export class ImpossibleDecision extends Refusal {
  override readonly name = 'ImpossibleDecision';
  readonly field: 'with' | 'calls';
  constructor(field: 'with' | 'calls', message: string) {
    super(message);
    this.field = field;
  }
}

const SETTLE_DELAY_MS = 1_000;
const ROW_BYTES = 2_000;

/** Makes the two calls one; answers with its id. */
export function joinCalls(
  id: number,
  withId: number,
  reason: string | null,
  saying: Saying,
  context: CallsContext,
): Command<number> {
  return {
    name: 'join calls',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wantCalls(id, withId),
    apply: state => {
      const { one, other } = twoCalls(state, id, withId, ' already');
      for (const a of sourceCallsOf(one)) for (const b of sourceCallsOf(other)) forgetDecision(state, a, b);
      decide(state, one.id, other.id, 'joined');
      const cause = say(state, one.id, 'joined', [other.id], reason, saying);
      regroup(state, [one.id, other.id], null, { cause, settleDelayMs: SETTLE_DELAY_MS }, context);
      return callIdOf(state, one.id);
    },
  };
}

/**
 * Takes source calls out of a call; answers with the id of the call they are now. Null takes the younger of two out, and is
 * refused where there are more.
 */
export function splitCall(
  id: number,
  sourceCallIds: readonly number[] | null,
  reason: string | null,
  saying: Saying,
  context: CallsContext,
): Command<number> {
  return {
    name: 'split call',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wants => wantSourceCall(wants, id),
    apply: state => {
      const whole = demandCall(state, id);
      const sourceCalls = sourceCallsOf(whole);
      expectDecided(state, sourceCalls);
      const out = partOf(whole, sourceCallIds);
      const rest = sourceCalls.filter(each => !out.includes(each));
      for (const a of out) for (const b of rest) decide(state, a, b, 'separated');
      const [first] = out;
      for (const each of out.slice(1)) decide(state, first!, each, 'joined');
      for (const each of rest.slice(1)) decide(state, rest[0]!, each, 'joined');
      const cause = say(state, whole.id, 'separated', out, reason, saying);
      const rows = sourceCalls.flatMap(each => state.find(candidate, 'bySourceCall', each));
      const moved = matchAround(
        state,
        rows.map(row => ({ before: null, after: row })),
        context,
      );
      regroup(state, [...sourceCalls, ...moved], null, { cause, settleDelayMs: SETTLE_DELAY_MS }, context);
      return callIdOf(state, first!);
    },
  };
}

/** Says of two calls that look like one that they are two: they are not suspected, nor joined by themselves, any more. */
export function keepApart(id: number, withId: number, saying: Saying): Command<void> {
  return {
    name: 'keep calls apart',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wantCalls(id, withId),
    apply: state => {
      const { one, other } = twoCalls(state, id, withId, ': split it');
      for (const a of sourceCallsOf(one)) for (const b of sourceCallsOf(other)) decide(state, a, b, 'separated');
      say(state, one.id, 'separated', [other.id], null, saying);
    },
  };
}

const wantCalls =
  (...ids: readonly number[]) =>
  (wants: Wants): void => {
    for (const each of ids) wantSourceCall(wants, each);
  };

/** The two calls, with all that will be read of them; `refusal` ends the sentence where they are one. */
function twoCalls(state: State, id: number, withId: number, refusal: string) {
  const [one, other] = [demandCall(state, id), demandCall(state, withId)];
  if (one.id === other.id) throw new ImpossibleDecision('with', `call ${withId} is part of call ${one.id}${refusal}`);
  expectDecided(state, [...sourceCallsOf(one), ...sourceCallsOf(other)]);
  return { one, other };
}

function partOf({ id, sourceCalls }: Readonly<Call>, named: readonly number[] | null): readonly number[] {
  if (sourceCalls === null) throw new ImpossibleDecision('calls', `call ${id} consists of one source call only`);
  const all = [id, ...sourceCalls];
  if (named === null) {
    if (all.length === 2) return sourceCalls;
    throw new ImpossibleDecision('calls', `must name which of ${all.join(', ')} to take out of call ${id}`);
  }
  const out = [...new Set(named)].sort((a, b) => a - b);
  const stranger = out.find(each => !all.includes(each));
  if (stranger !== undefined) {
    throw new ImpossibleDecision(
      'calls',
      `must be of ${all.join(', ')}, which call ${id} was made of; ${stranger} is not`,
    );
  }
  if (out.length === all.length) throw new ImpossibleDecision('calls', 'must leave something of the call');
  if (out.length === 0) throw new ImpossibleDecision('calls', 'must not be empty');
  return out;
}

/** All that will be read of these source calls, in one load where reading is far away. */
function expectDecided(state: State, sourceCalls: readonly number[]): void {
  state.expect(wants => {
    for (const a of sourceCalls) {
      wantSourceCall(wants, a);
      wants.find(candidate, 'bySourceCall', a);
      for (const b of sourceCalls) {
        if (a >= b) continue;
        wantLink(wants, a, b);
      }
    }
  });
}

function say(
  state: State,
  callId: number,
  form: MatchDecision['form'],
  sourceCalls: readonly number[],
  reason: string | null,
  saying: Saying,
): number {
  const fact: MatchDecision = { form, sourceCalls, author: saying.author, at: state.now, reason };
  return keepWord(state, callId, `${form} ${state.now} ${sourceCalls.join(' ')}`, fact, saying);
}
