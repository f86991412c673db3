/** What the journal says about the organisation. */
import { defineEvent, whole } from '../ledger/event.ts';

export const organisationChanged = defineEvent({
  kind: 'organisation.changed',
  call: 'never',
  description: 'The organisation file was applied and made a difference.',
  data: {
    created: whole('How much is new.'),
    changed: whole('How much is otherwise than before.'),
    disabled: whole('How much the file no longer names.'),
    enabled: whole('How much the file names again.'),
  },
  example: { created: 2, changed: 1, disabled: 0, enabled: 0 },
});

export const configEvents = [organisationChanged];
