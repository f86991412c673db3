/** What the journal says about the organisation. */
import { defineEvent, whole } from '../ledger/event.ts';

export const organisationChanged = defineEvent({
  kind: 'organisation.changed',
  call: 'never',
  description:
    'Users, tokens, sources, webhooks, campaigns or settings were changed, by the organisation file or over the API.',
  data: {
    created: whole('How much is new.'),
    changed: whole('How much is otherwise than before.'),
    deactivated: whole('How much was deactivated.'),
    activated: whole('How much was activated again.'),
  },
  example: { created: 2, changed: 1, deactivated: 0, activated: 0 },
});

export const configEvents = [organisationChanged];
