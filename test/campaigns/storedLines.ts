import { webhookPath } from '../kit/portal.ts';
import type { RunningServer } from '../kit/server.ts';
import type { Findings } from './findings.ts';
import type { Range } from './storedCalls.ts';

/** A line of `voximplant.statistic.get`, as far as the campaigns look at it. */
export interface StatisticLine {
  readonly ID: string;
  readonly CALL_ID: string;
  readonly CALL_DURATION: string;
  readonly CALL_TYPE: string;
  readonly EXTERNAL_CALL_ID: string | null;
}

const PAGE = 50;

/** By CALL_ID, what the portal lists; one that is there twice is a finding. `null`: everything. */
export async function readLines(
  server: RunningServer,
  ranges: readonly (Range | null)[],
  found: Findings,
): Promise<ReadonlyMap<string, StatisticLine>> {
  const lines = new Map<string, StatisticLine>();
  const ids = new Set<string>();
  for (const range of ranges) {
    for await (const line of listedLines(server, range)) {
      if (lines.has(line.CALL_ID) || ids.has(line.ID)) found.doubled.add(`the line of ${line.CALL_ID}`);
      lines.set(line.CALL_ID, line);
      ids.add(line.ID);
    }
  }
  return lines;
}

/** Page by page by the id, without counting: an offset would be walked from the first line each time. */
async function* listedLines(server: RunningServer, range: Range | null): AsyncGenerator<StatisticLine> {
  const instant = (ms: number): string => new Date(ms).toISOString();
  for (let after = '0'; ; ) {
    const filter = {
      '>ID': after,
      ...(range === null ? {} : { '>=CALL_START_DATE': instant(range.fromMs) }),
      ...(range?.toMs === undefined ? {} : { '<CALL_START_DATE': instant(range.toMs) }),
    };
    const response = await fetch(server.url + webhookPath('voximplant.statistic.get'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ FILTER: filter, SORT: 'ID', ORDER: 'ASC', start: -1 }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`voximplant.statistic.get answered ${response.status}: ${text}`);
    const { result } = JSON.parse(text) as { result: readonly StatisticLine[] };
    yield* result;
    if (result.length < PAGE) return;
    after = result.at(-1)!.ID;
  }
}
