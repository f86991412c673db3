import type { Random } from '../kit/random.ts';
import type { RunningServer } from '../kit/server.ts';
import { partiesOf } from './conversation.ts';
import { type FakeApp, isFinished, type RegisteredCall } from './fakeApp.ts';
import type { GivenRecord } from './fakeDesktop.ts';
import { type FakePbx, isAcknowledged } from './fakePbx.ts';
import type { Findings } from './findings.ts';
import { getJson, type ListedCall, type Range, readListing } from './storedCalls.ts';
import { readLines } from './storedLines.ts';

/** Everything that was told in all rounds, by the names it is listed under. */
export interface Reported {
  readonly calls: Set<string>;
  readonly lines: Set<string>;
  /** Calls that have ended. */
  ended: number;
  /** Told of by two, the second so late that the first one's call had settled: listed as a possible match instead of joined. */
  late: number;
}

/** What was told in one round, by whom, and where it is to be found. */
export interface Round {
  readonly pbx: FakePbx;
  readonly app: FakeApp;
  /** Calls of this round start within them. */
  readonly ranges: readonly Range[];
  /** When it began (performance.now). */
  readonly beganAt: number;
}

/** A call that one of two has told of waits this long for the other (ARCHITECTURE.md, section 2). */
const PARTNER_SETTLE_DELAY_MS = 30_000;

/** Right after a restart: whatever was acknowledged is there, and not twice. */
export async function compareAnswered(
  server: RunningServer,
  { pbx, app, ranges }: Round,
  reported: Reported,
  found: Findings,
): Promise<void> {
  const listed = await readListing(server, ranges, found);
  const lines = await readLines(server, ranges, found);
  for (const call of pbx.sent) {
    if (isAcknowledged(call) && !listed.has(call.callId)) found.lost.add(call.callId);
  }
  for (const { token, conversation, accepted } of app.calls) {
    if (token === null) continue;
    const isJoined = conversation.callId !== null && (listed.get(conversation.callId)?.aliases.length ?? 0) > 0;
    if (!listed.has(token) && !isJoined) found.lost.add(`${token}, ${partiesOf(conversation)}`);
    if (accepted > 0 && !lines.has(token)) found.lost.add(`the line of ${token}`);
  }
  const known = new Set([...pbx.sent.map(call => call.callId), ...app.calls.map(call => call.token)]);
  const unknown = [...listed.values()].filter(
    call => !known.has(call.externalId) && !reported.calls.has(call.externalId),
  );
  // Stored, and the answer with the CALL_ID was lost: each is found again when its registration is repeated.
  const unanswered = app.calls.filter(call => call.token === null).length;
  const excess = unknown.filter((call, n) => call.source !== 'bitrix24' || n >= unanswered);
  for (const call of excess) found.invented.add(`${call.externalId} of ${call.source}`);
}

/**
 * When everybody has told everything: one call per real call, one line per finished registration and one per other ended
 * call, and nothing else. Answers with what is listed, by name.
 */
export async function compareReported(
  server: RunningServer,
  { pbx, app, ranges, beganAt }: Round,
  reported: Reported,
  found: Findings,
): Promise<ReadonlyMap<string, ListedCall>> {
  const listed = await readListing(server, ranges, found);
  const partners = Map.groupBy(
    app.calls.filter(call => call.conversation.callId !== null),
    call => call.conversation.callId!,
  );
  const lines = new Map<string, RegisteredCall | null>();
  for (const { callId } of pbx.sent) {
    const call = listed.get(callId);
    reported.calls.add(callId);
    reported.ended++;
    if (call === undefined) {
      found.lost.add(callId);
      continue;
    }
    const registered = partners.get(callId) ?? [];
    const separate = registered.filter(each => listed.has(each.token!));
    if (separate.length > 0) await takeSeparate(server, call, separate, listed, { reported, found, beganAt });
    const joined = registered.length - separate.length;
    if (call.aliases.length !== joined) {
      found.miscounted.add(`${callId} is made of ${1 + call.aliases.length} parts instead of ${1 + joined}`);
    }
    if (joined === 0) lines.set(`call.${call.id}`, null);
  }
  for (const call of app.calls) {
    const { token, conversation } = call;
    if (isFinished(call)) lines.set(token!, call);
    if (conversation.callId !== null) continue;
    reported.calls.add(token!);
    if (isFinished(call)) reported.ended++;
    const stored = listed.get(token!);
    if (stored === undefined) found.lost.add(`${token}, ${partiesOf(conversation)}`);
    else if ((stored.state === 'ended') !== isFinished(call) || stored.aliases.length > 0) {
      found.miscounted.add(
        `${token}, ${partiesOf(conversation)}, is ${stored.state}, with ${stored.aliases.length} more`,
      );
    }
  }
  for (const name of listed.keys()) if (!reported.calls.has(name)) found.invented.add(name);
  for (const name of lines.keys()) reported.lines.add(name);
  await compareLines(server, ranges, lines, reported, found);
  return listed;
}

