/** An office for the tests of this room: two PBXs, a telephony application, three people, and a clock that is set by hand. */

import type { AnyEntity } from '../../ledger/entity.ts';
import { journal } from '../../ledger/journal.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import type { Store } from '../../ledger/testing/testStores.ts';
import { EVERYWHERE, extension, FOREVER } from '../../people/entities.ts';
import { holderOf } from '../../people/holders.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { type Countable, statisticsEntities } from '../../statistics/entities.ts';
import { countCall } from '../../statistics/onCall.ts';
import { findMiscounts } from '../../statistics/recount.ts';
import type { Direction } from '../../values/direction.ts';
import { localDay } from '../../values/zonedTime.ts';
import {
  type Call,
  call,
  callEntities,
  link,
  participation,
  queueVisit,
  sourceCall,
  sourceClock,
} from '../entities.ts';
import type { CallChange, CallsContext } from '../fold/refold.ts';
import { joinCalls, keepApart, splitCall } from '../matching/decide.ts';
import { type Accepted, acceptReport } from '../reports/accept.ts';
import { correctCall, retractCorrection } from '../reports/corrections.ts';
import type { CorrectedFields, IncomingReport, LegFact, LegStatus, StatedCall } from '../reports/report.ts';
import { callIdOf, sourceCallsOf } from '../reports/sourceCalls.ts';
import { settledCalls } from '../settling/expansion.ts';
import { isSettled } from '../settling/line.ts';
import { settleCalls } from '../settling/settle.ts';
import { CALLER_E164, legFact, legReport, NATIVE, PBX, SERIAL, START, statedCall } from './testReports.ts';
import { testSources } from './testSources.ts';

export const PORTAL = { ...NATIVE, id: 3, key: 'bitrix24', kind: 'bitrix24' as const };
const OTHER_SERIAL = '3651X0000002';
export const OTHER_PBX = { ...PBX, id: 4, key: 'branch' };

/** Extension 2001 is user 1's, 2002 user 2's, 2003 user 3's; nobody holds the others. */
export const AGENTS = [1, 2, 3] as const;
export const extensionOf = (userId: number): string => `200${userId}`;

export const ENTITIES: readonly AnyEntity[] = [extension, ...sourceEntities, ...callEntities, ...statisticsEntities];
const COUNTABLE: Countable = { calls: call, participations: participation, visits: queueVisit };

/** Seconds after START. */
const at = (seconds: number): number => START + Math.round(seconds * 1000);

export interface LegInput {
  /** Whose extension; 0 an extension that nobody holds. */
  readonly user?: number;
  readonly number?: string | null;
  readonly direction?: 'inbound' | 'outbound';
  readonly start: number;
  readonly duration?: number;
  readonly status?: LegStatus;
  readonly pbx?: typeof OTHER_PBX;
  readonly more?: Partial<LegFact>;
}

/** A stage of a call at a PBX between a user's extension and a number outside, answered after two seconds. */
export function legOf(callId: string, said: LegInput): IncomingReport {
  const { user = 1, number = CALLER_E164, direction = 'inbound', start, duration = 30, status = 'answered' } = said;
  const inner = user === 0 ? '3999' : extensionOf(user);
  const talk = status === 'answered' ? Math.max(0, duration - 2) : 0;
  const [from, to] = direction === 'inbound' ? [number, inner] : [inner, number];
  const { pbx = PBX, more = {} } = said;
  const incoming = legReport(callId, legFact(to, start, status, [duration, talk], { from, direction, ...more }));
  return { ...incoming, sourceId: pbx.id, name: `${pbx === OTHER_PBX ? OTHER_SERIAL : SERIAL}|${callId}` };
}

export interface Registered {
  readonly token: string;
  readonly user?: number;
  readonly number?: string | null;
  readonly direction?: Direction;
  readonly start: number;
  /** Whether the application stated the start. */
  readonly clocked?: boolean;
  /** The PBX's id of the call, where the application names it. */
  readonly name?: string | null;
}

