/** What `/v1` answers, as a client in another language would write it down. Instants are ISO 8601 in UTC. */
export interface CallView {
  readonly id: number;
  readonly externalId: string | null;
  readonly source: string;
  readonly state: 'open' | 'ended' | 'unfinished';
  readonly direction: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly fromE164: string | null;
  readonly toE164: string | null;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  readonly settledAt: string | null;
  readonly historical: boolean;
  readonly durationSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly queueWaitSeconds: number | null;
  readonly outcome: string;
  readonly short: boolean;
  readonly cause: string | null;
  readonly disposition: string | null;
  readonly userId: number | null;
  readonly extension: string | null;
  readonly queue: string | null;
  readonly line: string | null;
  readonly trunkIn: string | null;
  readonly trunkOut: string | null;
  readonly did: string | null;
  readonly didName: string | null;
  readonly recording: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly vote: number | null;
  readonly failedReason: string | null;
  readonly note: string | null;
  readonly links: readonly string[];
  /** Ids that lead here as well. */
  readonly aliases: readonly number[];
  /** Who took part, by user. */
  readonly participants: readonly ParticipantView[];
  /** Which queues it was in, each once. */
  readonly queues: readonly QueueView[];
}

export interface QueueView {
  readonly source: string;
  readonly queue: string;
  readonly outcome: string;
  readonly waitSeconds: number | null;
}

export interface ParticipantView {
  readonly userId: number;
  readonly role: string;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
}

export interface LegView {
  readonly id: number;
  readonly startedAt: string;
  readonly startedAtLocal: string | null;
  readonly endedAt: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly direction: string;
  readonly party: string;
  readonly status: string;
  readonly cause: string | null;
  readonly durationSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly agentRingSeconds: number | null;
  readonly trunkIn: string | null;
  readonly trunkOut: string | null;
  readonly did: string | null;
  readonly didName: string | null;
  readonly recording: string | null;
  readonly noteId: string | null;
  readonly noteEditable: boolean | null;
  readonly uid: string | null;
  readonly userId: number | null;
}

export interface ReportView {
  readonly id: number;
  /** Which call it was reported for: the call's own id or one of its aliases. */
  readonly sourceCallId: number;
  readonly source: string | null;
  readonly kind: string;
  readonly receivedAt: string;
  readonly deliveries: number;
  readonly warnings: readonly string[];
  readonly contentType: string | null;
  readonly raw: string;
  /** A person's decision on which calls are one. */
  readonly matchDecision?: {
    readonly verdict: 'joined' | 'separated';
    readonly callIds: readonly number[];
    readonly author: string;
    readonly at: string;
    readonly reason: string | null;
  };
}

export interface EntryView {
  /** Null of `call.settled`: it is read from the call's row. */
  readonly position: number | null;
  readonly at: string;
  readonly kind: string;
  readonly callId: number | null;
  readonly fields?: readonly string[];
}

export interface CallDetail extends CallView {
  readonly legs: readonly LegView[];
  readonly reports: readonly ReportView[];
  /** Ids of calls that look like this one, found too late to be joined automatically. */
  readonly possibleMatches: readonly number[];
  readonly journal: readonly EntryView[];
}

export interface CallPage {
  readonly items: readonly CallView[];
  readonly next: string | null;
  readonly searchedTo: string | null;
}

export interface QuarantinedView {
  readonly id: number;
  readonly source: string | null;
  readonly reason: 'unreadable' | 'other_event';
  readonly problem: string;
  readonly state: 'waiting' | 'replayed';
  readonly callId: number | null;
  readonly contentType: string | null;
  readonly raw: string;
}

export interface SecondsRangeView {
  readonly over: number | null;
  readonly upTo: number | null;
}

export interface SpreadView {
  readonly known: number;
  readonly p50: SecondsRangeView | null;
  readonly p90: SecondsRangeView | null;
  readonly max: SecondsRangeView | null;
}

export interface FiguresView {
  readonly calls: number;
  readonly short: number;
  readonly answered: number;
  readonly missed: number;
  readonly abandoned: number;
  readonly unanswered: number;
  readonly busy: number;
  readonly declined: number;
  readonly cancelled: number;
  readonly voicemail: number;
  readonly ivrOnly: number;
  readonly failed: number;
  readonly unreachable: number;
  readonly invalidNumber: number;
  readonly blocked: number;
  readonly unknown: number;
  readonly overflowed?: number;
  readonly rangOnly?: number;
  readonly talkSeconds: number;
  readonly ringSeconds: number;
  readonly cost: readonly { readonly currency: string | null; readonly amount: string }[];
  readonly rings: SpreadView | null;
  /** Query of `GET /v1/calls`. */
  readonly filter: string;
}

export interface QueueFiguresView extends FiguresView {
  readonly offered: number;
  readonly answeredWithin: number;
  readonly answerWithinSeconds: number | null;
  readonly serviceLevel: number | null;
  readonly waitSeconds: number;
  readonly waits: SpreadView;
}

export interface SummaryView<Figures extends FiguresView = FiguresView> {
  readonly by: readonly string[];
  readonly timeZone: string;
  readonly rows: readonly ({ readonly key: string | null; readonly key2?: string | null } & Figures)[];
  readonly totals: Figures;
  readonly rowsCountUsers: boolean;
  readonly rowsMayExceedTotals: boolean;
  readonly columns: Readonly<Record<string, string>>;
  readonly next: string | null;
}

export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
}
