/** What the journal says about clients. */
import { defineEvent, id, word } from '../ledger/event.ts';

/** The types of clients as they are written outside. */
export const CLIENT_TYPE_WORDS = { CONTACT: 'contact', LEAD: 'lead', COMPANY: 'company' } as const;

export const leadCreated = defineEvent({
  kind: 'lead.created',
  call: 'always',
  description: 'A call with an unknown number made a lead.',
  data: { clientId: id('The lead.') },
  example: { callId: 17, clientId: 5 },
});

export const clientChanged = defineEvent({
  kind: 'client.changed',
  call: 'sometimes',
  description: 'A contact, lead or company was created or changed, by a person or by the end of a call.',
  data: {
    clientType: word(Object.values(CLIENT_TYPE_WORDS), 'What the client is; each type has ids of its own.'),
    clientId: id('The client.'),
  },
  example: { callId: null, clientType: 'contact', clientId: 5 },
});

export const clientEvents = [leadCreated, clientChanged];
