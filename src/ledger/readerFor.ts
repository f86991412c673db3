import type { Reader } from './query.ts';

/** Who asked closed the connection before there was an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client has gone');
  }
}

/** Where an answer is to go: a response of HTTP. */
interface Destination {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** Asks nothing more, and rejects with `ClientGone`, once the answer has nowhere to go: what takes many questions ends there. */
export function readerFor(destination: Destination, reader: Reader): Reader {
  let hasGone = destination.destroyed;
  // It is closed after every answer too, and nothing is asked then.
  destination.once('close', () => {
    hasGone = true;
  });
  const check = () => {
    if (hasGone) throw new ClientGone();
  };
  const whileThere = (each: Reader): Reader => ({
    async select(query) {
      check();
      return each.select(query);
    },
    async aggregate(query) {
      check();
      return each.aggregate(query);
    },
    snapshot: work => each.snapshot(one => work(whileThere(one))),
  });
  return whileThere(reader);
}