export interface Finished {
  readonly duration: number;
  /** Who finishes it; the one who registered it unless said otherwise. */
  readonly user?: number;
  readonly states?: Partial<StatedCall>;
  readonly awaitsRecording?: boolean;
}

export function registrationOf(registered: Registered): IncomingReport {
  return told(registered, 'register', {}, registered.user ?? 1, null);
}

export function finishOf(registered: Registered, finished: Finished): IncomingReport {
  const { duration, user = registered.user ?? 1, states = {}, awaitsRecording = false } = finished;
  const endedAt = at(registered.start + duration);
  const end = { endedAt, durationSeconds: duration, talkSeconds: duration, ...states };
  return { ...told(registered, 'finish', end, user, endedAt), awaitsRecording };
}

function told(
  { token, number = CALLER_E164, direction = 'inbound', start, clocked = true, name = null }: Registered,
  key: 'register' | 'finish',
  states: Partial<StatedCall>,
  userId: number,
  endedAt: number | null,
): IncomingReport {
  const startedAt = at(start);
  const [from, to] = direction === 'inbound' ? [number, null] : [null, number];
  const fact = statedCall(token, { direction, from, to, startedAt, userId, ...states });
  return {
    sourceId: PORTAL.id,
    kind: `bitrix24.${key}`,
    name: token,
    key,
    fact,
    registration: { userId, number, direction, startedAt, endedAt, externalId: name, clocked },
    contentType: 'application/json',
    raw: new TextEncoder().encode(JSON.stringify(fact)),
    warnings: [],
  };
}

const SAYING = { author: 'anna', contentType: null, raw: new Uint8Array(0) };

export class TestOffice implements AsyncDisposable {
  readonly on: TestLedger;
  /** What the reactors were told, in order. */
  readonly changes: CallChange[] = [];
  readonly context: CallsContext;

  private constructor(on: TestLedger) {
    this.on = on;
    this.context = {
      sources: testSources,
      holderOf,
      dayOf: (_state, instant) => localDay('UTC', instant),
      reactors: [countCall, (_state, change) => this.changes.push(change)],
      lateReactors: [],
    };
  }

  /** `clocksKnown`: every source has shown that its clock is right, so that what comes late measures nothing. */
  static async open(store: Store, { clocksKnown = true, portalActive = true } = {}): Promise<TestOffice> {
    const on = await TestLedger.open(store);
    on.time.now = START;
    await on.submit(state => {
      for (const each of [PBX, NATIVE, OTHER_PBX]) state.put(source, each);
      state.put(source, { ...PORTAL, active: portalActive });
      for (const userId of AGENTS) {
        state.put(extension, { number: extensionOf(userId), source: EVERYWHERE, from: 0, until: FOREVER, userId });
      }
      if (!clocksKnown) return;
      const hour = Math.floor(START / 3_600_000);
      for (const { id } of [PBX, PORTAL, OTHER_PBX]) {
        state.put(sourceClock, { sourceId: id, hours: [{ hour, leastMs: 0, samples: 3 }] });
      }
    });
    return new TestOffice(on);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.on.close();
  }

  /** Seconds after START, never backwards. */
  wait(seconds: number): void {
    this.on.time.now = Math.max(this.on.time.now, at(seconds));
  }

  tell(incoming: IncomingReport): Promise<Accepted> {
    return this.on.ledger.submit(acceptReport(incoming, this.context));
  }

  /** One after another; answers with the source calls. */
  async tellAll(...reports: readonly IncomingReport[]): Promise<number[]> {
    const sourceCalls: number[] = [];
    for (const each of reports) sourceCalls.push((await this.tell(each)).sourceCallId);
    return sourceCalls;
  }

  join(id: number, withId: number, reason: string | null = null): Promise<number> {
    return this.on.ledger.submit(joinCalls(id, withId, reason, { ...SAYING, kind: 'native.joined' }, this.context));
  }

  split(id: number, sourceCalls: readonly number[] | null = null, reason: string | null = null): Promise<number> {
    return this.on.ledger.submit(
      splitCall(id, sourceCalls, reason, { ...SAYING, kind: 'native.separated' }, this.context),
    );
  }

