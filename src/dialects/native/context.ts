import type { CallsContext } from '../../calls/fold/refold.ts';
import type { IncomingReport } from '../../calls/reports/report.ts';
import type { EventShape } from '../../ledger/event.ts';
import type { Expansion } from '../../ledger/expansion.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Timers } from '../../ledger/timers.ts';
import type { NodeView } from '../../nodes/membership.ts';
import type { AudioStore } from '../../recordings/audioStore.ts';
import { type Source, source } from '../../sources/entities.ts';
import type { Countable } from '../../statistics/entities.ts';
import type { Administration } from '../dialect.ts';
import type { Gate } from './access.ts';

/** What `/v1` needs of the house. */
export interface NativeDoor {
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly calls: CallsContext;
  /** Everything that readers of the journal may be told. */
  readonly events: readonly EventShape[];
  /** Of the entries of the journal that stand for many. */
  readonly expansion: Expansion;
  readonly countable: Countable;
  readonly clock: () => number;
  readonly timers: Timers;
  readonly timeZone: () => string;
  readonly dayZone: () => string;
  /** What became of a reported call: `accepted`, `repeated`, `refused`. */
  readonly count: (verdict: string) => void;
  /** Whether a user exists, for corrections that name one. */
  readonly userExists: (id: number) => boolean;
  readonly audio: AudioStore;
  readonly administration: Administration;
  /** The servers on the same ledger, this one included. */
  readonly nodes: () => readonly NodeView[];
  /** Reads quarantined bytes again with the door of their source; a sentence when it still cannot. */
  readonly reread: (from: Readonly<Source>, raw: Uint8Array, contentType: string | null) => IncomingReport | string;
  /** Ends when the server stops, so that open event streams end too. */
  readonly stopping: AbortSignal;
}

/** Sources by id, those switched off included: their calls stay. */
export const sourcesById = (ledger: Ledger): ReadonlyMap<number, Readonly<Source>> =>
  new Map(ledger.directory.all(source).map(each => [each.id, each]));
