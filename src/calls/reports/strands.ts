/**
 * A strand is what one source tells of one call under one name of its own: a PBX's call id, a registration. Its id is the
 * call id its first report was given. A call is one strand, or several that were found to be one; it bears the oldest id.
 */
import type { State, Wants } from '../../ledger/state.ts';
import {
  alias,
  type Call,
  call,
  judgement,
  pairing,
  participation,
  type Report,
  report,
  settling,
} from '../entities.ts';

/** The call a strand is part of now; an id that names no strand is returned as it is. */
export function callIdOf(state: Pick<State, 'get'>, strandId: number): number {
  if (state.get(call, strandId) !== undefined) return strandId;
  return state.get(alias, strandId)?.into ?? strandId;
}

/** Ascending: the first is the call's own id. */
export const strandsOf = ({ id, strands }: Pick<Call, 'id' | 'strands'>): readonly number[] =>
  strands === null ? [id] : [id, ...strands];

/** What this room may read of a strand, whatever happens to it. */
export function wantStrand(wants: Wants, id: number): void {
  wants.get(call, id);
  wants.get(alias, id);
  wants.get(settling, id);
  wants.find(participation, 'byCall', id);
  wants.get(pairing, id);
  wants.find(pairing, 'byWith', id);
  wants.find(judgement, 'byId', id);
  wants.find(judgement, 'byWith', id);
  wants.find(report, 'byCall', id);
}

export function reportsOf(state: State, strandIds: readonly number[]): readonly Readonly<Report>[] {
  if (strandIds.length === 1) return state.find(report, 'byCall', strandIds[0]!);
  state.expect(wants => {
    for (const id of strandIds) wants.find(report, 'byCall', id);
  });
  return strandIds.flatMap(id => state.find(report, 'byCall', id));
}
