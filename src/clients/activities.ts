import type { State } from '../ledger/state.ts';
import type { ClientRef } from '../values/clientRef.ts';
import { type Activity, activity } from './entities.ts';

export interface FinishedCall {
  readonly sourceCallId: number;
  readonly client: ClientRef;
  readonly responsibleId: number;
  readonly inbound: boolean;
  readonly answered: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Notes a finished call in the history of a client. */
export function keepActivity(state: State, { client, inbound, answered, ...call }: FinishedCall): number {
  const id = state.next('activity');
  const row: Activity = {
    id,
    ...call,
    clientType: client.type,
    clientId: client.id,
    inbound,
    completed: answered || !inbound,
  };
  state.insert(activity, row);
  return id;
}
