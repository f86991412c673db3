/** The common questions of the bench of growth, over HTTP as people and programs ask them. */

import { webhookPath } from '../test/kit/portal.ts';
import { processUse } from '../test/kit/processUse.ts';
import type { RunningServer } from '../test/kit/server.ts';
import type { LedgerPlaces } from './growthLedger.ts';
import { median } from './median.ts';

const DAY_MS = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();

export interface AskedQuestion {
  readonly name: string;
  readonly path: string;
  readonly body?: object;
}

export interface Answered {
  readonly name: string;
  readonly milliseconds: number;
  /** Processor time of all threads of the server. */
  readonly cpuMilliseconds: number | null;
  /** Rows of the answer, and what it says of more. */
  readonly said: string;
}

const calls = (name: string, query: Record<string, string>): AskedQuestion => ({
  name: `calls: ${name}`,
  path: `/v1/calls?${new URLSearchParams(query)}`,
});
const statistic = (name: string, body: object): AskedQuestion => ({
  name: `statistic.get: ${name}`,
  path: webhookPath('voximplant.statistic.get'),
  body,
});
const counts = (name: string, query: Record<string, string>): AskedQuestion => ({
  name: `statistics: ${name}`,
  path: `/v1/statistics/${query['of'] ?? 'summary'}?${new URLSearchParams(Object.entries(query).filter(([key]) => key !== 'of'))}`,
});

export function questionsAbout({
  newestAt,
  middleAt,
  middleId,
  externalId,
  token,
  lines,
}: LedgerPlaces): AskedQuestion[] {
  const cursor = Buffer.from(`${middleAt}.${middleId}`).toString('base64url');
  const day = { startedFrom: iso(middleAt), startedTo: iso(middleAt + DAY_MS) };
  const today = iso(newestAt - (newestAt % DAY_MS));
  const month = iso(newestAt - 30 * DAY_MS);
  return [
    calls('newest', {}),
    calls('in the middle', { cursor }),
    calls('of a day, a later page', {
      ...day,
      cursor: Buffer.from(`${middleAt + DAY_MS / 2}.0`).toString('base64url'),
    }),
    calls('user', { user: '102' }),
    calls('user, in the middle', { user: '102', cursor }),
    calls('user=none', { user: 'none' }),
    calls('queue', { queue: '6400' }),
    calls('outcome of a day', { ...day, outcome: 'busy' }),
    calls('outcome, none there', { outcome: 'blocked' }),
    calls('state=unfinished', { state: 'unfinished' }),
    calls('state=unfinished, up to a day', { state: 'unfinished', startedTo: iso(middleAt) }),
    calls('number', { number: '+442079460123' }),
    calls('number, nobody has it', { number: '+442079460999' }),
    calls('externalId', { externalId }),
    statistic('first page and total', {}),
    statistic('start -1, >ID', { FILTER: { '>ID': middleId }, start: -1 }),
    statistic('half way by start, total', { start: Math.floor(lines / 2) }),
    statistic('a day, by ID, total', {
      FILTER: { '>=CALL_START_DATE': iso(middleAt), '<CALL_START_DATE': iso(middleAt + DAY_MS) },
    }),
    statistic('the last day, by ID, total', { FILTER: { '>=CALL_START_DATE': iso(newestAt - DAY_MS) } }),
    statistic('the last half, by ID, total', { FILTER: { '>=CALL_START_DATE': iso(middleAt) } }),
    statistic('newest by date, start -1', { SORT: 'CALL_START_DATE', ORDER: 'DESC', start: -1 }),
    statistic('user, total', { FILTER: { PORTAL_USER_ID: 102 } }),
    statistic('CALL_ID', { FILTER: { CALL_ID: token } }),
    statistic('PHONE_NUMBER, total', { FILTER: { PHONE_NUMBER: '+442079460999' } }),
    statistic('%PHONE_NUMBER, total', { FILTER: { '%PHONE_NUMBER': '794699' } }),
    statistic('CALL_FAILED_CODE, total', { FILTER: { CALL_FAILED_CODE: '486' } }),
    statistic('by COST, total', { SORT: 'COST', ORDER: 'DESC' }),
    counts('today by hour', { startedFrom: today, by: 'hour' }),
    counts('30 days by day', { startedFrom: month, by: 'day' }),
    counts('30 days by user', { startedFrom: month, by: 'user' }),
    counts('30 days by queue', { of: 'queues', startedFrom: month, by: 'queue' }),
    counts('since ever by day', { by: 'day' }),
  ];
}

/** Asks each once, and then `times` times in a row. */
export async function askAll(
  server: RunningServer,
  questions: readonly AskedQuestion[],
  times: number,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const question of questions) {
    const said = await ask(server, question);
    const before = processUse(server.pid);
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      const began = performance.now();
      await ask(server, question);
      took.push(performance.now() - began);
    }
    const after = processUse(server.pid);
    const cpuSeconds = before === null || after === null ? null : after.cpuSeconds - before.cpuSeconds;
    answers.push({
      name: question.name,
      milliseconds: median(took),
      cpuMilliseconds: cpuSeconds === null ? null : (cpuSeconds * 1000) / times,
      said,
    });
  }
  return answers;
}

async function ask({ url, token }: RunningServer, { path, body }: AskedQuestion): Promise<string> {
  const authorization = body === undefined ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.status !== 200) throw new Error(`${path} was answered ${response.status} ${JSON.stringify(answer)}`);
  const rows = (answer['items'] ?? answer['result'] ?? answer['rows']) as readonly unknown[];
  const total = answer['total'] === undefined ? '' : ` of ${answer['total']}`;
  const searched = answer['searchedTo'] == null ? '' : ', searched a part';
  return `${rows.length}${total}${searched}`;
}
