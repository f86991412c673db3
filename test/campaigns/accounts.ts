/** What everybody has told in all rounds of a campaign, held against what a server shows of it. */
import type { Random } from '../kit/random.ts';
import type { RunningServer } from '../kit/server.ts';
import type { Cast } from './cast.ts';
import type { GivenRecord } from './fakeDesktop.ts';
import { addFindings, type Findings } from './findings.ts';
import { compareAnswered, compareParts, compareReported, type Reported, some } from './roundBook.ts';
import { compareEverything, compareLegs, compareTotals, type ListedCall } from './storedCalls.ts';
import { readLines } from './storedLines.ts';
import { compareAcknowledged, compareHandedOut, compareRecords } from './storedRecords.ts';

/** Calls of which more is looked at after each round than the listing. */
const DETAILS_PER_ROUND = 8;
/** Records completed earlier that are looked at again after each round. */
const EARLIER_RECORDS_PER_ROUND = 20;

export class Accounts {
  readonly reported: Reported = { calls: new Set(), lines: new Set(), ended: 0, late: 0 };
  /** Real calls that several told of. */
  sharedCalls = 0;
  private readonly cast: Cast;
  private readonly random: Random;
  /** Calls that were made for a record, by the PBX's id. */
  private readonly madeCalls = new Map<string, ListedCall>();
  /** All records that were handed out before this round, and those of them that were not completed then. */
  private before: readonly GivenRecord[] = [];
  private open: readonly GivenRecord[] = [];

  constructor(cast: Cast, random: Random) {
    this.cast = cast;
    this.random = random;
  }

  /** Records that are completed. */
  get completed(): number {
    return [...this.cast.given.values()].filter(each => each.result !== null).length;
  }

  beginRound(): void {
    this.before = [...this.cast.given.values()];
    this.open = this.before.filter(each => each.result === null);
  }

  /** Before anybody tells the rest: whatever was acknowledged is there. */
  async compareAnswered(server: RunningServer, found: Findings): Promise<void> {
    await compareAnswered(server, this.cast.round, this.reported, found);
    await compareAcknowledged(server, [...this.open, ...this.givenInRound()], found);
  }

  /** When everybody has told the rest of the round: it is there, and nothing else. */
  async compareRound(server: RunningServer, found: Findings): Promise<void> {
    const earlier = some(this.before, EARLIER_RECORDS_PER_ROUND, this.random);
    await this.compare(server, [...new Set([...this.open, ...this.givenInRound(), ...earlier])], found);
  }

  /** The same, with all records. */
  compareAll(server: RunningServer, found: Findings): Promise<void> {
    return this.compare(server, [...this.cast.given.values()], found);
  }

  /** The whole listing and all lines, without a filter. */
  async compareFully(server: RunningServer, found: Findings): Promise<void> {
    const { reported } = this;
    addFindings(found, await compareEverything(server, reported.calls));
    const lines = await readLines(server, [null], found);
    for (const name of lines.keys()) if (!reported.lines.has(name)) found.invented.add(`the line of ${name}`);
    for (const name of reported.lines) if (!lines.has(name)) found.lost.add(`the line of ${name}`);
  }

  private async compare(server: RunningServer, records: readonly GivenRecord[], found: Findings): Promise<void> {
    const { cast, random, reported } = this;
    const { round } = cast;
    const { pbx, app } = round;
    const listed = await compareReported(server, round, reported, found);
    await compareParts(server, round, records, listed, { random, calls: DETAILS_PER_ROUND }, found);
    const parted = pbx.sent.filter(call => call.events.length > 1);
    for (const call of some(parted, DETAILS_PER_ROUND, random)) {
      const id = listed.get(call.callId)?.id;
      if (id !== undefined) addFindings(found, await compareLegs(server, id, call));
    }
    for (const { call } of records) {
      const stored = listed.get(call?.callId ?? '');
      if (stored !== undefined) this.madeCalls.set(stored.externalId, stored);
    }
    await compareRecords(server, records, this.madeCalls, found);
    await compareHandedOut(server, cast.given, cast.rows, found);
    addFindings(found, await compareTotals(server, reported.ended));
    for (const surprise of pbx.surprises) found.miscounted.add(`unexpected answer: ${surprise}`);
    addFindings(found, app.found);
    for (const desktop of cast.desktops) addFindings(found, desktop.takeFindings());
    const known = new Set([
      ...app.calls.map(each => each.conversation.callId),
      ...records.map(each => each.call?.callId),
    ]);
    this.sharedCalls += pbx.sent.filter(({ callId }) => known.has(callId)).length;
  }

  /** Records are kept in the order in which they were handed out. */
  private givenInRound(): readonly GivenRecord[] {
    return [...this.cast.given.values()].slice(this.before.length);
  }
}
