import type { State } from '../../../ledger/state.ts';
import { hideCard, type OpenCall, showCard } from '../../../portal/registrations.ts';
import type { Method } from '../context.ts';
import { openCallNamed } from '../openCall.ts';
import { namedUsers } from '../users.ts';

type Change = (state: State, row: Readonly<OpenCall>, users: readonly number[] | null) => void;

/**
 * A card is on the screens of an open call only; nothing to show or hide is `false`, never an error (docs/bitrix24.md,
 * section 11.3).
 */
const cardMethod = (name: string, change: Change): Method => ({
  scope: 'telephony',
  async answer({ params, door, portal }) {
    const callId = params.text('CALL_ID') ?? '';
    const users = namedUsers(params, door.ledger.directory);
    const done = await door.ledger.submit({
      name,
      bytes: 300,
      apply: state => {
        const row = openCallNamed(state, portal, callId);
        if (row === null) return false;
        change(state, row, users);
        return true;
      },
    });
    return { result: done };
  },
});

/** `telephony.externalCall.show`: to the registering user unless others are named. */
export const show = cardMethod('show card', (state, row, users) => showCard(state, row, users ?? [row.open.userId]));

/** `telephony.externalCall.hide`: from everybody unless some are named. */
export const hide = cardMethod('hide card', hideCard);
