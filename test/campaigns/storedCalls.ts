import type { RunningServer } from '../kit/server.ts';
import { isAcknowledged, type SentCall } from './pretendedPbx.ts';

/** A call as `GET /v1/calls` lists it, as far as the campaigns look at it. */
interface ListedCall {
  readonly id: number | string;
  readonly externalId: string;
}

interface Page {
  readonly items: readonly ListedCall[];
  readonly next: string | null;
}

const KINDS = ['lost', 'doubled', 'invented', 'miscounted'] as const;

/** What is wrong with the store. All empty when nothing is. */
export interface Findings {
  /** Acknowledged, and not there. */
  readonly lost: Set<string>;
  /** There more than once. */
  readonly doubled: Set<string>;
  /** There, and never sent. */
  readonly invented: Set<string>;
  /** Legs, counts or statistics that are not as sent. */
  readonly miscounted: Set<string>;
}

export const noFindings = (): Findings => ({
  lost: new Set(),
  doubled: new Set(),
  invented: new Set(),
  miscounted: new Set(),
});

export function addFindings(into: Findings, found: Findings): void {
  for (const kind of KINDS) for (const each of found[kind]) into[kind].add(each);
}

export const findingsCount = ({ lost, doubled, invented, miscounted }: Findings): number =>
  lost.size + doubled.size + invented.size + miscounted.size;

/** For people; empty when nothing is wrong. */
export function describeFindings(findings: Findings): string {
  return KINDS.filter(kind => findings[kind].size > 0)
    .map(kind => `${findings[kind].size} ${kind} (${[...findings[kind]].slice(0, 3).join('; ')})`)
    .join(', ');
}

const PAGE = 500;

/** Walks all pages of the listing; `range` narrows it to calls that started in it, UTC milliseconds, end exclusive. */
async function* listedCalls(
  server: RunningServer,
  range: { readonly fromMs: number; readonly toMs: number } | null,
): AsyncGenerator<ListedCall> {
  const started =
    range === null
      ? ''
      : `&startedFrom=${new Date(range.fromMs).toISOString()}&startedTo=${new Date(range.toMs).toISOString()}`;
  let cursor: string | null = null;
  do {
    const page: Page = await getJson(
      server,
      `/v1/calls?limit=${PAGE}${started}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/**
 * Compares what was sent in a range of time with what is listed there. `complete`: everything sent is to be there, not
 * only what was acknowledged.
 */
export async function compareRange(
  server: RunningServer,
  range: { readonly fromMs: number; readonly toMs: number },
  sent: readonly SentCall[],
  complete: boolean,
): Promise<{ readonly findings: Findings; readonly ids: ReadonlyMap<string, number | string> }> {
  const findings = noFindings();
  const wanted = new Map(sent.map(call => [call.callId, call]));
  const ids = new Map<string, number | string>();
  for await (const { id, externalId } of listedCalls(server, range)) {
    if (!wanted.has(externalId)) findings.invented.add(externalId);
    else if (ids.has(externalId)) findings.doubled.add(externalId);
    ids.set(externalId, id);
  }
  for (const call of sent) {
    if (!ids.has(call.callId) && (complete || isAcknowledged(call))) findings.lost.add(call.callId);
  }
  return { findings, ids };
}

/** The whole listing, without a filter. */
export async function compareEverything(server: RunningServer, callIds: ReadonlySet<string>): Promise<Findings> {
  const findings = noFindings();
  const seen = new Set<string>();
  for await (const { externalId } of listedCalls(server, null)) {
    if (!callIds.has(externalId)) findings.invented.add(externalId);
    else if (seen.has(externalId)) findings.doubled.add(externalId);
    seen.add(externalId);
  }
  for (const callId of callIds) if (!seen.has(callId)) findings.lost.add(callId);
  return findings;
}

/** The legs of one call, each of which was told at least once, some repeatedly. */
export async function compareLegs(server: RunningServer, id: number | string, call: SentCall): Promise<Findings> {
  const findings = noFindings();
  const { legs } = await getJson<{ legs: readonly unknown[] }>(server, `/v1/calls/${id}`);
  const told = call.events.filter(event => !event.amends).length;
  if (legs.length !== told) findings.miscounted.add(`${call.callId} has ${legs.length} legs, ${told} were told`);
  return findings;
}

/** The statistics, which are kept beside the calls, must count the same. */
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
