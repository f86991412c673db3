import { setTimeout as delay } from 'node:timers/promises';
import { isCommit, isCommitted, type PostgresWire, type Ruling, tapPostgres } from '../../../kit/postgresWire.ts';
import type { Link } from '../../../kit/tcpProxy.ts';
import { until } from '../../../kit/until.ts';
import type { Fault } from '../fault.ts';

interface CutCommitOptions {
  readonly cutsPerRound: number;
  /** Every so many rounds the wire of one commit falls silent instead, which its node notices after 12 s; 0: never. */
  readonly silentEvery: number;
}

/** Where a commit meets the cut. */
const PLACES = {
  'before all of it was passed on': 'cutWithin',
  'when it was passed on': 'cutAfter',
  'before its answer': 'cut',
  'before its answer, and silently': 'silence',
} as const satisfies Record<string, Ruling>;
type Place = keyof typeof PLACES;

const CUT_PLACES = Object.keys(PLACES).slice(0, 3) as readonly Place[];
const SILENT: Place = 'before its answer, and silently';
const BETWEEN_CUTS_MS = 400;
/** Somebody commits many times a second. */
const MET_WITHIN_MS = 600_000;
/** Until the node that waits for an answer looks whether its batch is stored. */
const NOTICED_MS = 14_000;

/** Connections to PostgreSQL are cut in the middle of COMMIT. */
export const cutCommit = ({ cutsPerRound, silentEvery }: CutCommitOptions): Fault => {
  let wire: PostgresWire | undefined;
  let round = 0;
  const cuts = new Map<Place, number>();
  return {
    title: 'connections to PostgreSQL cut in the middle of COMMIT',
    needsWire: true,
    refuses: true,
    // A node that hears nothing for 12 s is found dead before, and gives up its sessions.
    sessionsExpire: silentEvery > 0,
    attach(proxy) {
      wire = tapPostgres(proxy);
    },
    async strike({ nodes, random }) {
      const isSilent = silentEvery > 0 && ++round % silentEvery === 0;
      for (let n = 0; n < cutsPerRound; n++) {
        const place = isSilent && n === 0 ? SILENT : CUT_PLACES[n % CUT_PLACES.length]!;
        await cutOne(wire!, place);
        cuts.set(place, (cuts.get(place) ?? 0) + 1);
        await delay(place === SILENT ? NOTICED_MS : random.next() * 2 * BETWEEN_CUTS_MS);
      }
      await Promise.all(nodes.map(node => node.ready()));
      const said = [...cuts].map(([place, count]) => `${count} ${place}`).join(', ');
      return { survivors: nodes, said: `commits cut so far: ${said}` };
    },
  };
};

/** The next commit, of whichever node. */
async function cutOne(wire: PostgresWire, place: Place): Promise<void> {
  const ruling = PLACES[place];
  const isOnTheWay = ruling === 'cutWithin' || ruling === 'cutAfter';
  let met = false;
  let committing: Link | null = null;
  wire.onRequest = (message, link) => {
    if (met || !isCommit(message)) return 'pass';
    committing = link;
    met ||= isOnTheWay;
    return isOnTheWay ? ruling : 'pass';
  };
  wire.onAnswer = (message, link) => {
    if (met || isOnTheWay || link !== committing || !isCommitted(message)) return 'pass';
    met = true;
    return ruling;
  };
  await until('somebody commits', () => (met ? true : undefined), MET_WITHIN_MS);
}
