/** Finding and keeping those who call. */
import type { Command, State } from '../ledger/state.ts';
import { CLIENT_TYPES, type ClientRef, type ClientType } from '../values/clientRef.ts';
import { type Client, client, clientPhone } from './entities.ts';
import { CLIENT_TYPE_WORDS, clientChanged, leadCreated } from './events.ts';

/** Contacts before leads before companies; within a type the one that was known first. */
export function clientsWithNumber(state: Pick<State, 'get' | 'find'>, numberKey: string): readonly Readonly<Client>[] {
  return state
    .find(clientPhone, 'byNumber', numberKey)
    .map(({ type, id }) => state.get(client, type, id))
    .filter(each => each !== undefined)
    .sort((a, b) => CLIENT_TYPES.indexOf(a.type) - CLIENT_TYPES.indexOf(b.type) || a.id - b.id);
}

export type NewClient = Pick<Client, 'type' | 'name' | 'phones' | 'numberKeys' | 'responsibleId'>;

/** A lead made for a call because nobody was known by this number. */
export function makeLead(
  state: State,
  lead: Omit<NewClient, 'type'> & { readonly origin: string | null; readonly madeByCall: number },
): ClientRef {
  const id = nextFree(state, 'LEAD');
  state.insert(client, { type: 'LEAD', id, ...lead, createdAt: state.now });
  for (const numberKey of new Set(lead.numberKeys)) state.put(clientPhone, { numberKey, type: 'LEAD', id });
  state.journal(leadCreated, { callId: lead.madeByCall, clientId: id });
  return { type: 'LEAD', id };
}

/** Whom a call is with from now on is theirs. */
export function handOver(state: State, { type, id }: ClientRef, responsibleId: number, callId: number): void {
  const row = state.get(client, type, id);
  if (row === undefined || row.responsibleId === responsibleId) return;
  state.put(client, { ...row, responsibleId });
  state.journal(clientChanged, { callId, clientType: CLIENT_TYPE_WORDS[type], clientId: id });
}

/** People may give a client a number of their own choosing; counting goes on beyond it. */
function nextFree(state: State, type: ClientType): number {
  for (;;) {
    const id = state.next(`client ${type}`);
    if (state.get(client, type, id) === undefined) return id;
  }
}

/** Makes the client what is said, new or known. */
export function putClient(id: number, input: NewClient): Command<{ readonly isNew: boolean; readonly row: Client }> {
  const { type } = input;
  return {
    name: 'put client',
    bytes: 500,
    apply: state => {
      const before = state.get(client, type, id);
      const row: Client = {
        ...input,
        id,
        origin: before?.origin ?? null,
        madeByCall: before?.madeByCall ?? null,
        createdAt: before?.createdAt ?? state.now,
      };
      for (const numberKey of before?.numberKeys ?? []) state.delete(clientPhone, numberKey, type, id);
      for (const numberKey of new Set(input.numberKeys)) state.put(clientPhone, { numberKey, type, id });
      state.put(client, row);
      state.journal(clientChanged, { callId: null, clientType: CLIENT_TYPE_WORDS[type], clientId: id });
      return { isNew: before === undefined, row };
    },
  };
}
