/** What a dialect declares about itself, and what it is given of the house. */
import type { FastifyInstance } from 'fastify';
import type { Bayeux } from '../bayeux/bayeux.ts';
import type { CallsContext } from '../calls/fold/refold.ts';
import type { Completed } from '../calls/reports/completions.ts';
import type { IncomingReport } from '../calls/reports/report.ts';
import type { Tells } from '../calls/sources.ts';
import type { CampaignChange } from '../campaigns/changeCampaigns.ts';
import type { CampaignsContext } from '../campaigns/context.ts';
import type { KeyFile } from '../config/keyFile.ts';
import type { EventShape } from '../ledger/event.ts';
import type { Expansion } from '../ledger/expansion.ts';
import type { Lease } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { State, Wants } from '../ledger/state.ts';
import type { Timers } from '../ledger/timers.ts';
import type { NodeView } from '../nodes/membership.ts';
import type { Relay } from '../nodes/relay.ts';
import type { Authenticator } from '../people/authenticator.ts';
import type { Permission } from '../people/permissions.ts';
import type { Principal } from '../people/principal.ts';
import type { WebhookRules } from '../people/rules.ts';
import type { WebhookChange } from '../people/webhooks.ts';
import type { FetchReactors } from '../recordings/attach.ts';
import type { AudioStore } from '../recordings/audioStore.ts';
import type { Fetching } from '../recordings/download.ts';
import type { SourceChange } from '../sources/changeSources.ts';
import type { Source } from '../sources/entities.ts';
import type { OwnSource } from '../sources/ownSource.ts';
import type { SecretKeeper, SourceKind } from '../sources/sourceKind.ts';

/** Reads kept bytes again, with what is known of their source now; a sentence when they are still not understood. */
export type Reread = (from: Readonly<Source>, raw: Uint8Array, contentType: string | null) => IncomingReport | string;

/** `version` of the program; `publicUrl` null: where it is asked. */
export interface DescribedServer {
  readonly version: string;
  readonly publicUrl: string | null;
}

export interface Dialect {
  /** The `kind` of its sources. */
  readonly kind: string;
  readonly tells: readonly Tells[];
  /** Of the sources that people set up for it, where they may: the settings that are its alone. */
  readonly sources?: SourceKind;
  /** The source that the server makes itself, behind its routes. */
  readonly ownSource?: OwnSource;
  /** Of the webhooks by which programs come in, where it has any. */
  readonly webhooks?: WebhookRules;
  /** Its routes are below this path. */
  readonly prefix: string;
  /** Work of its own that one node at a time does, by the names it has in the ledger. */
  readonly jobs?: readonly string[];
  /** Registers its routes in a scope of their own. What it starts beside them ends with the scope. */
  readonly open: (scope: FastifyInstance, house: House) => Promise<void>;
  /** Registers, in the scope around its routes, what describes them to programs and people. */
  readonly describe?: (scope: FastifyInstance, server: DescribedServer) => Promise<void>;
  readonly reread?: Reread;
}

/** The nodes on the same ledger, this one included. */
export interface NodesOfHouse {
  all(): readonly NodeView[];
  lease(job: string): Lease;
  /** The way to sessions on other nodes; null where there is one node only. */
  readonly relay: Relay | null;
}

export interface Meters {
  /** What became of a report: `accepted`, `repeated`, `refused`, … */
  countReport(dialect: string, verdict: string): void;
  watchDesktops(desktops: Pick<Bayeux, 'sessions' | 'held'>): void;
}

/** What administering needs beyond the rooms that `/v1` knows itself. */
export interface Administration {
  /** Those that people may set up, as their dialects describe them. */
  readonly sourceKinds: readonly SourceKind[];
  /** What sources of a kind tell of calls. */
  readonly tellsOf: (kind: string) => readonly string[];
  readonly webhookRules: WebhookRules;
  readonly secrets: SecretKeeper;
  /** That many random bytes, for what the server makes up. */
  readonly random: (bytes: number) => Uint8Array;
  /** The organisation's. */
  readonly country: () => string;
  /** In a command; each keeps the server's own sources in step. */
  readonly changeSources: (state: State, change: SourceChange) => void;
  readonly changeWebhooks: (state: State, change: WebhookChange) => void;
  readonly changeCampaigns: (state: State, change: CampaignChange) => void;
}

/** What every dialect may use; each takes what it needs. */
export interface House {
  /** Everything that readers of the journal may be told. */
  readonly events: readonly EventShape[];
  /** Of the entries of the journal that stand for many. */
  readonly expansion: Expansion;
  readonly ledger: Ledger;
  readonly calls: CallsContext;
  readonly campaigns: CampaignsContext;
  /** UTC milliseconds: the ledger's time. */
  readonly clock: () => number;
  readonly timers: Timers;
  /** That many random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** The organisation's zone, and the one its days are counted in. */
  readonly timeZone: () => string;
  readonly dayZone: () => string;
  /** Where clients reach this server, without a slash at its end; null: where they asked. */
  readonly publicUrl: () => string | null;
  readonly authenticator: Authenticator;
  readonly may: (caller: Principal, permission: Permission) => boolean;
  readonly keys: Pick<KeyFile, 'derive' | 'open'>;
  readonly administration: Administration;
  readonly audio: AudioStore;
  /** The client that leaves the house. */
  readonly outbound: Fetching;
  readonly recordings: FetchReactors;
  readonly nodes: NodesOfHouse;
  readonly reread: Reread;
  /** In the command that completes a record. */
  readonly completeCall: (state: State, completion: Omit<Completed, 'sourceId'>) => void;
  readonly wantCompletedCall: (wants: Wants, about: Pick<Completed, 'recordId' | 'callId'>) => void;
  readonly meters: Meters;
  /** Something about a source that a person should look at; logged now and then. */
  readonly warnOf: (from: Readonly<Source>, warning: string) => void;
  /** A report of the source that could not be read, and is kept for a look; logged now and then. */
  readonly quarantinedOf: (from: Readonly<Source>, problem: string) => void;
  /** Aborted when the server stops, so that held requests end. */
  readonly stopping: AbortSignal;
}
