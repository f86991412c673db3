/** What the journal says about cards and messages. */
import { defineEvent, id } from '../ledger/event.ts';

export const cardShown = defineEvent({
  kind: 'card.shown',
  call: 'always',
  description: 'The card of a registered call was shown to a user.',
  data: { userId: id('The user.') },
  example: { callId: 17, userId: 2 },
});

export const cardHidden = defineEvent({
  kind: 'card.hidden',
  call: 'always',
  description: 'The card of a registered call was hidden from a user.',
  data: { userId: id('The user.') },
  example: { callId: 17, userId: 2 },
});

export const messageAdded = defineEvent({
  kind: 'message.added',
  call: 'always',
  description: 'A user has a message about a finished call.',
  data: { userId: id('The user.'), messageId: id('The message.') },
  example: { callId: 17, userId: 2, messageId: 8 },
});

export const portalEvents = [cardShown, cardHidden, messageAdded];