interface Judging {
  readonly reported: Reported;
  readonly found: Findings;
  readonly beganAt: number;
}

/** Registrations of a call that are calls of their own: a mistake, unless they came too late to be joined by themselves. */
async function takeSeparate(
  server: RunningServer,
  call: ListedCall,
  separate: readonly RegisteredCall[],
  listed: ReadonlyMap<string, ListedCall>,
  { reported, found, beganAt }: Judging,
): Promise<void> {
  const { possibleMatches } = await getJson<{ possibleMatches: readonly number[] }>(server, `/v1/calls/${call.id}`);
  for (const { token, conversation } of separate) {
    const isLate =
      performance.now() - beganAt > PARTNER_SETTLE_DELAY_MS && possibleMatches.includes(listed.get(token!)!.id);
    if (isLate) reported.late++;
    else found.doubled.add(`${call.externalId} is there again as ${token}, ${partiesOf(conversation)}`);
    reported.calls.add(token!);
    reported.ended++;
  }
}

async function compareLines(
  server: RunningServer,
  ranges: readonly Range[],
  wanted: ReadonlyMap<string, RegisteredCall | null>,
  reported: Reported,
  found: Findings,
): Promise<void> {
  const lines = await readLines(server, ranges, found);
  for (const name of lines.keys()) if (!reported.lines.has(name)) found.invented.add(`the line of ${name}`);
  for (const [name, call] of wanted) {
    const line = lines.get(name);
    if (line === undefined) found.lost.add(`the line of ${name}`);
    if (line === undefined || call === null) continue;
    const { register, finish } = call;
    const said = [String(finish!['DURATION']), String(register['TYPE']), register['EXTERNAL_CALL_ID'] ?? null];
    const listed = [line.CALL_DURATION, line.CALL_TYPE, line.EXTERNAL_CALL_ID];
    if (said.join() !== listed.join()) found.miscounted.add(`the line of ${name} says ${listed}, and ${said} was said`);
  }
}

interface CallParts {
  readonly reports: readonly { readonly kind: string; readonly raw: string }[];
  readonly records: readonly { readonly handle: number }[];
}

/** Looks into some of the calls that others than the PBX told of too: everybody's word is in them once. */
export async function compareParts(
  server: RunningServer,
  { pbx, app }: Round,
  records: readonly GivenRecord[],
  listed: ReadonlyMap<string, ListedCall>,
  { random, calls }: { readonly random: Random; readonly calls: number },
  found: Findings,
): Promise<void> {
  const registered = new Map(app.calls.map(call => [call.conversation.callId, call]));
  const completed = new Map(records.filter(each => each.result !== null).map(each => [each.call?.callId, each]));
  const reported = pbx.sent.map(call => call.callId);
  const shared = reported.filter(callId => registered.has(callId) || completed.has(callId));
  for (const callId of some(shared, calls, random)) {
    const id = listed.get(callId)?.id;
    if (id === undefined) continue;
    const parts = await getJson<CallParts>(server, `/v1/calls/${id}`);
    const count = (kind: string, text = '') =>
      parts.reports.filter(each => each.kind === kind && each.raw.includes(text)).length;
    const token = registered.get(callId)?.token ?? null;
    // What came too late to be joined is a call of its own.
    const isPart = token !== null && !listed.has(token);
    const handle = completed.get(callId)?.handle ?? null;
    const expected = {
      register: isPart ? 1 : 0,
      finish: isPart ? 1 : 0,
      completed: handle === null ? 0 : 1,
    };
    const stored = {
      register: count('bitrix24.register'),
      finish: count('bitrix24.finish', token ?? ''),
      completed: Math.max(count('genesys.CompleteRecord'), parts.records.filter(each => each.handle === handle).length),
    };
    for (const name of ['register', 'finish', 'completed'] as const) {
      if (stored[name] === expected[name]) continue;
      found.miscounted.add(`${callId}: ${name} is in it ${stored[name]} times instead of ${expected[name]}`);
    }
  }
}

/** Some of them, perhaps one of them twice. */
export function some<T>(of: readonly T[], count: number, random: Random): T[] {
  return Array.from({ length: Math.min(count, of.length) }, () => random.pick(of));
}
