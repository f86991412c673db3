/**
 * From what tells of a call under a name to what else does: the legs of a PBX bear it by their source call, and a registration has it
 * where the application gave it (docs/one-call.md, "By the PBX's id"). For reading, and for saying what will be read.
 */
import type { Wants } from '../../ledger/state.ts';
import { type Candidate, candidate, type SourceCall, sourceCall } from '../entities.ts';

/** The PBX's id of the call, without the serial that scopes it; a leg without one has a name of its own. */
export function callNameOf(name: string): string | null {
  const id = name.slice(name.indexOf('|') + 1);
  return id.startsWith('leg:') || id.startsWith('uid:') ? null : id;
}

/** A leg without the PBX's id of its call has a name of its own, which no application knows. */
const isCallOfPbx = ({ kind, name }: Readonly<SourceCall>): boolean => kind === 'legs' && callNameOf(name) !== null;

/** The calls of PBXs that bear this name. */
export const callsNamed = (state: Wants, name: string): readonly Readonly<SourceCall>[] =>
  state.find(sourceCall, 'byExternalId', name).filter(isCallOfPbx);

/** What applications registered under the name of this source call. */
export function registrationsNaming(state: Wants, name: string): readonly Readonly<Candidate>[] {
  const called = callNameOf(name);
  return called === null ? [] : state.find(candidate, 'byName', called);
}

/** Of a leg the registrations that name its call, of a registration the legs of the calls it names. */
export function namedWith(
  state: Wants,
  { role, sourceCallId, name }: Readonly<Candidate>,
): readonly Readonly<Candidate>[] {
  if (role === 'leg') {
    const of = state.get(sourceCall, sourceCallId);
    return of === undefined ? [] : registrationsNaming(state, of.name);
  }
  if (name === null) return [];
  return callsNamed(state, name).flatMap(({ id }) => state.find(candidate, 'bySourceCall', id));
}
