import type { RunningServer } from '../kit/server.ts';
import { isAcknowledged, type SentCall } from './fakePbx.ts';
import { type Findings, noFindings } from './findings.ts';

/** A call as `GET /v1/calls` lists it, as far as the campaigns look at it. */
export interface ListedCall {
  readonly id: number;
  readonly externalId: string;
  readonly source: string;
  readonly state: 'open' | 'ended' | 'unfinished';
  /** Ids of what was joined into it: 0 when one reporter told of it alone. */
  readonly aliases: readonly number[];
}

interface Page {
  readonly items: readonly ListedCall[];
  readonly next: string | null;
}

/** UTC milliseconds, end exclusive; no end: everything after. */
export interface Range {
  readonly fromMs: number;
  readonly toMs?: number;
}

const PAGE = 500;

/** Walks all pages of the listing; `range` narrows it to calls that started in it. */
export async function* listedCalls(server: RunningServer, range: Range | null): AsyncGenerator<ListedCall> {
  const instant = (ms: number): string => new Date(ms).toISOString();
  const from = range === null ? '' : `&startedFrom=${instant(range.fromMs)}`;
  const to = range?.toMs === undefined ? '' : `&startedTo=${instant(range.toMs)}`;
  let cursor: string | null = null;
  do {
    const page: Page = await getJson(
      server,
      `/v1/calls?limit=${PAGE}${from}${to}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/** By the name each is to be listed under, what is listed; a name that is there twice is a finding. */
export async function readListing(
  server: RunningServer,
  ranges: readonly (Range | null)[],
  found: Findings,
): Promise<ReadonlyMap<string, ListedCall>> {
  const listed = new Map<string, ListedCall>();
  for (const range of ranges) {
    for await (const call of listedCalls(server, range)) {
      if (listed.has(call.externalId)) found.doubled.add(call.externalId);
      listed.set(call.externalId, call);
    }
  }
  return listed;
}

/**
 * Compares what a PBX sent in a range of time with what is listed there. `complete`: everything sent is to be there, not
 * only what was acknowledged.
 */
export async function compareRange(
  server: RunningServer,
  range: Range,
  sent: readonly SentCall[],
  complete: boolean,
): Promise<{ readonly findings: Findings; readonly ids: ReadonlyMap<string, number> }> {
  const findings = noFindings();
  const listed = await readListing(server, [range], findings);
  const wanted = new Set(sent.map(call => call.callId));
  for (const externalId of listed.keys()) if (!wanted.has(externalId)) findings.invented.add(externalId);
  for (const call of sent) {
    if (!listed.has(call.callId) && (complete || isAcknowledged(call))) findings.lost.add(call.callId);
  }
  return { findings, ids: new Map([...listed].map(([externalId, { id }]) => [externalId, id])) };
}

/** The whole listing, without a filter. */
export async function compareEverything(server: RunningServer, names: ReadonlySet<string>): Promise<Findings> {
  const findings = noFindings();
  const listed = await readListing(server, [null], findings);
  for (const name of listed.keys()) if (!names.has(name)) findings.invented.add(name);
  for (const name of names) if (!listed.has(name)) findings.lost.add(name);
  return findings;
}

/** The legs of one call, each of which was told at least once, some repeatedly. */
export async function compareLegs(server: RunningServer, id: number, call: SentCall): Promise<Findings> {
  const findings = noFindings();
  const { legs } = await getJson<{ legs: readonly unknown[] }>(server, `/v1/calls/${id}`);
  const reported = call.events.filter(event => !event.amends).length;
  if (legs.length !== reported)
    findings.miscounted.add(`${call.callId} has ${legs.length} legs, ${reported} were told`);
  return findings;
}

/** The statistics, which are kept beside the calls, must count the same; `calls` that have ended. */
export async function compareTotals(server: RunningServer, calls: number): Promise<Findings> {
  const findings = noFindings();
  const { rows, totals } = await getJson<{ rows: readonly { calls: number }[]; totals: { calls: number } }>(
    server,
    '/v1/statistics/summary?by=outcome',
  );
  const sum = rows.reduce((total, row) => total + row.calls, 0);
  if (totals.calls !== calls || sum !== calls) {
    findings.miscounted.add(`statistics count ${totals.calls} calls (rows: ${sum}) instead of ${calls}`);
  }
  return findings;
}

export async function getJson<T>(server: RunningServer, path: string): Promise<T> {
  const response = await server.get(path);
  if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
