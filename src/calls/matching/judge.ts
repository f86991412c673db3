/** What people say about which reports are one call. */
import { type Command, Refusal, type State } from '../../ledger/state.ts';
import { type Call, doubt, judgement, pairable } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { demandCall, keepWord, type Saying } from '../reports/corrections.ts';
import type { Judgement } from '../reports/report.ts';
import { callIdOf, strandsOf, wantStrand } from '../reports/strands.ts';
import { ordered } from './bundles.ts';
import { pairAround } from './pair.ts';
import { regroup } from './regroup.ts';

/** The calls are one already, or the strands named are not a part that can be taken out. */
export class ImpossibleJudgement extends Refusal {
  override readonly name = 'ImpossibleJudgement';
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
    wants: wants => {
      for (const each of [id, withId]) wantStrand(wants, each);
    },
    apply: state => {
      const one = demandCall(state, id);
      const other = demandCall(state, withId);
      if (one.id === other.id)
        throw new ImpossibleJudgement('with', `call ${withId} is part of call ${one.id} already`);
      expectJudged(state, [...strandsOf(one), ...strandsOf(other)]);
      for (const a of strandsOf(one)) for (const b of strandsOf(other)) forget(state, a, b);
      judge(state, one.id, other.id, 'together');
      const cause = say(state, one.id, 'joined', [other.id], reason, saying);
      regroup(state, [one.id, other.id], null, { cause, settleDelayMs: SETTLE_DELAY_MS }, context);
      return callIdOf(state, one.id);
    },
  };
}

/**
 * Takes strands out of a call; answers with the id of the call they are now. Null takes the younger of two out, and is
 * refused where there are more.
 */
export function splitCall(
  id: number,
  strandIds: readonly number[] | null,
  reason: string | null,
  saying: Saying,
  context: CallsContext,
): Command<number> {
  return {
    name: 'split call',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wants => wantStrand(wants, id),
    apply: state => {
      const whole = demandCall(state, id);
      const strands = strandsOf(whole);
      expectJudged(state, strands);
      const out = partOf(whole, strandIds);
      const rest = strands.filter(each => !out.includes(each));
      for (const a of out) for (const b of rest) judge(state, a, b, 'apart');
      const [first] = out;
      for (const each of out.slice(1)) judge(state, first!, each, 'together');
      for (const each of rest.slice(1)) judge(state, rest[0]!, each, 'together');
      const cause = say(state, whole.id, 'parted', out, reason, saying);
      const rows = strands.flatMap(each => state.find(pairable, 'byStrand', each));
      const moved = pairAround(
        state,
        rows.map(row => ({ before: null, after: row })),
      );
      regroup(state, [...strands, ...moved], null, { cause, settleDelayMs: SETTLE_DELAY_MS }, context);
      return callIdOf(state, first!);
    },
  };
}

/** Says of two calls that look like one that they are two: they are not doubted, nor joined by themselves, any more. */
export function keepApart(id: number, withId: number, saying: Saying): Command<void> {
  return {
    name: 'keep calls apart',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wants => {
      for (const each of [id, withId]) wantStrand(wants, each);
    },
    apply: state => {
      const one = demandCall(state, id);
      const other = demandCall(state, withId);
      if (one.id === other.id)
        throw new ImpossibleJudgement('with', `call ${withId} is part of call ${one.id}: split it`);
      expectJudged(state, [...strandsOf(one), ...strandsOf(other)]);
      for (const a of strandsOf(one)) for (const b of strandsOf(other)) judge(state, a, b, 'apart');
      say(state, one.id, 'parted', [other.id], null, saying);
    },
  };
}

function partOf({ id, strands }: Readonly<Call>, named: readonly number[] | null): readonly number[] {
  if (strands === null) throw new ImpossibleJudgement('calls', `call ${id} consists of one source call only`);
  const all = [id, ...strands];
  if (named === null) {
    if (all.length === 2) return strands;
    throw new ImpossibleJudgement('calls', `must name which of ${all.join(', ')} to take out of call ${id}`);
  }
  const out = [...new Set(named)].sort((a, b) => a - b);
  const stranger = out.find(each => !all.includes(each));
  if (stranger !== undefined) {
    throw new ImpossibleJudgement(
      'calls',
      `must be of ${all.join(', ')}, which call ${id} was made of; ${stranger} is not`,
    );
  }
  if (out.length === all.length) throw new ImpossibleJudgement('calls', 'must leave something of the call');
  if (out.length === 0) throw new ImpossibleJudgement('calls', 'must not be empty');
  return out;
}

/** All that will be read of these strands, in one load where reading is far away. */
function expectJudged(state: State, strands: readonly number[]): void {
  state.expect(wants => {
    for (const a of strands) {
      wantStrand(wants, a);
      wants.find(pairable, 'byStrand', a);
      for (const b of strands) {
        if (a >= b) continue;
        wants.get(judgement, a, b);
        wants.get(doubt, a, b);
      }
    }
  });
}

function judge(state: State, a: number, b: number, verdict: 'together' | 'apart'): void {
  forget(state, a, b);
  const [id, withId] = ordered(a, b);
  state.put(judgement, { id, withId, verdict });
}

/** A later word stands; a doubt is decided by it. */
function forget(state: State, a: number, b: number): void {
  const pair = ordered(a, b);
  if (state.get(judgement, ...pair) !== undefined) state.delete(judgement, ...pair);
  if (state.get(doubt, ...pair) !== undefined) state.delete(doubt, ...pair);
}

function say(
  state: State,
  callId: number,
  form: Judgement['form'],
  strands: readonly number[],
  reason: string | null,
  saying: Saying,
): number {
  const fact: Judgement = { form, strands, author: saying.author, at: state.now, reason };
  return keepWord(state, callId, `${form} ${state.now} ${strands.join(' ')}`, fact, saying);
}