  keepApart(id: number, withId: number): Promise<void> {
    return this.on.ledger.submit(keepApart(id, withId, { ...SAYING, kind: 'native.separated' }));
  }

  async correct(id: number, fields: CorrectedFields): Promise<number> {
    return (
      await this.on.ledger.submit(correctCall(id, fields, null, { ...SAYING, kind: 'native.correction' }, this.context))
    ).n;
  }

  takeBack(id: number, n: number): Promise<void> {
    return this.on.ledger.submit(retractCorrection(id, n, { ...SAYING, kind: 'native.retraction' }, this.context));
  }

  /** What the settling worker does when its time has come: settles what is due now. */
  async settleDue(): Promise<number[]> {
    const { now } = this.on.time;
    const calls = await this.calls();
    const due = await this.on.submit(state =>
      calls.filter(each => each.settlesAt !== null && each.settlesAt <= now && !isSettled(state, each)),
    );
    if (due.length > 0) await this.on.ledger.submit(settleCalls());
    return due.map(each => each.id);
  }

  /** Everything there is settles, however long it would have waited. */
  async settleAll(): Promise<void> {
    this.on.time.now += 10 * 60_000;
    await this.settleDue();
  }

  calls(): Promise<Call[]> {
    return this.on.rows(call);
  }

  /** The source calls of each call: the first is its id. */
  async groups(): Promise<number[][]> {
    return (await this.calls()).map(each => [...sourceCallsOf(each)]);
  }

  /** The call an id leads to. */
  async call(id: number): Promise<Call> {
    const callId = await this.on.submit(state => callIdOf(state, id));
    const found = (await this.calls()).find(each => each.id === callId);
    if (found === undefined) throw new Error(`${id} leads to ${callId}, which is no call`);
    return found;
  }

  /** Which registration is part of which PBX's call. */
  async pairs(): Promise<string[]> {
    const rows = await this.on.rows(link);
    const kinds = new Map((await this.on.rows(sourceCall)).map(each => [each.id, each.kind]));
    return rows
      .filter(each => each.verdict === 'matched')
      .map(({ a, b }) => (kinds.get(a) === 'registration' ? ([a, b] as const) : ([b, a] as const)))
      .sort((one, other) => one[0] - other[0])
      .map(each => each.join('='));
  }

  async suspicions(): Promise<string[]> {
    return (await this.on.rows(link)).filter(each => each.verdict === 'suspected').map(({ a, b }) => `${a}?${b}`);
  }

  async aliases(): Promise<string[]> {
    const rows = await this.on.rows(sourceCall);
    return rows.filter(({ id, callId }) => callId !== id).map(({ id, callId }) => `${id}>${callId}`);
  }

  /** What people decided, `a=b` or `a/b`. */
  async decisions(): Promise<string[]> {
    const rows = (await this.on.rows(link)).filter(each => each.by === 'person');
    return rows.map(({ a, b, verdict }) => `${a}${verdict === 'joined' ? '=' : '/'}${b}`);
  }

  /** When a call is due to settle, seconds after START; null when it has, undefined when it waits for nothing. */
  async dueIn(id: number): Promise<number | null | undefined> {
    const row = (await this.calls()).find(each => each.id === id);
    if (row === undefined) return undefined;
    if (await this.on.submit(state => isSettled(state, row))) return null;
    return row.settlesAt === null ? undefined : (row.settlesAt - START) / 1000;
  }

  /** `kind call`, in order, from the `since`th on, as readers of the journal are told. */
  async told(since = 0): Promise<string[]> {
    const told: string[] = [];
    for (const entry of await this.on.rows(journal)) {
      const isMany = entry.kind === settledCalls.kind;
      const entries = isMany ? await settledCalls.parts(this.on.ledger.reader, [entry], null, 1_000) : null;
      told.push(...(entries?.parts ?? [entry]).map(each => `${each.kind} ${each.callId}`));
    }
    return told.slice(since);
  }

  /** What does not add up in the statistics. */
  miscounts(): Promise<string[]> {
    return Array.fromAsync(findMiscounts(this.on.ledger.reader, COUNTABLE, 'UTC', () => {}));
  }
}
