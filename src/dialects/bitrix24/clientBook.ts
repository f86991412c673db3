import { keepActivity } from '../../clients/activities.ts';
import { clientsWithNumber, handOver, makeLead } from '../../clients/clients.ts';
import { client } from '../../clients/entities.ts';
import type { ClientBook } from '../../portal/clientBook.ts';

/** Whom the portal's calls are with, kept by another room than its calls. */
export const clientBook: ClientBook = {
  isKnown: (state, { type, id }) => state.get(client, type, id) !== undefined,
  byNumber(state, numberKey) {
    const [first] = clientsWithNumber(state, numberKey);
    return first === undefined ? null : { type: first.type, id: first.id };
  },
  makeLead,
  handOver,
  keepActivity,
};
